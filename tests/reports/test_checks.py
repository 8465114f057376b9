"""Controls hidden among the work, what they say of readers, and the page that shows all checks."""

import csv
import io
import math

import pytest
from django.urls import reverse

from annotations import intake
from annotations.assignment import assign_readers, blind_seat
from annotations.errors import InvalidInput
from annotations.intake import NewCase
from annotations.models import Assignment, Purpose
from annotations.selectors import worklist
from qc import evaluation
from qc.selectors import ledger
from qc.settling.yardstick import error_bound, sequence_of, share_right
from reports import checks, controls, release
from reports.own import lessons_of
from tests.factories import EFFUSION, GRADE, PASSWORD, SHAPE, code, document, level, read, study, work
from tests.personas import ADA, BEN, CODES

N_RELEASED = 12
N_NEW = 20
NEWCOMER = "r-9"


@pytest.fixture
def project(cast):
    """Twelve released cases by two readers; then twenty new ones, which a third reads too."""
    project = study(
        cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, GRADE], n_cases=N_RELEASED
    )
    for number in range(1, N_RELEASED + 1):
        for user in (cast.ada, cast.ben):
            read(project, user, f"case-{number}", effusion=code("yes" if number % 2 else "no"), grade=level(2))
    work()
    release.freeze_release(actor=cast.mira, project=project, note="First.", password=PASSWORD)
    work()
    newcomer(project, cast.vera, cast, NEWCOMER)
    return project


def newcomer(project, user, cast, name):
    """A reader who never saw the released cases, with twenty new ones waiting."""
    intake.set_role(actor=cast.mira, project=project, user=user, role="annotator")
    reader = intake.register_reader(actor=cast.mira, project=project, code=name, user=user)
    if not project.cases.filter(key="new-1").exists():
        new = [NewCase(f"new-{n}", f"patient-{n}", {}, SHAPE, (2.0, 1.0, 1.0)) for n in range(1, N_NEW + 1)]
        intake.register_cases(actor=cast.mira, project=project, cases=new)
    cases = list(project.cases.filter(key__startswith="new-"))
    assign_readers(actor=cast.mira, project=project, cases=cases, readers=[reader])
    return reader


def hidden(project, **more):
    return Assignment.objects.filter(case__project=project, purpose=Purpose.CONTROL, **more)


def hide(project, cast, share=0.15):
    return controls.seat_controls(actor=cast.mira, project=project, share=share)


def truth(key):
    return "yes" if int(key.partition("-")[2]) % 2 else "no"


def answer(project, seat, *, is_right=True, grade=2):
    said = truth(seat.case.key) if is_right else {"yes": "no", "no": "yes"}[truth(seat.case.key)]
    read(project, seat.reader.user, seat.case.key, effusion=code(said), grade=level(grade))


def test_controls_make_up_a_share_of_the_waiting_work_and_are_asked_for_once(project, cast):
    seats = hide(project, cast)
    # 4 of 24 are as near to 15 % as a whole number gets: 0.15 / 0.85 × 20 = 3.5.
    assert len(seats) == 4
    assert {seat.reader.code for seat in seats} == {NEWCOMER}
    assert all(seat.case.key.startswith("case-") for seat in seats)
    with pytest.raises(InvalidInput) as caught:
        hide(project, cast)
    assert caught.value.errors[0]["code"] == "nothing-to-hide"


def test_a_reader_cannot_tell_a_control_from_other_work(project, cast):
    hide(project, cast)
    client = cast.client("vera")
    items = client.get(reverse("api-worklist", args=[project.slug])).json()["items"]
    assert len(items) == N_NEW + 4
    assert {name for item in items for name in item} == {"case", "id", "round", "finish_url"}
    assert {item["round"] for item in items} == {1}
    order = [seat.case.key.startswith("case-") for seat in worklist(cast.vera, project)]
    assert order != sorted(order)
    assert order != sorted(order, reverse=True)
    for seat in hidden(project):
        page = client.get(reverse("reading", args=[project.slug, seat.case.public_id])).content.decode().lower()
        assert "control" not in page.replace("aria-controls", "").replace("cache-control", "")
        said = client.get(reverse("api-annotations", args=[project.slug]), {"case": seat.case.key}).json()["items"]
        assert said == []


def test_a_control_settles_nothing(project, cast):
    before = ledger(project).counts
    for seat in hide(project, cast):
        answer(project, seat, is_right=False)
    work()
    assert ledger(project).counts == before


def test_what_a_reader_did_on_controls(project, cast):
    for place, seat in enumerate(hide(project, cast)):
        answer(project, seat, is_right=place != 0, grade=4 if place == 1 else 3)
    scores = controls.scores_of(project)
    by_question = {
        name: [one.is_right for one in scores.counted if one.question == name] for name in ("effusion", "grade")
    }
    assert sorted(by_question["effusion"]) == [False, True, True, True]
    # One level from the released one is within the protocol's limit, two are not.
    assert sorted(by_question["grade"]) == [False, True, True, True]
    assert not scores.contested
    line = next(one for one in checks.checks_page(project).controls if one.question.code == "effusion")
    assert (line.reader, line.share.n, line.share.n_right) == (NEWCOMER, 4, 3)
    assert line.test.verdict == "going on"


def test_own_lessons_do_not_tell_which_cases_were_controls(project, cast):
    for seat in hide(project, cast):
        answer(project, seat, is_right=False)
    reader = project.readers.get(code=NEWCOMER)
    assert lessons_of(project.releases.get(), reader) == ([], 0)
    assert lessons_of(project.releases.get(), project.readers.get(code=CODES[ADA]))[1] == 2 * N_RELEASED


def test_a_control_that_three_contradict_is_in_doubt_and_goes_to_a_physician(project, cast, django_user_model):
    newcomer(project, cast.oz, cast, "r-10")
    newcomer(project, django_user_model.objects.create_user("third", password=PASSWORD), cast, "r-11")
    case = project.cases.get(key="case-1")
    for reader in project.readers.filter(code__in=["r-9", "r-10", "r-11"]):
        Assignment.objects.bulk_create([blind_seat(reader, case, Purpose.CONTROL)])
    seats = list(hidden(project).select_related("case", "reader__user"))
    for seat in seats[:2]:
        answer(project, seat, is_right=False)
    work()
    assert not controls.scores_of(project).contested
    assert len([one for one in controls.scores_of(project).counted if not one.is_right]) == 2
    answer(project, seats[2], is_right=False)
    work()
    scores = controls.scores_of(project)
    assert scores.contested == (("case-1", "effusion", 3, 3),)
    assert {one.question for one in scores.counted} == {"grade"}
    assert ledger(project).by_question["effusion"]["in_dispute"] == 1
    assert ledger(project).is_closed
    # It serves nobody else as a control.
    assert "case-1" not in {case.key for case in controls.items_of(project, project.releases.get())}


@pytest.mark.parametrize(("share", "error"), [(0.04, "out-of-range"), (0.2, "out-of-range")])
def test_a_share_out_of_bounds_is_refused(project, cast, share, error):
    with pytest.raises(InvalidInput) as caught:
        hide(project, cast, share)
    assert caught.value.errors[0]["code"] == error
    assert not hidden(project).exists()


def test_without_a_release_there_is_nothing_to_know(cast):
    bare = study(cast.mira, {CODES[ADA]: cast.ada}, slug="bare")
    with pytest.raises(InvalidInput) as caught:
        hide(bare, cast)
    assert caught.value.errors[0]["code"] == "no-release"


def test_an_audit_gives_a_bound_of_the_error_among_the_accepted(project, cast):
    policy = {**document([EFFUSION, GRADE]), "audit": {"share": 1.0}}
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=policy)
    work()
    seats = list(hidden_audits(project))
    assert len(seats) == N_RELEASED
    for place, seat in enumerate(seats[:10]):
        answer(project, seat, is_right=place != 0)
    work()
    lines = {line.question.code: line for line in checks.checks_page(project).audits}
    assert (lines["effusion"].n, lines["effusion"].n_against, lines["effusion"].n_open) == (10, 1, 1)
    assert lines["effusion"].bound == pytest.approx(error_bound(10, 1))
    assert (lines["grade"].n, lines["grade"].n_against) == (10, 0)
    # Exact: (1 − p)^10 = 0.05.
    assert lines["grade"].bound == pytest.approx(1 - math.pow(0.05, 0.1))


def hidden_audits(project):
    rows = Assignment.objects.filter(case__project=project, purpose=Purpose.AUDIT)
    return rows.select_related("case", "reader__user").order_by("pk")


def test_bounds_of_the_design():
    assert error_bound(100, 0) == pytest.approx(0.0295, abs=5e-5)
    assert error_bound(200, 3) == pytest.approx(0.038, abs=5e-4)
    assert error_bound(0, 0) is None


def test_shares_have_wilsons_bounds():
    share = share_right([True] * 6 + [False] * 4)
    assert (share.value, round(share.low, 2), round(share.high, 2)) == (0.6, 0.31, 0.83)
    assert share_right([]).value is None


def test_the_sequence_stops_at_the_first_limit_and_stays_there():
    assert sequence_of([True] * 5, 0.9).verdict == "going on"
    passed = sequence_of([True] * 40, 0.9)
    assert (passed.verdict, passed.decided_after) == ("passed", 9)
    flagged = sequence_of([False] * 4 + [True] * 60, 0.9)
    assert (flagged.verdict, flagged.decided_after) == ("flagged", 4)
    with pytest.raises(ValueError, match="leaves no accuracy"):
        sequence_of([True], 0.1)


def test_the_page_shows_and_asks(project, cast, client):
    client.force_login(cast.mira)
    address = reverse("checks", args=[project.slug])
    assert "None are hidden" in client.get(address).content.decode()
    refused = client.post(address, {"controls": "1", "controls-share": "50"})
    assert refused.status_code == 200
    assert "less than or equal to 15" in refused.content.decode()
    asked = client.post(address, {"controls": "1", "controls-share": "15"}, follow=True).content.decode()
    assert "4 seats given" in asked
    assert "case-" not in asked
    repeated = client.post(address, {"repeats": "1", "repeats-share": "25", "repeats-washout_days": "28"}, follow=True)
    assert "6 seats given" in repeated.content.decode()
    for seat in hidden(project).select_related("case", "reader__user"):
        answer(project, seat)
    text = client.get(address).content.decode()
    assert "going on" in text
    rows = list(csv.DictReader(io.StringIO(client.get(address, {"format": "csv"}).content.decode("utf-8-sig"))))
    api = client.get(reverse("api-checks", args=[project.slug])).json()
    assert [(row["question"], row["reader"], int(row["n"]), float(row["low"])) for row in rows] == [
        (one["question"], one["reader"], one["share"]["n"], one["share"]["low"]) for one in api["controls"]
    ]
    assert api["asked"]["control"] == {"n": 4, "n_finished": 4}


def test_controls_over_the_api(project, cast, client):
    client.force_login(cast.mira)
    made = client.post(reverse("api-controls", args=[project.slug]), {"share": 0.15}, content_type="application/json")
    assert (made.status_code, made.json()) == (201, {"n_new": 4, "readers": {NEWCOMER: 4}})
