"""Annotations of MD.ai (its project export as JSON): boxes, outlines, and labels of whole exams, series and images.

An annotation names what it lies on by UID; which case that is, is said in the option ``cases``. Coordinates are pixels
of the instance, from its corner. Regions on a volume's slice are refused: a UID says which slice only to who holds the
images, and a picture's pixels may run against the patient's axes. Source: docs.md.ai, "Annotations JSON" (2024).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from annotations.importers._file import check_options, json_of, names, pairs, whole, yes
from annotations.importers._shapes import DRAWN, Place, Target, box_points, outlined, ring
from annotations.importers.base import Imported, Importer, ImportProblem

LEVELS = {"study": "StudyInstanceUID", "series": "SeriesInstanceUID", "instance": "SOPInstanceUID"}
OPTIONS = {
    "cases": "Which case each UID is: 1.2.3=case-1; others are the case of their UID itself",
    "level": "What a case is there: study (the default), series or instance",
    "readers": "Which reader a person is: U_k1=ada; others by what the file says",
    "labels": "Which question a label answers, by its name or its id: Nodule=nodule, L_x7=type",
    "codes": "What a label of a whole exam, series or image means as a category: Benign=benign; others keep their name",
    "datasets": "Which datasets are read, by name or id, with commas; all of them without it",
    "one_answer": "yes: regions answer questions that take one answer a case, so no mark is given (default no)",
}
MODES = ("bbox", "polygon", "freeform")

Entry = Mapping[str, Any]
Answers = Iterator[Imported | ImportProblem]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The options, read once, and what the file says of its labels."""

    kinds: Mapping[str, str]
    cases: Mapping[str, str]
    level: str
    readers: Mapping[str, str]
    asked: Mapping[str, str]
    codes: Mapping[str, str]
    one: bool
    labels: Mapping[str, Entry]


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers of an export; that it is one is checked before this returns.

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
        ``line`` counts the annotations of the datasets that are read; the mark is the annotation's number.
    """
    check_options(options, OPTIONS, ("labels",))
    level = options.get("level") or "study"
    if level not in LEVELS:
        raise ImportProblem("bad-option", f"A level is one of {', '.join(LEVELS)}.", column="level")
    asked = pairs(options, "labels")
    for question in asked.values():
        if question not in questions:
            raise ImportProblem("unknown-question", f"The project has no question {question[:80]!r}.", column="labels")
    document = json_of(whole(stream))
    if not isinstance(document, Mapping) or "datasets" not in document or "labelGroups" not in document:
        message = "A JSON object with the lists 'datasets' and 'labelGroups' is needed, as the export of a project is."
        raise ImportProblem("not-mdai", message)
    datasets, groups = _list(document, "datasets"), _list(document, "labelGroups")
    labels = {str(label.get("id")): label for group in groups for label in _list(group, "labels")}
    plan = _Plan(
        kinds=questions,
        cases=pairs(options, "cases"),
        level=LEVELS[level],
        readers=pairs(options, "readers"),
        asked=asked,
        codes=pairs(options, "codes"),
        one=yes(options, "one_answer"),
        labels=labels,
    )
    chosen = names(options, "datasets")
    taken = [one for one in datasets if not chosen or str(one.get("name")) in chosen or str(one.get("id")) in chosen]
    return _answers(taken, plan)


def _list(entry: Entry, name: str) -> list[Entry]:
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise ImportProblem("not-mdai", f"The member {name!r} is a list of objects.", column=name)
    return value


def _answers(datasets: list[Entry], plan: _Plan) -> Answers:
    line = 0
    for dataset in datasets:
        for entry in _list(dataset, "annotations"):
            line += 1
            try:
                yield from _annotation(entry, plan, line)
            except ImportProblem as problem:
                yield ImportProblem(problem.code, problem.message, line=line, column=problem.column)


def _annotation(entry: Entry, plan: _Plan, line: int) -> Answers:
    label = plan.labels.get(str(entry.get("labelId")))
    if label is None:
        raise ImportProblem("unknown-label", "The annotation's label is not in the file.", column="labelId")
    name = str(label.get("name", ""))
    question = plan.asked.get(str(entry.get("labelId")), plan.asked.get(name, ""))
    if not question:
        raise ImportProblem(
            "unknown-label", f"The label {name[:80]!r} answers no question in 'labels'.", column="labels"
        )
    case, reader = _case(entry, plan), _reader(entry, plan)
    mode = label.get("annotationMode")
    kind = plan.kinds[question]
    if mode in MODES:
        mark = "" if plan.one else str(entry.get("annotationNumber") or entry.get("id") or line)[:80]
        yield from _region(entry, Place(line, case, reader, mark, _grid(entry)), Target(question, kind, "", plan.one))
        return
    if mode is not None:
        raise ImportProblem("unsupported-shape", f"Annotations of the mode {str(mode)[:40]!r} are not read.")
    if kind != "category":
        message = f"A label of a whole exam is a category; the question {question!r} takes {kind}."
        raise ImportProblem("wrong-question", message, column="labels")
    yield Imported(line, case, reader, question, "", {"kind": "category", "code": plan.codes.get(name, name)})


def _case(entry: Entry, plan: _Plan) -> str:
    uid = entry.get(plan.level)
    if not isinstance(uid, str) or not uid:
        raise ImportProblem("no-case", f"The annotation has no {plan.level}.", column=plan.level)
    return plan.cases.get(uid, uid)


def _reader(entry: Entry, plan: _Plan) -> str:
    person = entry.get("createdById")
    if not isinstance(person, str) or not person:
        raise ImportProblem("no-reader", "The annotation does not say who made it.", column="createdById")
    return plan.readers.get(person, person)


def _grid(entry: Entry) -> tuple[int, int, int] | None:
    height, width = entry.get("height"), entry.get("width")
    is_known = type(height) is int and type(width) is int and height > 0 and width > 0
    return (1, height, width) if is_known else None  # type: ignore[return-value]


def _region(entry: Entry, place: Place, target: Target) -> Answers:
    if target.kind not in DRAWN:
        message = f"A region answers a question of the kinds {', '.join(DRAWN)}, not {target.kind}."
        raise ImportProblem("wrong-question", message, column="labels")
    if entry.get("frameNumber") not in (None, 0):
        raise ImportProblem("several-frames", "A region on a frame of several is not read.", column="frameNumber")
    data = entry.get("data")
    if not isinstance(data, Mapping):
        raise ImportProblem("no-region", "The annotation has no data that is a region.", column="data")
    if "vertices" in data:
        points = data["vertices"]
        if not isinstance(points, list) or not all(isinstance(point, list) for point in points):
            raise ImportProblem("no-region", "Vertices are a list of points.", column="data/vertices")
    else:
        numbers = [data.get(name) for name in ("x", "y", "width", "height")]
        if not all(type(number) in (int, float) for number in numbers):
            raise ImportProblem("no-region", "A box has the numbers x, y, width and height.", column="data")
        x, y, width, height = (float(number) for number in numbers if isinstance(number, int | float))
        points = box_points(x, y, x + width, y + height)
    yield from outlined(place, [ring(points)], target, "")


SPEC = Importer(title="MD.ai (project export)", suffixes=(".json",), read=read, options=OPTIONS)
