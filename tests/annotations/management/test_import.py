import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotations.management.base import Refused
from annotations.models import Annotation, AuditEvent, ImportBatch
from tests.factories import GRADE, study
from tests.personas import ADA, CODES


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada}, questions=[GRADE])


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "reads.csv"
    path.write_text(f"case,reader,question,value\ncase-1,{CODES[ADA]},grade,2\n")
    return path


def run(*arguments):
    out = StringIO()
    call_command("import", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_file_is_handed_in_and_with_wait_taken(project, table):
    shown = json.loads(run("study", table, "--format=csv_table", "--as=mira", "--json"))
    assert (shown["state"], shown["n_committed"]) == ("waiting", 0)
    shown = json.loads(run("study", table, "--format=csv_table", "--as=mira", "--json", "--wait"))
    assert (shown["state"], shown["n_committed"], shown["n_problems"]) == ("done", 1, 0)
    assert Annotation.objects.count() == 1
    assert ImportBatch.objects.count() == 1


def test_every_problem_is_printed_with_file_line_and_field(project, table):
    table.write_text(table.read_text() + f"case-2,{CODES[ADA]},grade,9\ncase-7,{CODES[ADA]},grade,1\n")
    with pytest.raises(Refused) as refusal:
        run("study", table, "--format=csv_table", "--as=mira", "--wait")
    words = str(refusal.value)
    assert refusal.value.returncode == 1
    assert "invalid-input" in words
    assert "reads.csv:3 unknown-level: value/level" in words
    assert "reads.csv:4 unknown-case: case" in words
    assert not Annotation.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["study", "{table}", "--format=csv_table", "--as=ada"], "forbidden"),
        (["study", "{table}", "--format=csv_table", "--as=oz"], "not-found"),
        (["study", "{table}", "--format=csv_table", "--as=nobody"], "not-found"),
        (["study", "{table}.missing", "--format=csv_table", "--as=mira"], "invalid-input"),
        (["study", "{table}", "--format=csv_table", "--as=mira", "--option=x"], "invalid-input"),
    ],
)
def test_refusals_carry_their_code(project, table, arguments, code):
    with pytest.raises(Refused, match=code):
        run(*(argument.format(table=table) for argument in arguments))


def test_an_unknown_format_is_wrong_usage(project, table):
    with pytest.raises(CommandError) as refusal:
        run("study", table, "--format=xlsx", "--as=mira")
    assert not isinstance(refusal.value, Refused)


def test_the_format_is_guessed_and_it_says_how_sure_it_is(project, table):
    shown = json.loads(run("study", table, "--as=mira", "--json", "--wait"))
    assert (shown["format"], shown["guess"], shown["confidence"]) == ("csv_table", "Table (CSV, Parquet), sure", 0.95)
    assert shown["n_committed"] == 1


def test_a_format_that_is_not_certain_is_asked_for(project, tmp_path):
    path = tmp_path / "reads.json"
    path.write_text("[]")
    with pytest.raises(Refused, match="--format: coco, label_studio"):
        run("study", path, "--as=mira")


def test_the_sums_close(project, table):
    table.write_text(table.read_text() + f"case-2,{CODES[ADA]},grade,9\ncase-1,{CODES[ADA]},grade,2\n")
    command = ["study", table, "--as=mira", "--json", "--take=good"]
    planned = json.loads(run(*command, "--dry-run"))
    done = json.loads(run(*command, "--wait"))
    wanted = {"n_read": 3, "n_accepted": 1, "n_refused": 1, "n_unchanged": 1}
    assert {name: planned[name] for name in wanted} == wanted
    assert {name: done[name] for name in wanted} == wanted
    again = json.loads(run(*command, "--dry-run"))
    assert (again["n_accepted"], again["n_unchanged"], again["n_refused"]) == (0, 2, 1)


def test_a_dry_run_says_what_would_be_and_writes_nothing(project, table):
    table.write_text(table.read_text() + f"case-2,{CODES[ADA]},grade,9\n")
    before = (ImportBatch.objects.count(), AuditEvent.objects.count())
    shown = json.loads(run("study", table, "--as=mira", "--json", "--dry-run"))
    assert shown["dry_run"] is True
    # All or nothing: with a problem in the file nothing would be taken.
    assert (shown["n_read"], shown["n_accepted"], shown["n_refused"], shown["readers"]) == (2, 0, 2, {})
    good = json.loads(run("study", table, "--as=mira", "--json", "--dry-run", "--take=good"))
    assert (good["n_cases"], good["readers"], good["questions"]) == (1, {CODES[ADA]: 1}, {"grade": 1})
    (problem,) = shown["problems"]
    assert (problem["file"], problem["line"], problem["code"]) == ("reads.csv", 3, "unknown-level")
    assert (ImportBatch.objects.count(), AuditEvent.objects.count()) == before
    assert not Annotation.objects.exists()
