"""Reads of everything that a release rests on: cases, seats, answers and signed decisions, as files of the package."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case as When_
from django.db.models import F, Q, Value, When

from annotations.labels.base import canonical
from annotations.models import Annotation, Assignment, AuditHead, Case, Exposure, Project, Purpose, Reader, ReaderKind
from annotations.selectors import questions_of
from qc.models import Adjudication
from qc.seats import reads_second, second_model, silent
from qc.settling.second import SECOND
from reports.exporters._csv import Cell, write_csv
from reports.exporters.base import json_file, json_lines
from reports.exporters.dissent import REGIONS, ReadFacts

CASE_COLUMNS = (
    "case", "subject", "excluded", "shape_z", "shape_y", "shape_x", "spacing_z_mm", "spacing_y_mm", "spacing_x_mm",
    "pixel_digest", "strata",
)  # fmt: skip
SEAT_COLUMNS = ("case", "reader", "round", "finished", "sitting", "purpose")

COUNTED = "counted"
SUPERSEDED = "superseded"
WITHDRAWN = "withdrawn"
NOT_FINISHED = "not_finished"
EARLIER_SCHEMA = "earlier_schema"
READ_AGAIN = "read_again"

Unit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was said and signed, as bytes and as an index for the records.

    ``by_ref`` finds a read by the annotation's primary key, ``counted`` the standing answers of a case to a
    question, ``decisions`` the signed decision in force for a unit (case, question, finding).
    """

    files: dict[str, bytes]
    by_ref: dict[int, ReadFacts]
    counted: dict[tuple[int, int], list[ReadFacts]]
    decisions: dict[Unit, dict[str, Any]]
    counts: dict[str, int]


def evidence_of(project: Project, excluded: dict[int, str], document: Mapping[str, Any]) -> Evidence:
    """Read all evidence of a project; ``excluded`` gives the reason for each case out of the count.

    A model whose reads have no vote under the protocol reads as a benchmark, whatever its seat was given for, and one
    that reads second as that, where its read was there in time.
    """
    cases = sorted(project.cases.select_related("image"), key=lambda case: case.key)
    purpose = purpose_of(document)
    seats = list(
        Assignment.objects.filter(case__project=project)
        .annotate(reads_as=purpose)
        .values_list("case__key", "reader__code", "round", "finished_at", "sitting", "reads_as", "case_id")
    )
    reads = ReadIndex(project, [(case_id, *seat) for *seat, case_id in seats])
    adjudications = list(decision_lines(project, reads.by_ref))
    in_force = {unit: line for unit, line in adjudications if line["in_force"]}
    rows: list[list[Cell]] = sorted(
        [case, reader, number, int(at is not None), sitting, purpose]
        for case, reader, number, at, sitting, purpose, _ in seats
    )
    return Evidence(
        files={
            "cases.csv": write_csv(CASE_COLUMNS, (case_row(case, excluded.get(case.pk, "")) for case in cases)),
            "images.jsonl": json_lines(image_lines(cases)),
            "seats.csv": write_csv(SEAT_COLUMNS, rows),
            "reads.jsonl": reads.lines(),
            "adjudications.jsonl": json_lines(line for _, line in adjudications),
            "exposure.jsonl": json_lines(exposure_lines(project, reads.by_ref)),
            "audit-head.json": json_file(audit_head(project)),
        },
        by_ref=reads.by_ref,
        counted=reads.counted,
        decisions=in_force,
        counts={
            "n_subjects": len({case.subject for case in cases}),
            "n_seats": len(seats),
            "n_reads": len(reads.by_ref),
            "n_counted": sum(map(len, reads.counted.values())),
            "n_adjudications": len(adjudications),
            "n_adjudicators": len({line["adjudicator"] for _, line in adjudications}),
        },
    )


def purpose_of(document: Mapping[str, Any]) -> When_:
    """Return what a seat's read is for under a protocol, as an expression."""
    cases = [When(silent(document), then=Value(Purpose.BENCHMARK))]
    if second_model(document):
        models = Q(purpose=Purpose.TRUTH, reader__kind=ReaderKind.MODEL)
        cases = [
            When(reads_second(document), then=Value(SECOND)),
            When(models, then=Value(Purpose.BENCHMARK)),
            *cases,
        ]
    return When_(*cases, default=F("purpose"))


def case_row(case: Case, excluded: str) -> list[Cell]:
    """Return one case with its grid, as far as it is known."""
    image = getattr(case, "image", None)
    shape = list(image.shape) if image else [None] * 3
    spacing = list(image.spacing_mm) if image and image.spacing_mm else [None] * 3
    pixels = image.digest if image else ""
    return [case.key, case.subject, excluded, *shape, *spacing, pixels, canonical(case.strata)]


def image_lines(cases: Iterable[Case]) -> Iterator[dict[str, Any]]:
    """Yield how the voxels of each case lie in the patient, where the image says so."""
    for case in cases:
        image = getattr(case, "image", None)
        if image is not None and image.origin_mm and image.direction:
            yield {"case": case.key, "origin_mm": image.origin_mm, "direction": image.direction, "slices": image.slices}


class ReadIndex:
    """Every revision of every answer, in one pass over the table."""

    def __init__(self, project: Project, seats: Iterable[tuple[Any, ...]]) -> None:
        self.by_ref: dict[int, ReadFacts] = {}
        self.counted: dict[tuple[int, int], list[ReadFacts]] = {}
        self._purposes: dict[tuple[int, str, int], str] = {}
        self._counting: dict[tuple[int, str], int] = {}
        self._finished: set[tuple[int, str, int]] = set()
        for case_id, _, reader, _, finished_at, sitting, purpose in seats:
            self._purposes[case_id, reader, sitting] = purpose
            if finished_at is not None:
                self._finished.add((case_id, reader, sitting))
            if purpose == Purpose.TRUTH and finished_at is not None:
                self._counting[case_id, reader] = max(sitting, self._counting.get((case_id, reader), 0))
        self._questions = {question.pk for question in questions_of(project)}
        rows = Annotation.objects.filter(case__project=project)
        revised = rows.filter(revision__gt=1).order_by("revision")
        key = ("case_id", "question_id", "reader__code", "sitting", "mark")
        self._newest = {row[:5]: row[5] for row in revised.values_list(*key, "revision")}
        values = rows.values(
            "pk", *key, "case__key", "question__code", "question__schema__version",
            "revision", "label", "digest", "seconds", "created_at",
        )  # fmt: skip
        self._lines = sorted(self._line(row) for row in values.iterator(chunk_size=2000))

    def lines(self) -> bytes:
        """Return reads.jsonl, sorted by case, question, reader, sitting, mark and revision."""
        return "".join(text + "\n" for *_, text in self._lines).encode()

    def _line(self, row: dict[str, Any]) -> tuple[str, str, str, int, str, int, str]:
        label, reader = row["label"], row["reader__code"]
        why = self._why(row)
        kind = label["kind"] if label else ""
        facts = ReadFacts(reader, row["mark"], row["revision"], row["digest"], kind, None if kind in REGIONS else label)
        self.by_ref[row["pk"]] = facts
        if why == COUNTED:
            self.counted.setdefault((row["case_id"], row["question_id"]), []).append(facts)
        place = (row["case__key"], row["question__code"], reader, row["sitting"], row["mark"])
        line = {
            "case": place[0],
            "question": place[1],
            **facts.reference(),
            "sitting": row["sitting"],
            "schema": row["question__schema__version"],
            "label": label,
            "counted": why == COUNTED,
            "why": why,
            "seconds": row["seconds"],
            "at": row["created_at"].isoformat(),
        }
        return (*place, row["revision"], canonical(line))

    def _why(self, row: dict[str, Any]) -> str:
        """Return why an answer counts, or why it does not."""
        case_id, reader, sitting = row["case_id"], row["reader__code"], row["sitting"]
        if self._newest.get((case_id, row["question_id"], reader, sitting, row["mark"]), 1) != row["revision"]:
            return SUPERSEDED
        if row["label"] is None:
            return WITHDRAWN
        purpose = self._purposes.get((case_id, reader, sitting), "")
        if purpose not in {"", Purpose.TRUTH}:
            return f"for_{purpose}" if (case_id, reader, sitting) in self._finished else NOT_FINISHED
        counting = self._counting.get((case_id, reader))
        if counting is None or counting < sitting:
            return NOT_FINISHED
        if counting > sitting:
            return READ_AGAIN
        return COUNTED if row["question_id"] in self._questions else EARLIER_SCHEMA


def decision_lines(project: Project, by_ref: dict[int, ReadFacts]) -> Iterator[tuple[Unit, dict[str, Any]]]:
    """Yield every signed decision under pseudonyms, sorted by unit and round, with the reads that it saw."""
    rows = list(
        Adjudication.objects.filter(dispute__project=project)
        .select_related("dispute__case", "dispute__question", "dispute__result")
        .prefetch_related("dispute__votes")
        .order_by("pk")
    )
    pseudonyms = pseudonyms_of(project)
    newest: dict[Unit, int] = {}
    for row in rows:
        if row.dispute.superseded_by_id is None:
            unit = unit_of(row)
            newest[unit] = max(newest.get(unit, 0), row.dispute.round)
    rows.sort(key=lambda row: (row.dispute.case.key, row.dispute.question.code, row.dispute.finding, row.dispute.round))
    for row in rows:
        dispute = row.dispute
        stands = dispute.superseded_by_id is None and newest[unit_of(row)] == dispute.round
        yield unit_of(row), decision_line(row, pseudonyms, by_ref, in_force=stands)


def pseudonyms_of(project: Project) -> dict[int, str]:
    """Return the pseudonym of everybody who signed or was shown an answer, by when they first did.

    A person keeps the pseudonym in every later release: rows are only added.
    """
    rows = Adjudication.objects.filter(dispute__project=project).prefetch_related("dispute__votes").order_by("pk")
    signers = [
        person for row in rows for person in (*(vote.voter_id for vote in row.dispute.votes.all()), row.adjudicator_id)
    ]
    viewers = Exposure.objects.filter(case__project=project).order_by("pk").values_list("viewer_id", flat=True)
    return {pk: f"adjudicator-{number}" for number, pk in enumerate(dict.fromkeys([*signers, *viewers]), start=1)}


def exposure_lines(project: Project, by_ref: dict[int, ReadFacts]) -> Iterator[dict[str, Any]]:
    """Yield who was shown which answer when, in the order in which it was shown."""
    people = pseudonyms_of(project)
    rows = Exposure.objects.filter(case__project=project).order_by("pk")
    values = rows.values_list(
        "viewer_id", "case__key", "annotation__question__code", "annotation_id", "stage", "shown_at"
    )
    for viewer, case, question, ref, stage, at in values:
        if ref in by_ref:
            read = by_ref[ref].reference()
            yield {"viewer": people[viewer], "case": case, "question": question, "read": read, "stage": stage,
                   "shown_at": at.isoformat()}  # fmt: skip


def audit_head(project: Project) -> dict[str, Any]:
    """Return the end of the project's audit chain before the release was frozen."""
    head = AuditHead.objects.filter(project=project).first()
    return {"number": head.number if head else 0, "hash": head.hash if head else "0" * 64}


def unit_of(row: Adjudication) -> Unit:
    """Return the unit that a decision settles."""
    return row.dispute.case_id, row.dispute.question_id, row.dispute.finding


def decision_line(
    row: Adjudication, pseudonyms: Mapping[int, str], by_ref: dict[int, ReadFacts], *, in_force: bool
) -> dict[str, Any]:
    """Return one signed decision without the name of whoever signed it; the digest covers the name."""
    dispute = row.dispute
    return {
        "case": dispute.case.key,
        "question": dispute.question.code,
        "finding": dispute.finding,
        "round": dispute.round,
        "in_force": in_force,
        "referred_for": dispute.cause,
        "referred_because": dispute.explanation,
        "shown": [by_ref[ref].reference() for _, ref, _ in dispute.result.inputs],
        "shown_digest": row.shown_digest,
        "adjudicator": pseudonyms[row.adjudicator_id],
        "decision": row.decision,
        "source": by_ref[row.source_id].reference() if row.source_id else None,
        "label": row.label,
        "rationale": row.rationale,
        "cause": row.root_cause,
        "confidence": row.confidence,
        "meaning": row.meaning,
        "signed_at": row.signed_at.isoformat(),
        "signature": row.digest,
        "votes": [
            {
                "voter": pseudonyms[vote.voter_id],
                "turn": vote.turn,
                "decision": vote.decision,
                "label": vote.label,
                "rationale": vote.rationale,
                "cause": vote.root_cause,
                "confidence": vote.confidence,
                "signed_at": vote.signed_at.isoformat(),
                "signature": vote.digest,
            }
            for vote in sorted(dispute.votes.all(), key=lambda vote: (vote.turn, vote.pk))
        ],
    }


def reader_list(project: Project) -> list[dict[str, str]]:
    """Return the readers by code and kind; a name never leaves the service."""
    rows = Reader.objects.filter(project=project).values_list("code", "kind")
    return [{"code": code, "kind": kind} for code, kind in sorted(rows)]
