"""The catalogues of this app: one line an entry, one file a line."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Generic, TypeVar, cast

from annotations.importers.base import Importer
from annotations.labels.base import Kind

Spec = TypeVar("Spec")


class Catalogue(Mapping[str, Spec], Generic[Spec]):
    """A read-only mapping from a method's name to the SPEC of the file that bears that name.

    A module is imported on first use, so that an optional library loads only where it is needed.
    """

    def __init__(self, package: str, names: Sequence[str]) -> None:
        self.package = package
        self.names = tuple(names)

    def __getitem__(self, name: str) -> Spec:
        """Return the SPEC of one entry; KeyError for a name that is not listed."""
        if name not in self.names:
            raise KeyError(name)
        return cast(Spec, import_module(f"{self.package}.{name}").SPEC)

    def __iter__(self) -> Iterator[str]:
        """Yield the names in the order in which they are listed."""
        return iter(self.names)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.names)


KINDS: Catalogue[Kind] = Catalogue(
    "annotations.labels",
    [
        "category",
        "grade",
        "measurement",
        "mask",
        "polygon",
        "nothing_found",
        "cannot_assess",
    ],
)

IMPORTERS: Catalogue[Importer] = Catalogue(
    "annotations.importers",
    [
        "csv_table",
        "coco",
    ],
)
