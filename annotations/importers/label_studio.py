"""Tasks of Label Studio with the annotations that people made (JSON export, not JSON-MIN).

Several annotations of a task are several readers' work. Coordinates are percents of the picture, and
points lie on pixel corners; brush strokes have run lengths of their own. A control's name (``from_name``)
is a question, by the option ``controls`` or by being equal to its code. Predictions, drafts, reviews and
the history of a task are no reader's answer and are not read. Source: labelstud.io, "Label Studio JSON
format of annotated tasks" (2024).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from annotations.importers._brush import decode
from annotations.importers._cells import plain_seconds, plain_value
from annotations.importers._file import case_of, check_kind, check_options, json_of, names, pairs, whole, yes
from annotations.importers._shapes import (
    DRAWN,
    Place,
    Target,
    box_points,
    grid_of,
    marked,
    nothing,
    outlined,
    ring,
    turned,
)
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = {
    "controls": "Which question a control answers: label=nodule, quality=grade; equal names need none",
    "readers": "Which reader a person is, by number or address: 1=ada, ben@example.org=ben; else as the file says",
    "reader": "Key of the reader of annotations that name nobody",
    "case": "Member of the task's data that names the case; else the first that names a picture, without folders",
    "category_question": "Code of the category question that the labels of regions answer, on the same mark",
    "empty_question": "Code of the polygon or mask question that an empty annotation answers with nothing found",
    "ignore": "Controls that are no answers, and the words relation and skipped for what they name, with commas",
    "unit": "Unit of the measurements, whose numbers the file holds alone",
    "one_answer": "yes: regions answer questions that take one answer a case, so no mark is given (default no)",
}
PLAIN = {"choices": "choices", "rating": "rating", "number": "number"}
_PICTURES = ("image", "img", "picture", "ocr", "dicom")

Item = Mapping[str, Any]
Answers = Iterator[Imported | ImportProblem]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The options, read once."""

    questions: Mapping[str, str]
    controls: Mapping[str, str]
    readers: Mapping[str, str]
    reader: str
    case: str
    category: str
    empty: str
    ignored: frozenset[str]
    unit: str
    one: bool


def read(stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]) -> Answers:
    """Return the answers of a task export; that it is one is checked before this returns.

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
        ``line`` counts results through the file from 1; an annotation without results counts as one.
    """
    check_options(options, OPTIONS)
    plan = _Plan(
        questions=questions,
        controls=pairs(options, "controls"),
        readers=pairs(options, "readers"),
        reader=options.get("reader", ""),
        case=options.get("case", ""),
        category=check_kind(questions, options, "category_question", ("category",)),
        empty=check_kind(questions, options, "empty_question", DRAWN),
        ignored=frozenset(names(options, "ignore")),
        unit=options.get("unit", ""),
        one=yes(options, "one_answer"),
    )
    for control, code in plan.controls.items():
        if code not in questions:
            message = f"The control {control[:40]!r} should answer {code[:40]!r}, which is no question of the project."
            raise ImportProblem("wrong-question", message, column="controls")
    tasks = json_of(whole(stream))
    if not isinstance(tasks, list) or not all(isinstance(task, Mapping) for task in tasks):
        raise ImportProblem("not-label-studio", "An export of Label Studio is a list of tasks.")
    for position, task in enumerate(tasks, start=1):
        if not isinstance(task.get("annotations"), list) or not isinstance(task.get("data"), Mapping):
            message = "A task needs its data and a list of annotations; export as JSON, not as JSON-MIN."
            raise ImportProblem("not-label-studio", message, line=position)
    return _tasks(tasks, plan)


def _tasks(tasks: list[Item], plan: _Plan) -> Answers:
    line = 0
    for number, task in enumerate(tasks):
        for order, annotation in enumerate(task["annotations"]):
            at = f"/{number}/annotations/{order}"
            results = annotation.get("result") if isinstance(annotation, Mapping) else None
            if not isinstance(results, list):
                line += 1
                yield ImportProblem("no-result", "An annotation needs a list of results.", line=line, column=at)
                continue
            try:
                place = Place(line + 1, _case(task, plan, at), _reader(annotation, plan, at), "", None, at)
            except ImportProblem as problem:
                line += max(len(results), 1)
                yield ImportProblem(problem.code, problem.message, line=line, column=at)
                continue
            yield from _annotation(annotation, place, plan)
            line += max(len(results), 1)


def _annotation(annotation: Item, place: Place, plan: _Plan) -> Answers:
    if annotation.get("was_cancelled") is True:
        if "skipped" not in plan.ignored:
            message = "The reader skipped this task, which is no answer; the option 'ignore' may say skipped."
            yield ImportProblem("skipped", message, line=place.line, column=place.column)
        return
    results = annotation["result"]
    if not results:
        if plan.empty:
            yield from nothing(place, Target(plan.empty, plan.questions[plan.empty], "", one=False))
            return
        message = "The annotation is empty; name the question that it finds nothing for in 'empty_question'."
        yield ImportProblem("empty-annotation", message, line=place.line, column=place.column)
        return
    regions = {_text(result.get("id")) for result in results if isinstance(result, Mapping) and _is_region(result)}
    seconds = plain_seconds(annotation.get("lead_time"))
    for order, result in enumerate(results):
        here = Place(place.line + order, place.case, place.reader, "", None, f"{place.column}/result/{order}")
        for answer in _result(result, here, plan, regions):
            # The tool knows one time for the annotation; it is told once, with its first answer.
            if isinstance(answer, Imported) and seconds is not None:
                yield Imported(
                    answer.line, answer.case, answer.reader, answer.question, answer.mark, answer.value, seconds
                )
                seconds = None
            else:
                yield answer


def _result(result: object, place: Place, plan: _Plan, regions: set[str]) -> Answers:
    if not isinstance(result, Mapping):
        yield ImportProblem("not-an-object", "A result is a JSON object.", line=place.line, column=place.column)
        return
    kind, control = _text(result.get("type")), _text(result.get("from_name"))
    if control in plan.ignored or kind in plan.ignored:
        return
    try:
        mark = _text(result.get("id"))
        if kind in PLAIN:
            yield _plain(result, place, mark if mark in regions else "", plan)
        elif _is_region(result):
            # Tools that write for Label Studio leave ids out; the place among the results then tells marks apart.
            yield from _region(result, place, mark or place.column.rpartition("/")[2], plan)
        else:
            message = f"Results of the type {kind[:40]!r} are not read; the option 'ignore' may name their control."
            raise ImportProblem("unsupported-result", message, line=place.line, column=place.column + "/type")
    except ImportProblem as problem:
        yield ImportProblem(problem.code, problem.message, line=place.line, column=problem.column or place.column)


def _plain(result: Item, place: Place, mark: str, plan: _Plan) -> Imported:
    question = _question(result, plan, place)
    value = _value(result).get(PLAIN[str(result["type"])])
    if isinstance(value, list) and plan.questions[question] == "multilabel":
        chosen = {"kind": "multilabel", "codes": value}
        return Imported(place.line, place.case, place.reader, question, "", chosen)
    if isinstance(value, list):
        if len(value) != 1:
            message = "A question takes exactly one choice here."
            raise ImportProblem("several-choices", message, column=place.column + "/value/choices")
        value = value[0]
    label = plain_value(value, plan.questions[question], plan.unit, place.line, place.column + "/value")
    return Imported(place.line, place.case, place.reader, question, "" if plan.one else mark, label)


def _region(result: Item, place: Place, mark: str, plan: _Plan) -> Answers:
    question = _question(result, plan, place)
    if plan.questions[question] not in DRAWN:
        message = f"The question {question!r} takes no outlines; map the control to one that does."
        raise ImportProblem("wrong-question", message, column=place.column + "/from_name")
    target = Target(question, plan.questions[question], plan.category, plan.one)
    height, width = _size(result, place)
    here = Place(place.line, place.case, place.reader, mark, grid_of(height, width), place.column + "/value")
    if result.get("image_rotation") not in (None, 0):
        raise ImportProblem("turned-image", "The picture was turned in the tool; its pixels no longer match.")
    value, code = _value(result), _code(result)
    if "rle" in value:
        coded = value["rle"]
        if value.get("format", "rle") != "rle" or not isinstance(coded, list):
            raise ImportProblem("malformed-runs", "A brush needs run lengths, a list of bytes.")
        yield from marked(here, decode(coded, height, width), target, code)
        return
    points = _points(value, height, width)
    yield from outlined(here, [ring(points)], target, code)


def _points(value: Item, height: int, width: int) -> list[tuple[float, float]]:
    """Return the corners of a polygon or a rectangle in pixels."""
    scale = (width / 100, height / 100)
    if "points" in value:
        points = value["points"]
        if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
            raise ImportProblem("bad-polygon", "A polygon is a list of points [x, y] in percent.")
        return [(_number(x) * scale[0], _number(y) * scale[1]) for x, y in points]
    left, top = _number(value.get("x")) * scale[0], _number(value.get("y")) * scale[1]
    right = left + _number(value.get("width")) * scale[0]
    bottom = top + _number(value.get("height")) * scale[1]
    # The tool turns a rectangle about its first corner.
    return turned(box_points(left, top, right, bottom), _number(value.get("rotation", 0)), (left, top))


def _is_region(result: Item) -> bool:
    return str(result.get("type")).removesuffix("labels") in ("rectangle", "polygon", "brush")


def _value(result: Item) -> Item:
    value = result.get("value")
    if not isinstance(value, Mapping):
        raise ImportProblem("no-value", "The result needs an object 'value'.")
    return value


def _code(result: Item) -> str:
    labels = _value(result).get(str(result["type"]))
    return labels[0] if isinstance(labels, list) and len(labels) == 1 and isinstance(labels[0], str) else ""


def _size(result: Item, place: Place) -> tuple[int, int]:
    height, width = result.get("original_height"), result.get("original_width")
    if type(height) is not int or type(width) is not int or not (0 < height < 2**20 and 0 < width < 2**20):
        message = "The region needs original_width and original_height, in pixels."
        raise ImportProblem("no-size", message, column=place.column + "/original_width")
    return height, width


def _question(result: Item, plan: _Plan, place: Place) -> str:
    control = _text(result.get("from_name"))
    code = plan.controls.get(control, control)
    if code not in plan.questions:
        message = f"The control {control[:40]!r} answers no question; say which in 'controls', or leave it in 'ignore'."
        raise ImportProblem("unknown-question", message, column=place.column + "/from_name")
    return code


def _case(task: Item, plan: _Plan, at: str) -> str:
    data = task["data"]
    if plan.case:
        value = data.get(plan.case)
        if isinstance(value, int | str) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
        raise ImportProblem("no-case", f"The task's data has no text {plan.case[:40]!r}.", column=at)
    path = next((data[name] for name in _PICTURES if isinstance(data.get(name), str)), None)
    case = case_of(path, column=at)
    # An uploaded file gets eight hexadecimal digits and a dash before its name.
    head, dash, rest = case.partition("-")
    uploaded = "/upload/" in str(path) and dash and rest and len(head) == 8
    return rest if uploaded and all(digit in "0123456789abcdef" for digit in head) else case


def _reader(annotation: Item, plan: _Plan, at: str) -> str:
    person = annotation.get("completed_by")
    known = [person.get("email"), person.get("id")] if isinstance(person, Mapping) else [person]
    keys = [_text(key) for key in known if _text(key)]
    if not keys and plan.reader:
        return plan.reader
    if not keys:
        message = "The annotation does not say who made it (completed_by); name a reader in 'reader'."
        raise ImportProblem("no-reader", message, column=at)
    return next((plan.readers[key] for key in keys if key in plan.readers), keys[0])


def _text(value: object) -> str:
    return str(value) if isinstance(value, str) or (type(value) is int and abs(value) < 2**64) else ""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ImportProblem("not-a-number", "A number is needed here.")
    return float(value) if abs(value) < 1e12 else float("inf")


SPEC = Importer(title="Label Studio (JSON)", suffixes=(".json",), read=read, options=OPTIONS)
