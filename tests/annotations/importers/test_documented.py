from pathlib import Path

import pytest

from annotations.registry import IMPORTERS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "formats.md").read_text()


@pytest.mark.parametrize("importer", list(IMPORTERS))
def test_the_page_of_formats_names_every_importer_and_every_option(importer):
    assert f"`{importer}`" in PAGE
    for option in IMPORTERS[importer].options:
        assert f"`{option}`" in PAGE
