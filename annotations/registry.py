"""The catalogues of this app: one line an entry, one file a line."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

from annotations.importers.base import Importer
from annotations.labels.base import Geometry, Kind, Label, LabelError

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
        "multilabel",
        "measurement",
        "mask",
        "polygon",
        "box",
        "landmarks",
        "interval",
        "ranking",
        "nothing_found",
        "cannot_assess",
    ],
)

IMPORTERS: Catalogue[Importer] = Catalogue(
    "annotations.importers",
    [
        "csv_table",
        "csv_wide",
        "jsonl",
        "coco",
        "label_studio",
        "cvat_xml",
        "labelme",
        "pascal_voc",
        "yolo",
        "nifti_mask",
        "dicom_seg",
        "rtstruct",
        "dicom_sr",
        "slicer_markups",
        "mitk_roi",
        "mdai",
        "nrrd_mask",
        "grand_challenge",
    ],
)

# Answers that a question of any kind may receive instead of a label of its own kind.
INSTEAD = ("nothing_found", "cannot_assess")


def parse_label(
    value: Mapping[str, Any], kind_name: str, definition: Mapping[str, Any], geometry: Geometry | None
) -> Label:
    """Return the label that a value is, as an answer to one question; LabelError when it is none.

    Parameters
    ----------
    value : mapping
        Raw label JSON; anything else is refused.
    kind_name : str
        The question's kind, an entry of KINDS.
    definition : mapping
        The question's definition, checked by that kind.
    geometry : Geometry or None
        The grid of the case's image, in voxels, where there is one.
    """
    if not isinstance(value, Mapping):
        raise LabelError("not-an-object", "", "A label is a JSON object with a member 'kind'.")
    given = value.get("kind")
    if given not in (kind_name, *INSTEAD):
        message = f"This question takes the kind {kind_name!r}, or one of: {', '.join(INSTEAD)}."
        raise LabelError("wrong-kind", "/kind", message)
    return KINDS[str(given)].parse(value, definition, geometry)
