"""The files of a package as values that can be computed with."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.labels.base import Geometry
from qc.settling.base import Check, QuestionSpec, Read, settled_as
from qc.settling.checks import AUDIT, CONTROL, MODEL
from qc.settling.second import SECOND
from reports.exporters._csv import read_csv
from reports.exporters.manifest import MANIFEST
from reports.verification.base import PackageProblem

Json = dict[str, Any]
TRUTH = "truth"
# Reads that settle nothing but may open again what is settled, and how reads.jsonl says why they do not count.
BENCHMARK = "benchmark"
CHECKS = {AUDIT: f"for_{AUDIT}", CONTROL: f"for_{CONTROL}", MODEL: f"for_{BENCHMARK}", SECOND: f"for_{SECOND}"}
Unit = tuple[str, str, str]
# Case, question, reader and mark name an answer; its revision and digest name what was said.
Reference = tuple[str, str, int, str]


@dataclass(slots=True)
class CaseContent:
    """One case: its grid, who finished reading it, what they said and what was decided."""

    key: str
    subject: str
    excluded: str
    geometry: Geometry | None
    slice_thickness_mm: float | None
    asked: list[tuple[str, int, bool]] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    decided: dict[tuple[str, str], str] = field(default_factory=dict)
    checkers: dict[tuple[str, str], list[Read]] = field(default_factory=dict)

    def checks(self) -> tuple[Check, ...]:
        """Return the finished audits and controls, in a fixed order."""
        own = sorted(who for who in self.checkers if who[0] != SECOND)
        return tuple(Check(*who, tuple(self.checkers[who])) for who in own)

    def second(self) -> Check | None:
        """Return the read of the model that reads second; None where none was there in time."""
        own = sorted(who for who in self.checkers if who[0] == SECOND)
        return Check(*own[0], tuple(self.checkers[own[0]])) if own else None

    def finished(self) -> tuple[str, ...]:
        """Return the readers who finished, sorted."""
        return tuple(sorted({reader for reader, _, is_finished in self.asked if is_finished}))


@dataclass(frozen=True, slots=True)
class Content:
    """What a package says."""

    manifest: Json
    schema: Json
    protocol: Json
    questions: tuple[QuestionSpec, ...]
    cases: dict[str, CaseContent]
    references: list[Reference]
    adjudications: list[Json]
    ledger: list[dict[str, str]]
    records: dict[Unit, Json]
    statistics: Json
    n_reads: int


def content_of(files: Mapping[str, bytes]) -> Content:
    """Return the content of a package; PackageProblem names the file and line that cannot be read."""
    try:
        schema, protocol, manifest = (json_value(files, name) for name in ("schema.json", "protocol.json", MANIFEST))
        cases = cases_of(files, models_of(manifest, protocol))
        adjudications = list(json_values(files, "adjudications.jsonl"))
        for line in adjudications:
            case = case_named(cases, line["case"], "adjudications.jsonl")
            case.decided[line["question"], line["finding"]] = settled_as(line["decision"], line["label"])
        references, n_reads = add_reads(cases, files)
        return Content(
            manifest=manifest,
            schema=schema,
            protocol=protocol,
            questions=tuple(question_of(question) for question in schema["questions"]),
            cases=cases,
            references=references,
            adjudications=adjudications,
            ledger=csv_rows(files, "ledger.csv"),
            records=records_of(files),
            statistics=json_value(files, "stats.json"),
            n_reads=n_reads,
        )
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise PackageProblem("package", f"A value is missing or is not what it should be ({error!r}).") from error


def question_of(question: Json) -> QuestionSpec:
    """Return a question as settling needs it."""
    return QuestionSpec(
        question["code"], question["kind"], question["scale"], question["definition"], question["about"]
    )


def models_of(manifest: Json, protocol: Json) -> frozenset[str]:
    """Return the readers whose reads check what people accepted: models, where the protocol says so."""
    if not protocol["document"].get("model_check"):
        return frozenset()
    return frozenset(reader["code"] for reader in manifest["readers"] if reader["kind"] == "model")


def cases_of(files: Mapping[str, bytes], models: frozenset[str]) -> dict[str, CaseContent]:
    """Return the cases by key, with the seats whose reads are for the truth or check it."""
    cases: dict[str, CaseContent] = {}
    for number, row in enumerate(csv_rows(files, "cases.csv"), start=2):
        try:
            cases[row["case"]] = case_of(row)
        except ValueError as error:
            raise PackageProblem(f"cases.csv row {number}", str(error)) from error
    for row in csv_rows(files, "seats.csv"):
        # Packages of before repeats and audits say nothing of a purpose: all their reads are for the truth.
        purpose = row.get("purpose", TRUTH)
        if purpose == BENCHMARK and row["reader"] in models:
            purpose = MODEL
        if purpose in CHECKS and row["finished"] == "1":
            case_named(cases, row["case"], "seats.csv").checkers[purpose, row["reader"]] = []
        if purpose != TRUTH:
            continue
        if not row["round"].isdecimal():
            raise PackageProblem("seats.csv", f"{row['round']!r} is no number of a round.")
        seat = (row["reader"], int(row["round"]), row["finished"] == "1")
        case_named(cases, row["case"], "seats.csv").asked.append(seat)
    return cases


def case_of(row: Mapping[str, str]) -> CaseContent:
    """Return one case from its row."""
    strata = json.loads(row["strata"])
    thickness = strata.get("slice_thickness_mm")
    return CaseContent(
        key=row["case"],
        subject=row["subject"],
        excluded=row["excluded"],
        geometry=geometry_of(row),
        slice_thickness_mm=float(thickness) if thickness is not None else None,
    )


def geometry_of(row: Mapping[str, str]) -> Geometry | None:
    """Return the grid of a case; None where none is recorded."""
    if not row["shape_z"]:
        return None
    shape = (int(row["shape_z"]), int(row["shape_y"]), int(row["shape_x"]))
    if not row["spacing_z_mm"]:
        return Geometry(shape, None)
    spacing = (float(row["spacing_z_mm"]), float(row["spacing_y_mm"]), float(row["spacing_x_mm"]))
    if not all(math.isfinite(value) and value > 0 for value in spacing):
        raise ValueError("A spacing is a positive number of millimetres.")
    return Geometry(shape, spacing)


def case_named(cases: Mapping[str, CaseContent], key: str, file: str) -> CaseContent:
    """Return a case by key, or say which file names one that is not there."""
    if key not in cases:
        raise PackageProblem(file, f"It names the case {key!r}, which cases.csv does not.")
    return cases[key]


def add_reads(cases: Mapping[str, CaseContent], files: Mapping[str, bytes]) -> tuple[list[Reference], int]:
    """Give each case its counted answers and those of its checks; return how to name each, and how many lines."""
    references: list[Reference] = []
    n_reads = 0
    for line in json_values(files, "reads.jsonl"):
        n_reads += 1
        case = case_named(cases, line["case"], "reads.jsonl")
        checked = next((purpose for purpose, why in CHECKS.items() if line["why"] == why), None)
        if (checked, line["reader"]) not in case.checkers:
            checked = None
        if not line["counted"] and checked is None:
            continue
        reference = (line["reader"], line["mark"], line["revision"], line["digest"])
        read = Read(line["reader"], line["question"], line["mark"], line["label"], len(references), line["digest"])
        references.append(reference)
        (case.reads if checked is None else case.checkers[checked, line["reader"]]).append(read)
    return references, n_reads


def records_of(files: Mapping[str, bytes]) -> dict[Unit, Json]:
    """Return the records of gold.jsonl and open.jsonl by unit; a unit stands once."""
    records: dict[Unit, Json] = {}
    for name in ("gold.jsonl", "open.jsonl"):
        for record in json_values(files, name):
            unit = (record["case"], record["question"], record["finding"])
            if unit in records:
                raise PackageProblem(name, f"The unit {' / '.join(unit)} stands twice.")
            if (record["label"] is None) != (name == "open.jsonl"):
                raise PackageProblem(name, f"The unit {' / '.join(unit)} stands in the wrong file.")
            records[unit] = record
    return records


def json_value(files: Mapping[str, bytes], name: str) -> Json:
    """Return the object that a JSON file holds."""
    return parsed(needed(files, name), name)


def json_values(files: Mapping[str, bytes], name: str) -> Iterator[Json]:
    """Yield the objects of a JSON Lines file."""
    for number, line in enumerate(needed(files, name).split(b"\n"), start=1):
        if line:
            yield parsed(line, f"{name} line {number}")


def parsed(text: bytes, place: str) -> Json:
    """Return one JSON object, or say where there is none."""
    try:
        value = json.loads(text, parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise PackageProblem(place, f"This is no JSON ({error}).") from error
    if not isinstance(value, dict):
        raise PackageProblem(place, "A JSON object is needed here.")
    return value


def no_number(text: str) -> None:
    """Refuse NaN and Infinity, which are no JSON and equal nothing."""
    raise ValueError(f"{text} is no number")


def csv_rows(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    try:
        return read_csv(needed(files, name))
    except ValueError as error:
        raise PackageProblem(name, str(error)) from error


def needed(files: Mapping[str, bytes], name: str) -> bytes:
    """Return the bytes of a file that every package has."""
    if name not in files:
        raise PackageProblem(name, "The file is missing.")
    return files[name]
