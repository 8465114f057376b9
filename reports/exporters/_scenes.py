"""A release as pictures with findings: what the formats of drawing tools and detectors have in common.

A picture is there only when every question about regions is settled for its case. A format of this family
reads a picture without a shape as one with nothing on it, so an open case must not stand among them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations.labels.base import ANSWER_MEMBER, Geometry
from reports.exporters._csv import write_csv
from reports.exporters.base import ExportProblem, GoldBundle, Record

REGIONS = frozenset({"mask", "polygon", "box"})
LEFT_OUT_COLUMNS = ("case", "question", "finding", "reason")

Value = str | float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One gold region.

    Parameters
    ----------
    question, finding : str
        The unit.
    name : str
        Code of its class, or the question's code where no class is settled.
    label : mapping
        Mask, polygon or box.
    attributes : mapping
        Question code to the settled answer about it; None where the answer is that there is none.
    """

    question: str
    finding: str
    name: str
    label: Mapping[str, Any]
    attributes: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Scene:
    """One case whose regions are all settled; ``grid`` is None only where no region is asked for."""

    case: str
    subject: str
    grid: Geometry | None
    attributes: Mapping[str, Value]
    findings: tuple[Finding, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return voxels along (z, y, x); ValueError where the grid is not known."""
        if self.grid is None:
            raise ValueError(f"The grid of {self.case!r} is not known.")
        return self.grid.shape


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A unit that the file does not hold, and why."""

    case: str
    question: str
    finding: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        """Return plain JSON values."""
        return {"case": self.case, "question": self.question, "finding": self.finding, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Album:
    """All scenes of a release in the order of their cases, and what no scene holds."""

    scenes: tuple[Scene, ...]
    left_out: tuple[LeftOut, ...]

    def left_out_csv(self) -> bytes:
        """Return a table of what is left out."""
        rows = ((one.case, one.question, one.finding, one.reason) for one in self.left_out)
        return write_csv(LEFT_OUT_COLUMNS, rows)


def narrowed_to(made: Album, reasons: Mapping[str, str], none_left: ExportProblem) -> Album:
    """Return the scenes that a format can hold; each other one is left out with its reason.

    Parameters
    ----------
    made : Album
        All scenes.
    reasons : mapping
        Case to the reason; empty or absent where the scene can be held.
    none_left : ExportProblem
        Raised where no scene of several can.
    """
    kept = tuple(scene for scene in made.scenes if not reasons.get(scene.case))
    if made.scenes and not kept:
        raise none_left
    without = [
        LeftOut(scene.case, question, "", reasons[scene.case])
        for scene in made.scenes
        if scene not in kept
        for question in dict.fromkeys([one.question for one in scene.findings] or [""])
    ]
    return Album(kept, (*made.left_out, *without))


def refuse(question: Mapping[str, Any], bundle: GoldBundle) -> str:
    """Return why a question has no place in a scene: its answers are about findings without a region here."""
    if question["kind"] in REGIONS:
        return ""
    about = question["about"]
    if about and about not in region_questions(bundle):
        return f"{question['code']} is about {about}, whose outlines are not among the questions asked for."
    if about in {entry["code"] for entry in question["definition"].get("codes", ())}:
        return f"{question['code']} has the code {about}, which would be taken for {about} of an open class."
    if not about and question["definition"].get("many"):
        return f"{question['code']} takes several answers a case, and none of them has an outline."
    return ""


def refuse_without_regions(question: Mapping[str, Any], bundle: GoldBundle) -> str:
    """Return why a question has no place in a format of volumes: answers alone make none."""
    if not region_questions(bundle):
        return f"{question['code']} has no region, and no question about regions is asked for."
    return refuse(question, bundle)


def refuse_details(question: Mapping[str, Any], bundle: GoldBundle) -> str:
    """Return why a format of shapes and classes alone cannot hold a question."""
    reason = refuse(question, bundle)
    if reason or question["kind"] in REGIONS or class_questions(bundle).get(question["about"]) == question["code"]:
        return reason
    return f"{question['code']} is neither an outline nor the one category of an outline, so there is no place for it."


def region_questions(bundle: GoldBundle) -> tuple[str, ...]:
    """Return the codes of the questions whose answers are regions."""
    return tuple(question["code"] for question in bundle.schema["questions"] if question["kind"] in REGIONS)


def class_questions(bundle: GoldBundle) -> dict[str, str]:
    """Return for each region question the one category question about it, where there is exactly one."""
    asked = [one for one in bundle.schema["questions"] if one["kind"] == "category" and one["about"]]
    count = Counter(one["about"] for one in asked)
    return {one["about"]: one["code"] for one in asked if count[one["about"]] == 1}


def class_names(bundle: GoldBundle) -> dict[tuple[str, str], str]:
    """Return the classes as (question, name) with a text that is unique, in the order of the schema.

    A region question has the codes of its class question and, last, its own code for findings whose class
    is not settled; without a class question its own code alone.
    """
    by_code = {question["code"]: question for question in bundle.schema["questions"]}
    chosen = class_questions(bundle)
    pairs: dict[tuple[str, str], None] = {}
    for region in region_questions(bundle):
        entries = by_code[chosen[region]]["definition"].get("codes", ()) if region in chosen else ()
        pairs.update(dict.fromkeys((region, str(entry["code"])) for entry in entries))
        pairs[region, region] = None
    count = Counter(name for _, name in pairs)
    return {(region, name): name if count[name] == 1 else f"{region}.{name}" for region, name in pairs}


def album(bundle: GoldBundle) -> Album:
    """Return the scenes of a release and everything that is in none of them."""
    by_case: dict[str, list[Record]] = {}
    for record in bundle.records:
        by_case.setdefault(record["case"], []).append(record)
    regions, chosen = region_questions(bundle), class_questions(bundle)
    about = {question["code"]: question["about"] for question in bundle.schema["questions"]}
    scenes: list[Scene] = []
    left_out: list[LeftOut] = []
    for case, records in by_case.items():
        grid = bundle.cases.get(case) or _grid_of(records)
        reason = _unusable(records, regions, grid)
        for record in records:
            why = record["reason"] or record["disposition"] if record["label"] is None else reason
            if why:
                left_out.append(LeftOut(case, record["question"], record["finding"], why))
        if not reason and any(record["label"] is not None for record in records):
            scenes.append(_scene(records, grid, chosen, about))
    return Album(tuple(scenes), tuple(left_out))


def value_of(label: Mapping[str, Any]) -> Value:
    """Return a settled answer as one value; None where it is that there is nothing, or nothing to tell."""
    member = ANSWER_MEMBER.get(label["kind"])
    value: Value = label[member] if member else None
    return value


def written(value: Value) -> str:
    """Return a value as a text: a number as Python writes it, None empty."""
    if value is None:
        return ""
    return value if isinstance(value, str) else repr(value)


def _unusable(records: list[Record], regions: tuple[str, ...], grid: Geometry | None) -> str:
    """Return why a case is no scene: a region is open, or the grid is not known."""
    if not regions:
        return ""
    seen = {record["question"] for record in records}
    is_open = any(record["label"] is None for record in records if record["question"] in regions)
    if is_open or not seen.issuperset(regions):
        return "the case has open regions"
    return "" if grid is not None else "the size of the image is not known"


def _grid_of(records: list[Record]) -> Geometry | None:
    """Return the grid that the masks of a case are on; its spacing is not known."""
    for record in records:
        label = record["label"]
        if label is not None and label["kind"] == "mask":
            z, y, x = label["shape"]
            return Geometry((z, y, x), None)
    return None


def _scene(records: list[Record], grid: Geometry | None, chosen: Mapping[str, str], about: Mapping[str, str]) -> Scene:
    details: dict[tuple[str, str], dict[str, Value]] = {}
    regions: list[Record] = []
    for record in records:
        label, code = record["label"], record["question"]
        if record["kind"] in REGIONS and label is not None and label["kind"] in REGIONS:
            regions.append(record)
        elif record["kind"] not in REGIONS and label is not None:
            details.setdefault((about[code], record["finding"]), {})[code] = value_of(label)
    findings = []
    for record in regions:
        unit = (record["question"], record["finding"])
        attributes = dict(details.get(unit, {}))
        name = attributes.pop(chosen.get(record["question"], ""), None)
        findings.append(Finding(*unit, str(name or record["question"]), record["label"], attributes))
    first = records[0]
    return Scene(first["case"], first["subject"], grid, details.get(("", ""), {}), tuple(findings))
