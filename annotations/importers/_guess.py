"""Which importer a file is for, from its name and its first bytes."""

from pathlib import PurePosixPath

SURE, LIKELY, POSSIBLE = 0.95, 0.7, 0.3
HEAD = 2**16

_JSON_SIGNS = (
    ("mdai", (b'"datasets"', b'"annotations"', b'"labelId"')),
    ("coco", (b'"categories"', b'"images"')),
    ("coco", (b'"segmentation"', b'"image_id"')),
    ("label_studio", (b'"result"', b'"annotations"')),
    ("labelme", (b'"shapes"', b'"imagePath"')),
    ("labelme", (b'"shapes"', b'"shape_type"')),
    ("grand_challenge", (b'"display_set"', b'"answer"')),
    ("mitk_roi", (b'"MITK ROI"',)),
    ("slicer_markups", (b'"markups"', b'"controlPoints"')),
    ("slicer_markups", (b'"markups"', b'"coordinateSystem"')),
)
_XML_SIGNS = (
    ("cvat_xml", (b"<annotations",)),
    ("pascal_voc", (b"<annotation", b"<bndbox")),
    ("labelme", (b"<annotation", b"<polygon")),
    ("labelme", (b"<annotation", b"<sourceAnnotation")),
)
_SUFFIXES = {
    ".csv": ("csv_table", "csv_wide"),
    ".parquet": ("csv_table", "csv_wide"),
    ".json": ("coco", "label_studio", "labelme", "grand_challenge", "mitk_roi", "mdai"),
    ".mrk.json": ("slicer_markups",),
    ".fcsv": ("slicer_markups",),
    ".jsonl": ("jsonl",),
    ".xml": ("cvat_xml", "pascal_voc", "labelme"),
    ".nii": ("nifti_mask",),
    ".nii.gz": ("nifti_mask",),
    ".nrrd": ("nrrd_mask",),
    ".dcm": ("dicom_seg", "rtstruct", "dicom_sr"),
    ".zip": ("yolo", "pascal_voc", "labelme", "nifti_mask", "nrrd_mask"),
    ".txt": ("yolo",),
}

_MEMBERS = (
    (b".nii", ("nifti_mask",)),
    (b".nrrd", ("nrrd_mask",)),
    (b".dcm", ("dicom_seg", "rtstruct", "dicom_sr")),
    (b".xml", ("pascal_voc", "labelme")),
    (b".json", ("labelme",)),
    (b".txt", ("yolo",)),
)

# SOP classes, as they stand in the file's meta information.
_DICOM_SIGNS = (
    ("dicom_seg", (b"1.2.840.10008.5.1.4.1.1.66.4", b"1.2.840.10008.5.1.4.1.1.66.7")),
    ("rtstruct", (b"1.2.840.10008.5.1.4.1.1.481.3",)),
    (
        "dicom_sr",
        (b"1.2.840.10008.5.1.4.1.1.88.33", b"1.2.840.10008.5.1.4.1.1.88.34", b"1.2.840.10008.5.1.4.1.1.88.22"),
    ),
)

Guess = tuple[str, float]


def guess(head: bytes, file_name: str) -> list[Guess]:
    """Return importers that may read a file, each with how sure that is, the surest first.

    Parameters
    ----------
    head : bytes
        The beginning of the file; the first 64 KiB are looked at.
    file_name : str
        Its name; only its ending counts.

    Returns
    -------
    list of (str, float)
        From 0 to 1: 0.95 when the bytes say so, 0.7 when bytes or ending allow one format, 0.3 when the
        ending allows several. Empty when nothing does.
    """
    start = head[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    found = _by_content(start)
    name = PurePosixPath(file_name.lower())
    candidates = _SUFFIXES.get("".join(name.suffixes[-2:]), _SUFFIXES.get(name.suffix, ()))
    known = {importer for importer, _ in found}
    alone = LIKELY if not found and len(candidates) == 1 else POSSIBLE
    found += [(importer, alone) for importer in candidates if importer not in known]
    return sorted(found, key=lambda one: -one[1])


def _by_content(start: bytes) -> list[Guess]:
    if start.startswith(b"NRRD000"):
        return [("nrrd_mask", SURE)]
    if start[344:347] in (b"n+1", b"ni1") or start[4:7] in (b"n+2", b"ni2"):
        return [("nifti_mask", SURE)]
    if start[128:132] == b"DICM":
        # A segmentation refers to other objects, so the class that comes first counts.
        found = [(start.find(uid), importer) for importer, uids in _DICOM_SIGNS for uid in uids if uid in start]
        return [(min(found)[1], SURE)] if found else []
    if start.startswith(b"PAR1"):
        # The names of columns stand at the end, which a small file shows.
        return [("csv_table", SURE)] if b"question" in start and b"reader" in start else []
    if start.startswith(b"PK\x03\x04"):
        return _zip(start)
    if start.startswith(b"#") and b"iducial" in start[:200]:
        return [("slicer_markups", SURE)]
    if start.startswith(b"<"):
        return _signs(start, _XML_SIGNS)
    if start.startswith((b"{", b"[")):
        first = start.partition(b"\n")[0]
        if start.startswith(b"{") and b'"label"' in first and b'"question"' in first:
            return [("jsonl", SURE)]
        return _signs(start, _JSON_SIGNS)
    return _table(start)


def _signs(start: bytes, signs: tuple[tuple[str, tuple[bytes, ...]], ...]) -> list[Guess]:
    return [(importer, SURE) for importer, words in signs if all(word in start for word in words)][:1]


def _zip(start: bytes) -> list[Guess]:
    """Return what the names of the first files in a zip speak for."""
    for ending, importers in _MEMBERS:
        if ending in start:
            return [(importer, LIKELY if len(importers) == 1 else POSSIBLE) for importer in importers]
    return []


def _table(start: bytes) -> list[Guess]:
    """Return the two tables of ours by their header; text in UTF-16 shows its letters between NULs."""
    plain = start.replace(b"\x00", b"").lstrip(b"\xff\xfe")
    header = {cell.strip().strip(b'"') for cell in plain.splitlines()[0].split(b",")} if plain else set()
    if {b"case", b"reader", b"question", b"value"} <= header:
        return [("csv_table", SURE)]
    if {b"case", b"reader"} <= header:
        return [("csv_wide", SURE)]
    numbers = plain.splitlines()[0].split() if plain else []
    if len(numbers) >= 5 and all(_is_number(cell) for cell in numbers):
        return [("yolo", LIKELY)]
    return []


def _is_number(cell: bytes) -> bool:
    return cell.replace(b".", b"", 1).replace(b"-", b"").isdigit()
