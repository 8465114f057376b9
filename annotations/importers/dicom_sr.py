"""DICOM measurement reports (template 1500): numbers, codes and closed lines of each measurement group.

Only the concepts that the option ``questions`` names are read, by meaning or code value. Lines in the patient become
voxels of the case's image. Sources: DICOM PS3.16 TID 1500, 1410, 1411, 1501 and PS3.3 A.35 (2024e); Fedorov A et al.
PeerJ 4:e2057, 2016. doi:10.7717/peerj.2057.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from annotations.images.dicom import FAULTS, quiet
from annotations.importers._cells import plain_value
from annotations.importers._file import check_kind, check_options, pairs, whole, yes
from annotations.importers._label_map import MAP_OPTIONS
from annotations.importers._several import case_named, each
from annotations.importers.base import Contour, Imported, Importer, ImportProblem

OPTIONS = {
    "case": MAP_OPTIONS["case"],
    "reader": MAP_OPTIONS["reader"],
    "questions": "Which question a concept answers, by meaning or code: Diameter=size, 121071=type; no other is read",
    "codes": "What a coded answer is called here: Not significant=benign, 27925004=nodule; others by their meaning",
    "region": "Code of the mask question that closed lines in the patient answer",
    "one_answer": "yes: the questions take one answer a case, so no mark is given (default no)",
}
ENDINGS = (".dcm",)
TEMPLATE = "1500"
GROUP = "125007"
# Imaging Measurements and Qualitative Evaluations.
MEASUREMENTS = {"126010", "C0034375"}
CODE_PARTS = ("CodeValue", "LongCodeValue", "CodeMeaning")
MAX_ITEMS, MAX_POINTS = 200_000, 5_000_000
BROKEN = "The report is not well formed and cannot be read."

Answers = Iterator[Imported | ImportProblem]


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: the names of its concept, its value (a number, a text, the names of a code) and its unit."""

    names: tuple[str, ...]
    type: str
    value: float | str | tuple[str, ...] | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A measurement group: its entries and the lines of its region."""

    number: int
    items: tuple[Item, ...]
    lines: tuple[Contour, ...]
    n_flat: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The options, read once."""

    kinds: Mapping[str, str]
    reader: str
    questions: Mapping[str, str]
    codes: Mapping[str, str]
    region: str
    one: bool


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers of a report, or of all those of a zip.

    Parameters
    ----------
    stream : binary file
        Read whole; at most 200 MiB.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``OPTIONS`` describes.

    Returns
    -------
    iterator
        ``line`` and mark count the measurement groups. Who observed is not read: the option says whose work it is.
    """
    check_options(options, OPTIONS, ("reader",))
    region = check_kind(questions, options, "region", ("mask",))
    asked = Asked(
        questions, options["reader"], pairs(options, "questions"), pairs(options, "codes"), region,
        yes(options, "one_answer"),
    )  # fmt: skip
    for code in asked.questions.values():
        if code not in questions:
            raise ImportProblem("unknown-question", f"The project has no question {code[:80]!r}.", column="questions")
    if not asked.questions and not region:
        message = "Nothing is asked for: name concepts in 'questions', or a question in 'region'."
        raise ImportProblem("missing-option", message, column="questions")

    def read_one(data: bytes, name: str) -> Answers:
        return _answers(_opened(data), case_named(options, name, ENDINGS), asked)

    return each(whole(stream), ENDINGS, read_one)


def _opened(data: bytes) -> list[Group]:
    """Return the measurement groups; refuse what is no report of the template."""
    try:
        with quiet():
            dataset = dcmread(io.BytesIO(data))
            templates = [str(one.get("TemplateIdentifier")) for one in dataset.get("ContentTemplateSequence") or ()]
            if TEMPLATE not in templates:
                kind = getattr(dataset.get("SOPClassUID"), "name", "of an unknown kind")
                message = f"This DICOM object is no measurement report (template 1500) but: {str(kind)[:80]}."
                raise ImportProblem("not-a-report", message)
            return _groups(dataset, [MAX_ITEMS])
    except InvalidDicomError as error:
        raise ImportProblem("not-dicom", "The bytes are no DICOM file.") from error
    except FAULTS as error:
        if isinstance(error, ImportProblem):
            raise
        raise ImportProblem("broken-report", BROKEN) from error


def _groups(dataset: Dataset, left: list[int]) -> list[Group]:
    """Return the groups in order; evaluations that stand in no group are one of their own, about the whole case."""
    groups: list[Group] = []
    for part in _content(dataset, left):
        if not MEASUREMENTS & set(_code(part, "ConceptNameCodeSequence")):
            continue
        entries = _content(part, left)
        loose = [one for one in entries if GROUP not in _code(one, "ConceptNameCodeSequence")]
        for inner in ([loose] if loose else []) + [_content(one, left) for one in entries if one not in loose]:
            groups.append(_group(inner, len(groups) + 1))
    return groups


def _content(item: Dataset, left: list[int]) -> list[Dataset]:
    """Return the children of an entry; ``left`` bounds how many a file may make us look at."""
    children = list(item.get("ContentSequence") or ())
    left[0] -= len(children)
    if left[0] < 0:
        raise ImportProblem("too-large", f"A report has at most {MAX_ITEMS} entries here.")
    return children


def _code(item: Dataset, name: str) -> tuple[str, ...]:
    """Return the code value and the meaning of a coded entry; nothing where it has none."""
    sequence: Any = item.get(name) or ()
    return tuple(str(sequence[0].get(part)) for part in CODE_PARTS if sequence[0].get(part)) if len(sequence) else ()


def _group(entries: Sequence[Dataset], number: int) -> Group:
    items, lines, n_flat = [], [], 0
    for one in entries:
        kind = str(one.get("ValueType", ""))
        if kind == "SCOORD3D" and one.get("GraphicType") == "POLYGON":
            lines.append(_line(one, number))
        elif kind in ("SCOORD", "SCOORD3D"):
            n_flat += 1
        elif kind in ("NUM", "CODE", "TEXT"):
            items.append(_item(one, kind))
    return Group(number, tuple(items), tuple(lines), n_flat)


def _item(one: Dataset, kind: str) -> Item:
    concept = _code(one, "ConceptNameCodeSequence")
    if kind == "NUM":
        measured: Any = one.get("MeasuredValueSequence") or ()
        if not len(measured):
            return Item(concept, kind, None)
        unit = _code(measured[0], "MeasurementUnitsCodeSequence")
        return Item(concept, kind, float(measured[0].NumericValue), unit[0] if unit else "")
    if kind == "CODE":
        return Item(concept, kind, _code(one, "ConceptCodeSequence"))
    return Item(concept, kind, str(one.get("TextValue", "")))


def _line(one: Dataset, number: int) -> Contour:
    points = np.array(one.GraphicData, dtype=np.float64)
    if points.size % 3 or not 9 <= points.size <= 3 * MAX_POINTS or not np.isfinite(points).all():
        raise ImportProblem(
            "broken-line", "A closed line has three points or more, each of three numbers.", line=number
        )
    points = points.reshape(-1, 3)
    # The standard closes a polygon by repeating its first point.
    return points[:-1] if len(points) > 3 and (points[0] == points[-1]).all() else points


def _answers(groups: Sequence[Group], case: str, asked: Asked) -> Answers:
    met: set[str] = set()
    said: set[str] = set()
    for group in groups:
        blank = Imported(group.number, case, asked.reader, "", "" if asked.one else str(group.number), {})
        for answer in _of_group(group, blank, asked, met):
            if asked.one and isinstance(answer, Imported):
                if answer.question in said:
                    message = "The question takes one answer a case; this is a second group."
                    yield ImportProblem("several-groups", message, line=group.number, column=answer.question)
                    continue
                said.add(answer.question)
            yield answer
    for name in asked.questions.keys() - met:
        yield ImportProblem("no-concept", f"The report holds no concept {name[:80]!r}.", column="questions")


def _of_group(group: Group, blank: Imported, asked: Asked, met: set[str]) -> Answers:
    for item in group.items:
        name = next((one for one in item.names if one in asked.questions), None)
        if name is None:
            continue
        met.add(name)
        question = asked.questions[name]
        try:
            value = _value(item, asked.kinds[question], asked.codes, group.number)
        except ImportProblem as problem:
            yield problem
        else:
            yield replace(blank, question=question, value=value)
    if asked.region and group.lines:
        yield replace(blank, question=asked.region, value={"kind": "mask"}, contours=group.lines)
    elif asked.region and group.n_flat:
        message = "The group's region is drawn on a picture, or is no closed line; only those in the patient are read."
        yield ImportProblem("unsupported-shape", message, line=group.number, column="region")


def _value(item: Item, kind: str, codes: Mapping[str, str], line: int) -> dict[str, Any]:
    column = item.names[-1][:80]
    if item.value is None or item.value == ():
        raise ImportProblem("not-a-value", "The entry has no value.", line=line, column=column)
    if isinstance(item.value, tuple):
        text = next((codes[one] for one in item.value if one in codes), item.value[-1])
        return plain_value(text, kind, "", line, column)
    if isinstance(item.value, float) and kind == "measurement" and item.unit in ("", "1"):
        raise ImportProblem("missing-unit", "The number has no unit.", line=line, column=column)
    return plain_value(item.value, kind, item.unit, line, column)


SPEC = Importer(title="DICOM measurement report (SR)", suffixes=(".dcm", ".zip"), read=read, options=OPTIONS)
