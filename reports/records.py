"""Reads of the units of a project as gold records: label, provenance, dissent; and the ledger's cells."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotations.models import Exclusion, LabelSchema, Project, Question
from annotations.selectors import current_schema
from qc.agreement.base import parted
from qc.models import AgreementResult, Evaluation, ProtocolVersion
from qc.registry import STATISTICS
from qc.selectors import ADJUDICATED, AUTO_ACCEPTED, DISPOSITIONS, EXCLUDED, PANEL, disposition_of, ranked_results
from qc.settling.second import ACCEPTED_BY
from reports.evidence import Evidence, evidence_of, reader_list
from reports.exporters._csv import write_csv
from reports.exporters.base import digest_of
from reports.exporters.dissent import CANNOT_ASSESS, ReadFacts, dissent_of, soft_label

LEDGER_COLUMNS = ("case", "subject", "question", "disposition", "reason")
NOBODY = {"by": "nobody"}

UNIT_FIELDS = (
    "case_id", "case__key", "case__subject", "question_id", "finding", "number", "method", "outcome", "label",
    "support", "votes", "inputs", "values", "details", "verdict", "rule", "rank",
    "evaluation__protocol__number", "evaluation__protocol__digest",
)  # fmt: skip

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """All that a release would hold if it were frozen at this moment."""

    records: list[dict[str, Any]]
    ledger: dict[str, Any]
    facts: dict[str, Any]
    files: dict[str, bytes]


class Units:
    """The units of a project with the dispositions of units and cells, read once."""

    def __init__(self, project: Project, questions: Mapping[int, Question]) -> None:
        self.questions = questions
        self.cases = sorted(project.cases.values_list("key", "pk", "subject"))
        in_force = Exclusion.objects.filter(case__project=project, revoked_at__isnull=True)
        self.excluded: dict[int, str] = dict(in_force.values_list("case_id", "reason"))
        self.due = set(project.cases.filter(due_at__isnull=False).values_list("pk", flat=True))
        rows = ranked_results(project).filter(question_id__in=questions).values(*UNIT_FIELDS)
        self.rows: list[Row] = sorted(rows, key=self._place)
        self.ranks: dict[tuple[int, int], int] = {}
        for row in self.rows:
            cell = (row["case_id"], row["question_id"])
            self.ranks[cell] = max(row["rank"], self.ranks.get(cell, row["rank"]))

    def _place(self, row: Row) -> tuple[str, int, int, str]:
        return row["case__key"], self.questions[row["question_id"]].position, row["number"], row["finding"]

    def disposition(self, case_id: int, rank: int | None) -> tuple[str, str]:
        """Return the disposition of a unit or cell and its reason."""
        return disposition_of(case_id, rank, self.excluded, self.due)

    def cell(self, row: Row) -> str:
        """Return the disposition of the cell that a unit belongs to."""
        return self.disposition(row["case_id"], self.ranks[row["case_id"], row["question_id"]])[0]

    def cells(self) -> Iterator[tuple[str, str, str, str, str]]:
        """Yield case, subject, question, disposition and reason of every cell."""
        for key, case_id, subject in self.cases:
            for question in self.questions.values():
                rank = self.ranks.get((case_id, question.pk))
                yield key, subject, question.code, *self.disposition(case_id, rank)


def content_of(project: Project, protocol: ProtocolVersion, statistics: Evaluation) -> Content:
    """Return what a release of the project would hold now; run it outside any lock, for it takes seconds."""
    schema = current_schema(project)
    if schema is None:
        raise ValueError("A project without questions has no content.")
    questions = {question.pk: question for question in schema.questions.select_related("about")}
    units = Units(project, questions)
    evidence = evidence_of(project, units.excluded, protocol.document)
    maker = RecordMaker(units, evidence, protocol, schema)
    cells = list(units.cells())
    return Content(
        records=[maker.record(row) for row in units.rows],
        ledger=ledger_of(units, cells),
        facts={
            "project": project_facts(project),
            "schema": schema_facts(schema, questions),
            "protocol": protocol_facts(protocol),
            "readers": reader_list(project),
            "counts": evidence.counts,
            "statistics": statistics_of(statistics),
            "measured": statistics.facts,
        },
        files={**evidence.files, "ledger.csv": write_csv(LEDGER_COLUMNS, cells)},
    )


class RecordMaker:
    """Turns a unit's row into the record of the release."""

    def __init__(self, units: Units, evidence: Evidence, protocol: ProtocolVersion, schema: LabelSchema) -> None:
        self._units, self._evidence = units, evidence
        self._policies = protocol.document["questions"]
        self._schema = {"version": schema.version, "digest": schema.digest}
        self._marks: dict[tuple[int, int, str], set[tuple[str, str]]] = {}

    def record(self, row: Row) -> dict[str, Any]:
        """Return the whole line of one unit."""
        question = self._units.questions[row["question_id"]]
        disposition, reason = self._units.disposition(row["case_id"], row["rank"])
        used = [self._evidence.by_ref[ref] for _, ref, _ in row["inputs"]]
        if question.takes_marks:
            self._marks[row["case_id"], question.pk, row["finding"]] = {(read.reader, read.mark) for read in used}
        label, provenance = self._decided(row, question, disposition)
        details = row["details"]
        return {
            "case": row["case__key"],
            "subject": row["case__subject"],
            "question": question.code,
            "kind": question.kind,
            "finding": row["finding"],
            "number": row["number"],
            "disposition": disposition,
            "reason": reason,
            "cell": self._units.cell(row),
            "label": label,
            "verdict": row["verdict"],
            "outcome": row["outcome"],
            "method": row["method"],
            "referred_by": row["rule"],
            "support": row["support"],
            "votes": row["votes"],
            "existence": details.get("existence", {}),
            "soft": soft_label(details, row["votes"]),
            "values": row["values"],
            "provenance": provenance,
            "inputs": sorted((read.reference() for read in used), key=lambda one: (one["reader"], one["mark"])),
            "dissent": self._dissent(row, question, label, used) if label is not None else [],
            "protocol": {"number": row["evaluation__protocol__number"], "digest": row["evaluation__protocol__digest"]},
            "schema": self._schema,
        }

    def _decided(self, row: Row, question: Question, disposition: str) -> tuple[Any, dict[str, Any]]:
        """Return the gold label and where it came from; no label where the unit is open or excluded."""
        if disposition == AUTO_ACCEPTED:
            policy = self._policies.get(question.code, {})
            rules = sorted(policy.get("rules", {}))
            provenance = {"by": "rule", "method": row["method"], "rules": rules}
            if ACCEPTED_BY in row["details"]:
                provenance[ACCEPTED_BY] = row["details"][ACCEPTED_BY]
            return row["label"], provenance
        line = self._evidence.decisions.get((row["case_id"], question.pk, row["finding"]))
        if line is None or disposition not in {ADJUDICATED, PANEL, EXCLUDED}:
            # A decision that was taken before new reads opened the unit again settles it no longer.
            return None, NOBODY
        names = ("adjudicator", "decision", "round", "rationale", "cause", "confidence", "source", "signature")
        provenance = {"by": "adjudication", **{name: line[name] for name in names}, "votes": len(line["votes"])}
        return (line["label"] if disposition in {ADJUDICATED, PANEL} else None), provenance

    def _dissent(
        self, row: Row, question: Question, label: Mapping[str, Any], used: list[ReadFacts]
    ) -> list[dict[str, Any]]:
        answers = self._evidence.counted.get((row["case_id"], question.pk), [])
        if question.about_id is not None:
            # Of a detail only the answers about this finding's marks bear on the unit.
            marks = self._marks.get((row["case_id"], question.about_id, row["finding"]), set())
            answers = [read for read in answers if (read.reader, read.mark) in marks and read.kind == CANNOT_ASSESS]
        return dissent_of(label, digest_of(label), used, answers, row["details"].get("voxels", {}))


def ledger_of(units: Units, cells: list[tuple[str, str, str, str, str]]) -> dict[str, Any]:
    """Return the counts of the seven dispositions, in total and by question."""
    by_question = {question.code: Counter[str]() for question in units.questions.values()}
    for _, _, question, disposition, _ in cells:
        by_question[question][disposition] += 1
    total = sum(by_question.values(), Counter[str]())
    return {
        "n_cases": len(units.cases),
        "n_questions": len(units.questions),
        "counts": {name: total[name] for name in DISPOSITIONS},
        "by_question": {code: {name: counts[name] for name in DISPOSITIONS} for code, counts in by_question.items()},
    }


def project_facts(project: Project) -> dict[str, Any]:
    """Return what the package says of the project."""
    names = ("slug", "name", "description", "attribution", "simulated_note", "knows_readers")
    return {name: getattr(project, name) for name in names}


def schema_facts(schema: LabelSchema, questions: Mapping[int, Question]) -> dict[str, Any]:
    """Return the questions in the form that the schema's digest covers."""
    forms = [
        {
            "code": question.code,
            "title": question.title,
            "kind": question.kind,
            "scale": question.scale,
            "definition": question.definition,
            "about": question.about.code if question.about else "",
        }
        for question in questions.values()
    ]
    return {"version": schema.version, "digest": schema.digest, "guideline": schema.guideline, "questions": forms}


def protocol_facts(protocol: ProtocolVersion) -> dict[str, Any]:
    """Return the protocol document with its number and digest."""
    return {
        "number": protocol.number,
        "name": protocol.name,
        "digest": protocol.digest,
        "document": protocol.document,
    }


def title_of(stored: str) -> str:
    """Return the title of a stored statistic, with its part behind it; the name itself where it is not known."""
    name, part = parted(stored)
    title = STATISTICS[name].title if name in STATISTICS else name
    return f"{title}: {part}" if part else title


def statistics_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return the estimates of a project's evaluation in a fixed order."""
    rows = AgreementResult.objects.filter(evaluation=evaluation).values_list(
        "question__position", "question__code", "statistic", "population", "pair", "estimate"
    )
    return [
        {
            "question": code,
            "statistic": statistic,
            "title": title_of(statistic),
            "population": population,
            "pair": pair,
            "estimate": estimate,
        }
        for _, code, statistic, population, pair, estimate in sorted(rows, key=lambda row: row[:5])
    ]
