import io
import json

import pytest
from django.core.management.base import CommandError

from annotations.errors import InvalidInput
from annotations.management.base import Refused, VerbCommand


class Draw(VerbCommand):
    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--sides", type=int, default=3)

    def act(self, *, sides, **options):
        if sides < 3:
            fault = {"file": "shape.csv", "line": 4, "code": "too-few", "detail": "Three at least."}
            raise InvalidInput("No such shape.", errors=[fault])
        return {"sides": sides}


def call(*arguments):
    out, err = io.StringIO(), io.StringIO()
    command = Draw(stdout=out, stderr=err)
    try:
        command.run_from_argv(["manage.py", "draw", *arguments])
    except SystemExit as exit_:
        return exit_.code, out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


# Django closes its connections when a command ends, so the database must be allowed.
pytestmark = pytest.mark.django_db(transaction=True)


def test_done_is_zero_and_speaks_words_or_json():
    assert call()[:2] == (0, "sides: 3\n")
    code, out, _ = call("--json", "--sides", "5")
    assert (code, json.loads(out)) == (0, {"sides": 5})


def test_refused_is_one_with_code_and_place_on_stderr():
    code, out, err = call("--sides", "2")
    assert (code, out) == (1, "")
    assert "invalid-input: No such shape." in err
    assert "shape.csv:4 too-few: Three at least." in err


def test_refused_in_json_for_machines():
    code, _, err = call("--sides", "2", "--json")
    assert code == 1
    assert json.loads(err.partition(": ")[2])["code"] == "invalid-input"


def test_wrong_usage_is_two(capsys):
    assert call("--sides", "many")[0] == 2
    assert "invalid int value" in capsys.readouterr().err


def test_called_from_code_it_raises():
    with pytest.raises(Refused, match="invalid-input"):
        Draw().handle(sides=1)
    assert issubclass(Refused, CommandError)


def test_a_person_sees_how_far_it_is_and_a_log_does_not():
    for is_person in (True, False):
        written = io.StringIO()
        written.isatty = lambda is_person=is_person: is_person
        command = VerbCommand(stderr=written)
        command.progress(1, 4, "answers")
        command.progress(4, 4, "answers")
        expected = ["██████░░░░░░░░░░░░░░░░░░  25%  1 of 4 answers", "████████████████████████ 100%  4 of 4 answers\n"]
        assert written.getvalue() == ("\r" + "\r".join(expected) if is_person else "")
