from importlib import import_module
from importlib.util import find_spec

import pytest

from annotations.registry import Catalogue
from tests.architecture.source import APPS, ROOT, exports_spec, pure_files, relative


def catalogues():
    found = {}
    for app in APPS:
        if find_spec(f"{app}.registry") is None:
            continue
        module = import_module(f"{app}.registry")
        found.update({f"{app}.{name}": value for name, value in vars(module).items() if isinstance(value, Catalogue)})
    assert found
    return found


CATALOGUES = catalogues()


@pytest.mark.parametrize("name", sorted(CATALOGUES))
def test_a_file_without_its_line_or_a_line_without_its_file(name):
    catalogue = CATALOGUES[name]
    folder = ROOT.joinpath(*catalogue.package.split("."))
    files = {path.stem for path in folder.glob("*.py") if exports_spec(path)}
    lines = set(catalogue)
    assert files == lines, f"files without a line: {files - lines}; lines without a file: {lines - files}"
    assert len(catalogue) == len(catalogue.names), f"{name} lists an entry twice"


@pytest.mark.parametrize("name", sorted(CATALOGUES))
def test_every_entry_loads_and_an_unknown_one_is_refused(name):
    catalogue = CATALOGUES[name]
    assert [type(spec).__name__ for spec in catalogue.values()]
    with pytest.raises(KeyError):
        catalogue["no_such_entry"]


def test_every_method_belongs_to_a_catalogue():
    packages = {catalogue.package for catalogue in CATALOGUES.values()}
    strays = [
        relative(path)
        for path in pure_files()
        if exports_spec(path) and ".".join(path.relative_to(ROOT).parent.parts) not in packages
    ]
    assert not strays, f"these export SPEC and no catalogue lists their folder: {strays}"
