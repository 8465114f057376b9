"""The report of a large study: every page from the cache, and everything recomputed; it prints the figures.

python benchmarks/report.py [--cases 100000] [--rounds 3] [--without-answers] [--json]

Builds a study of CASES cases × 5 readers × 10 questions in a database of its own that is thrown away: every unit is
settled by the product's own rules, and written below the verbs, which would take hours. Then it measures agreement as
the worker does, and asks for each page as a browser does, first with an empty cache and then again.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
HOME = tempfile.mkdtemp(prefix="consilium-benchmark-")
os.environ["CONSILIUM_DATA"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from annotations import due, intake, locking
from annotations.intake import NewProject, NewQuestion
from annotations.labels.base import canonical
from annotations.models import Annotation, Assignment, Case, Project, Question
from qc.evaluation import adopt_protocol
from qc.models import ConsensusResult, Evaluation
from qc.settling.base import CODE_VERSION, CaseReads, QuestionSpec, Read, Unit
from qc.settling.case import settle_case
from qc.tasks import evaluate_one

READERS = ("r1", "r2", "r3", "r4", "r5")
BATCH = 20_000
# Two thirds of the patients have one case, some have several, as in a registry.
PATIENTS_PER_CASE = 0.7
GOAL_PAGE_S, GOAL_RECOMPUTE_S = 1.0, 60.0


def questions() -> list[NewQuestion]:
    """Return five categories, four grades and one measurement."""
    codes = [{"code": name, "title": name.title()} for name in ("none", "mild", "severe", "other")]
    levels = [{"code": str(level), "title": f"Level {level}"} for level in range(1, 6)]
    found = [
        NewQuestion(f"sign-{n}", f"Sign {n}", "category", "nominal", {"codes": codes[: 2 + n % 3]}) for n in range(5)
    ]
    found += [NewQuestion(f"grade-{n}", f"Grade {n}", "grade", "ordinal", {"levels": levels}) for n in range(4)]
    return [*found, NewQuestion("size", "Size", "measurement", "ratio", {"unit": "mm", "minimum": 0, "maximum": 200})]


def document() -> dict[str, Any]:
    """Return a protocol that accepts a majority, and sends the rest to a physician."""
    policies = {
        "category": {"method": "majority", "rules": {"no_majority": {}}},
        "grade": {
            "method": "median",
            "rules": {"low_agreement": {"statistic": "spread", "maximum": 2}, "no_majority": {}},
        },
        "measurement": {
            "method": "median",
            "rules": {"low_agreement": {"statistic": "spread", "maximum": 40}, "no_majority": {}},
        },
    }
    return {
        "protocol": "majority_panel",
        "seats": len(READERS),
        "minimum": 2,
        "tie": "refer",
        "questions": {one.code: policies[one.kind] for one in questions()},
    }


def answers_to(question: Question, n_cases: int, seed: int) -> np.ndarray:
    """Return the places of five readers' answers, each right in about 80 %."""
    generator = np.random.Generator(np.random.PCG64(seed))
    if question.kind == "measurement":
        truth = generator.integers(5, 40, size=n_cases)
        return truth[:, None] + generator.integers(-2, 3, size=(n_cases, len(READERS)))
    n = len(question.definition.get("codes") or question.definition["levels"])
    truth = np.minimum(generator.geometric(0.5, size=n_cases) - 1, n - 1)
    noise = generator.integers(0, n, size=(n_cases, len(READERS)))
    return np.where(generator.random((n_cases, len(READERS))) < 0.8, truth[:, None], noise)


def label_of(question: Question, place: int) -> dict[str, Any]:
    """Return the label of a place on the question's scale."""
    if question.kind == "measurement":
        return {"kind": "measurement", "number": float(place), "unit": "mm"}
    if question.kind == "grade":
        return {"kind": "grade", "level": question.definition["levels"][place]["code"]}
    return {"kind": "category", "code": question.definition["codes"][place]["code"]}


class Settler:
    """Settles a unit by the product's rules, each distinct set of answers once."""

    def __init__(self, question: Question, protocol: dict[str, Any]) -> None:
        self._question = question
        self._spec = QuestionSpec(question.code, question.kind, question.scale, question.definition)
        self._protocol = protocol
        self._known: dict[tuple[int, ...], Unit] = {}

    def unit(self, places: tuple[int, ...]) -> Unit:
        """Return the unit that these answers settle."""
        if places not in self._known:
            reads = tuple(
                Read(reader, self._question.code, "", label_of(self._question, int(place)), 0, "")
                for reader, place in zip(READERS, places, strict=True)
            )
            whole = CaseReads((self._spec,), READERS, reads, None, block=frozenset(READERS))
            self._known[places] = settle_case(whole, self._protocol).units[0]
        return self._known[places]


def insert(model: Any, fields: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    """Insert rows below the object layer."""
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)
    statement = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608
    chunk: list[Sequence[Any]] = []
    with connection.cursor() as cursor:
        for row in rows:
            chunk.append(row)
            if len(chunk) == BATCH:
                cursor.executemany(statement, chunk)
                chunk = []
        cursor.executemany(statement, chunk)


def build(n_cases: int, *, with_answers: bool) -> tuple[Project, User]:
    """Return the study with its lead."""
    lead = User.objects.create_superuser("lead")
    project = intake.open_project(actor=lead, new=NewProject(slug="large", name="A large study"))
    intake.publish_schema(actor=lead, project=project, questions=questions())
    for code in READERS:
        intake.register_reader(actor=lead, project=project, code=code, user=None)
    protocol = adopt_protocol(actor=lead, project=project, document=document())
    now = locking.now()
    generator = np.random.Generator(np.random.PCG64(7))
    patients = generator.integers(0, int(n_cases * PATIENTS_PER_CASE), size=n_cases)
    Case.objects.bulk_create(
        (
            Case(
                project=project,
                key=f"case-{n:07d}",
                subject=f"patient-{patients[n]:07d}",
                strata={"site": f"Site {n % 6}", "sex": "fm"[n % 2], "age": str(20 + n % 60)},
                registered_at=now,
            )
            for n in range(n_cases)
        ),
        batch_size=BATCH // 20,
    )
    cases = list(project.cases.order_by("key").values_list("pk", flat=True))
    readers = dict(project.readers.values_list("code", "pk"))
    seats = ((case, pk, 1, 1, "truth", now, 0.0, now) for case in cases for pk in readers.values())
    insert(Assignment, ("case", "reader", "round", "sitting", "purpose", "created_at", "place", "finished_at"), seats)
    whole = (
        "project",
        "case",
        "protocol",
        "input_digest",
        "code_version",
        "n_asked",
        "n_finished",
        "facts",
        "created_at",
    )
    runs = (
        (project.pk, case, protocol.pk, f"{case:064x}", CODE_VERSION, 5, 5, '{"readers": []}', now) for case in cases
    )
    insert(Evaluation, whole, runs)
    evaluations = dict(Evaluation.objects.filter(project=project).values_list("case_id", "pk"))
    for number, question in enumerate(Question.objects.filter(schema__project=project).order_by("position")):
        said = answers_to(question, n_cases, number)
        if with_answers:
            insert_answers(question, cases, readers, said, lead.pk)
        insert_results(question, cases, evaluations, said, protocol.document)
    return project, lead


def insert_answers(
    question: Question, cases: Sequence[int], readers: dict[str, int], said: np.ndarray, author: int
) -> None:
    """Insert every reader's answer to a question, read here and timed."""
    labels = {int(place): json.dumps(label_of(question, int(place))) for place in np.unique(said)}
    fields = (
        "public_id", "case", "question", "reader", "sitting", "mark", "revision", "label", "digest", "seconds",
        "created_at", "created_by",
    )  # fmt: skip
    now = locking.now()
    rows = (
        (f"{question.pk:08x}{case:012x}{pk:012x}", case, question.pk, pk, 1, "", 1, labels[int(said[n, place])],
         "0" * 64, 6.0 + (case * 7 + pk) % 9, now, author)
        for n, case in enumerate(cases)
        for place, pk in enumerate(readers.values())
    )  # fmt: skip
    insert(Annotation, fields, rows)


def insert_results(
    question: Question, cases: Sequence[int], evaluations: dict[int, int], said: np.ndarray, protocol: dict[str, Any]
) -> None:
    """Insert the settled units of a question."""
    settler = Settler(question, protocol)
    fields = (
        "evaluation", "case", "question", "finding", "number", "method", "outcome", "label", "support", "votes",
        "inputs", "values", "details", "verdict", "rule",
    )  # fmt: skip
    inputs = canonical([[reader, 0, "0" * 64] for reader in READERS])

    def rows() -> Iterator[Sequence[Any]]:
        for case, places in zip(cases, said.tolist(), strict=True):
            unit = settler.unit(tuple(places))
            details = {**unit.details, "evidence": dict(unit.evidence), "cause": unit.cause}
            yield (
                evaluations[case], case, question.pk, "", 0, unit.method, unit.consensus.outcome,
                json.dumps(unit.label), unit.consensus.support, json.dumps(dict(unit.consensus.votes)), inputs,
                json.dumps(dict(unit.values)), json.dumps(details), unit.verdict, unit.rule,
            )  # fmt: skip

    insert(ConsensusResult, fields, rows())


def recompute(project: Project) -> float:
    """Measure the project as the worker does; return the seconds."""
    due.mark(project)
    pairs = due.claim_due(Project, 1, "benchmark")
    start = time.perf_counter()
    closed = due.run(Project, pairs, evaluate_one)
    spent = time.perf_counter() - start
    if closed != 1 or not Evaluation.objects.filter(project=project, case__isnull=True).exists():
        raise SystemExit(f"not measured: {Project.objects.get(pk=project.pk).last_error}")
    return spent


def pages() -> dict[str, str]:
    """Return the pages of the report."""
    return {
        "overview": reverse("overview", args=["large"]),
        "agreement": reverse("agreement", args=["large"]),
        "question (category)": reverse("agreement-question", args=["large", "sign-1"]),
        "question (grade)": reverse("agreement-question", args=["large", "grade-1"]),
        "question (measurement)": reverse("agreement-question", args=["large", "size"]),
        "history": reverse("history", args=["large", "sign-1"]),
        "outlook": reverse("outlook", args=["large"]),
        "readers": reverse("readers", args=["large"]),
        "reader": reverse("reader", args=["large", "r1"]),
        "requirements": reverse("requirements", args=["large"]),
        "comparison of sites": reverse("comparison", args=["large"]) + "?by=site&first=Site 0&second=Site 1",
        "comparison of panels": reverse("comparison", args=["large"]) + "?first=r1,r2&second=r3,r4",
        "releases": reverse("releases", args=["large"]),
    }


def ask(client: Client, address: str) -> tuple[float, int]:
    """Return seconds and bytes of a page."""
    start = time.perf_counter()
    response = client.get(address)
    spent = time.perf_counter() - start
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status_code}")
    return spent, len(response.content)


def report(line: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(line), flush=True)
        return
    first = f"{line['first_s']:8.2f} s first" if "first_s" in line else ""
    size = f"{line['kib']:7.0f} KiB" if "kib" in line else ""
    verdict = "" if line["goal_s"] is None else ("  met" if line["ours_s"] <= line["goal_s"] else "  MISSED")
    print(f"{line['case']:<28}{line['ours_s']:8.3f} s {first} {size}{verdict}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-answers", action="store_true", help="leave the five million single answers out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        call_command("migrate", verbosity=0)
        start = time.perf_counter()
        project, lead = build(options.cases, with_answers=not options.without_answers)
        built = {"case": "building the study", "ours_s": time.perf_counter() - start, "goal_s": None}
        report(built, as_json=options.json)
        spent = recompute(project)
        report({"case": "full recomputation", "ours_s": spent, "goal_s": GOAL_RECOMPUTE_S}, as_json=options.json)
        client = Client(SERVER_NAME="localhost")
        client.force_login(lead)
        for name, address in pages().items():
            first, size = ask(client, address)
            again = statistics.median(ask(client, address)[0] for _ in range(options.rounds))
            line = {"case": name, "ours_s": again, "first_s": first, "kib": size / 1024, "goal_s": GOAL_PAGE_S}
            report(line, as_json=options.json)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"peak_mib": peak}) if options.json else f"peak memory {peak:,.0f} MiB")
    finally:
        shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
