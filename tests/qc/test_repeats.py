"""Repeats: drawn, blind, apart in time, never counted, and measured as the ceiling of agreement."""

from datetime import timedelta

import pytest
from django.urls import reverse

from annotations import locking
from annotations.errors import InvalidInput
from annotations.models import Annotation, Assignment, Purpose
from annotations.selectors import standing_answers, worklist
from qc.models import ConsensusResult, ReaderResult
from qc.repeats import ask_repeats
from qc.selectors import ledger, newest_run
from tests.factories import EFFUSION, code, read, study, work
from tests.personas import ADA, BEN, CODES

N_CASES = 24


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION], n_cases=N_CASES)


def read_all(project, cast):
    for number in range(1, N_CASES + 1):
        for user in (cast.ada, cast.ben):
            read(project, user, f"case-{number}", effusion=code("yes" if number % 2 else "no"))
    work()


def opened(project):
    """Let the washout pass."""
    Assignment.objects.filter(purpose=Purpose.REPEAT).update(opens_at=locking.now())


def ask(project, cast, **more):
    return ask_repeats(actor=cast.mira, project=project, share=0.25, **more)


def test_a_share_of_each_readers_finished_reads_is_drawn_and_the_draw_is_everybodys_own(project, cast):
    read_all(project, cast)
    seats = ask(project, cast)
    by_reader = {code: {s.case.key for s in seats if s.reader.code == code} for code in CODES.values()}
    assert {len(cases) for cases in by_reader.values()} == {N_CASES // 4}
    assert len(set(map(frozenset, by_reader.values()))) == 2
    assert {seat.sitting for seat in seats} == {2}
    assert all(seat.opens_at >= seat.created_at + timedelta(days=27) for seat in seats)


def test_nobody_knows_of_a_repeat_before_it_opens_nor_what_it_is_when_it_does(project, cast, client):
    read_all(project, cast)
    seats = [seat for seat in ask(project, cast) if seat.reader.user == cast.ada]
    key = seats[0].case.key
    client.force_login(cast.ada)
    page = reverse("worklist", args=[project.slug])
    api = reverse("api-worklist", args=[project.slug])
    address = reverse("reading", args=[project.slug, seats[0].case.public_id])
    assert not worklist(cast.ada, project).exists()
    assert client.get(api).json()["items"] == []
    assert client.get(address).status_code == 409
    opened(project)
    assert {row.key for row in client.get(page).context["rows"]} == {seat.case.key for seat in seats}
    shown = client.get(api).json()["items"]
    assert {name for row in shown for name in row} == {"case", "id", "round", "finish_url"}
    body = client.get(address).content.decode()
    assert "repeat" not in body.lower().replace("repeat(", "")
    assert '"drafts": []' in body
    mine = client.get(reverse("api-annotations", args=[project.slug]), {"case": key}).json()["items"]
    assert mine == []


def test_a_second_look_stands_beside_the_first_and_settles_nothing(project, cast):
    read_all(project, cast)
    before = (ledger(project).counts, ConsensusResult.objects.count())
    (seat, *_) = [seat for seat in ask(project, cast) if seat.reader.user == cast.ada]
    opened(project)
    first = {(a.reader, a.sitting): a.label["code"] for a in standing_answers(seat.case)}
    other = "no" if first[CODES[ADA], 1] == "yes" else "yes"
    read(project, cast.ada, seat.case.key, effusion=code(other))
    work()
    after = {(a.reader, a.sitting): a.label["code"] for a in standing_answers(seat.case)}
    assert after == {**first, (CODES[ADA], 2): other}
    assert (ledger(project).counts, ConsensusResult.objects.count()) == before
    assert set(Annotation.objects.filter(case=seat.case).values_list("revision", flat=True)) == {1}


def test_agreement_with_oneself_is_the_share_of_cases_read_alike(project, cast):
    read_all(project, cast)
    seats = [seat for seat in ask(project, cast) if seat.reader.user == cast.ada]
    opened(project)
    for place, seat in enumerate(seats):
        number = int(seat.case.key.partition("-")[2])
        same = "yes" if number % 2 else "no"
        read(project, cast.ada, seat.case.key, effusion=code("yes" if place == 0 and same == "no" else same))
    changed = int(seats[0].case.key.partition("-")[2]) % 2 == 0
    work()
    rows = ReaderResult.objects.filter(evaluation=newest_run(project), against="self")
    assert {row.reader.code for row in rows} == {CODES[ADA]}
    percent = next(row.result for row in rows if row.statistic == "percent")
    assert percent["value"] == pytest.approx(1 - changed / len(seats))
    assert percent["n_units"] == len(seats)
    assert "cohen_kappa" in {row.statistic for row in rows}


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"share": 0.0}, "out-of-range"),
        ({"share": 0.9}, "out-of-range"),
        ({"washout_days": 3}, "too-short"),
        ({}, "nothing-to-repeat"),
    ],
)
def test_what_cannot_be_repeated_is_refused_and_nothing_changes(project, cast, more, error):
    with pytest.raises(InvalidInput) as caught:
        ask_repeats(actor=cast.mira, project=project, **{"share": 0.1, **more})
    assert [one["code"] for one in caught.value.errors] == [error]
    assert not Assignment.objects.filter(purpose=Purpose.REPEAT).exists()


def test_a_case_is_repeated_once(project, cast):
    read_all(project, cast)
    once = {(seat.case_id, seat.reader_id) for seat in ask(project, cast)}
    again = {(seat.case_id, seat.reader_id) for seat in ask(project, cast)}
    assert once & again == set()


def test_a_qa_lead_asks_for_repeats_and_is_told_how_many_but_not_which(project, cast, client):
    read_all(project, cast)
    client.force_login(cast.mira)
    address = reverse("api-repeats", args=[project.slug])
    answer = client.post(address, {"share": 0.25}, content_type="application/json")
    assert answer.status_code == 201
    assert answer.json() == {"n_new": N_CASES // 2, "readers": dict.fromkeys(sorted(CODES.values()), N_CASES // 4)}
    assert "case-" not in answer.content.decode()
    assert client.post(address, {"share": 2}, content_type="application/json").json()["errors"][0]["code"]
