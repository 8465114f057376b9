"""The traps of the peers, one test each, in the order of the design (workflow.md, section 7)."""

import json
from itertools import permutations

import numpy as np
import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotations import assignment, due, intake, locking, submission
from annotations.models import Annotation, Assignment
from qc import adjudication, evaluation
from qc.agreement.base import TOO_LARGE
from qc.models import AgreementResult, ConsensusResult, Dispute
from qc.presentation import dispute_view
from qc.readers._others import truth_without
from qc.readings.instances import match
from qc.readings.landmarks import landmark_table
from qc.readings.overlap_table import OverlapTable
from qc.readings.pair_table import PairTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import METHODS, STATISTICS
from qc.selectors import ledger
from qc.settling import distances
from qc.settling.distances import Grid, measure_pairs
from qc.settling.sets import jaccard
from reports import release
from reports.verification.verify import verify_package
from tests.factories import (
    EFFUSION,
    GRADE,
    LESION,
    PASSWORD,
    box_mask,
    code,
    document,
    level,
    person,
    read,
    study,
    work,
)
from tests.personas import ADA, BEN, CODES, assemble

TWO = (CODES[ADA], CODES[BEN])
ORDINAL = Scale("ordinal", ("1", "2", "3", "4"))
NOMINAL = Scale("nominal", ("no", "yes"))


def measured(name, table, part=""):
    return STATISTICS[name].compute(table, level=0.95, seed=1)[part]


def pair(cast, questions=(EFFUSION,), **options):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=questions, **options)


def both(cast, project, case, ada, ben, question="effusion"):
    read(project, cast.ada, case, **{question: ada})
    read(project, cast.ben, case, **{question: ben})


def settle(project, user, dispute, **decision):
    row = adjudication.claim_dispute(actor=user, dispute=dispute)
    given = {
        "decision": "own",
        "value": code("yes"),
        "rationale": "Plain to see.",
        "root_cause": "oversight",
        "confidence": "high",
        "password": PASSWORD,
        "shown_digest": adjudication.shown_digest(row),
        "fence": row.fence,
    }
    return adjudication.resolve_dispute(actor=user, dispute=row, new=adjudication.NewDecision(**{**given, **decision}))


@pytest.mark.django_db
def test_01_a_tie_has_no_value_anywhere_and_opens_a_dispute(cast):
    votes = {"a": "yes", "b": "yes", "c": "no", "d": "no"}
    for order in permutations(votes):
        found = METHODS["majority"].function({name: votes[name] for name in order})
        assert (found.outcome, found.value) == ("tie", None)
    project = pair(cast)
    both(cast, project, "case-1", code("yes"), code("no"))
    work()
    result = ConsensusResult.objects.get(case__key="case-1")
    assert (result.outcome, result.label, result.verdict) == ("tie", None, "refer")
    assert Dispute.objects.filter(closed_at__isnull=True).count() == 1


@pytest.mark.django_db
def test_02_what_cannot_be_compared_is_undefined_and_never_accepted(cast):
    project = pair(cast, [LESION])
    changed = document([LESION])
    changed["questions"]["lesion"]["rules"]["outline_distance"] = {"statistic": "hd95_max", "maximum_mm": 3}
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=changed)
    project.cases.get(key="case-1").image.__class__.objects.filter(case__key="case-1").update(spacing_mm=None)
    both(cast, project, "case-1", box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 2, 8, 2, 8), "lesion")
    work()
    result = ConsensusResult.objects.get(case__key="case-1")
    assert (result.verdict, result.rule) == ("refer", "outline_distance")
    assert result.values["undefined"]["hd95"] == "no_spacing"
    estimate = AgreementResult.objects.get(statistic="hd95", population="all").estimate
    assert estimate["value"] is None
    assert estimate["undefined"]


@pytest.mark.django_db
@pytest.mark.parametrize("policy", ["accept", "refer"])
def test_03_two_empty_masks_are_what_the_policy_says_and_one_is_an_existence_dispute(cast, policy):
    project = pair(cast, [LESION])
    changed = document([LESION])
    changed["questions"]["lesion"]["rules"]["low_agreement"]["both_empty"] = policy
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=changed)
    empty, full = box_mask(0, 0, 0, 0, 0, 0), box_mask(0, 2, 2, 8, 2, 8)
    both(cast, project, "case-1", empty, empty, "lesion")
    both(cast, project, "case-2", empty, full, "lesion")
    work()
    first, second = (ConsensusResult.objects.get(case__key=f"case-{n}") for n in (1, 2))
    assert first.verdict == policy
    assert first.values["undefined"]["dice"] == "both_empty"
    assert (second.verdict, Dispute.objects.get(case__key="case-2").cause) == ("refer", "existence")
    dice = AgreementResult.objects.get(statistic="dice", population="all").estimate
    assert "both" in dice["dropped_why"] or "empty" in dice["dropped_why"]
    assert dice["n_dropped"] == 1


def test_04_the_order_of_a_set_is_nothing():
    assert jaccard(["A", "B"], ["B", "A"]) == 1.0
    found = METHODS["set_vote"].function({"r": ["A", "B"], "s": ["B", "A"]})
    assert (found.outcome, found.value, found.support) == ("settled", ("A", "B"), 1.0)


@pytest.mark.django_db
def test_05_a_share_counts_everybody_who_was_asked(cast):
    five = {f"R-{n}": person(f"reader{n}") for n in range(5)}
    project = study(cast.mira, five, questions=[GRADE])
    policy = {"grade": {"method": "plurality", "rules": {"no_majority": {}}}}
    evaluation.adopt_protocol(actor=cast.mira, project=project, document={**document([GRADE], 5), "questions": policy})
    for (_, user), says in zip(sorted(five.items()), (1, 1, 2, 3, 4), strict=True):
        read(project, user, "case-1", grade=level(says))
    work()
    result = ConsensusResult.objects.get(case__key="case-1")
    assert result.support is None or result.support == pytest.approx(2 / 5)
    assert sum(result.votes.values()) == 5
    if result.verdict == "refer":
        assert "of 5 readers" in Dispute.objects.get().explanation


def test_06_a_near_miss_costs_less_than_a_far_one_on_an_ordered_scale():
    same = [{"a": str(n), "b": str(n)} for n in (1, 2, 3, 4)] * 3
    near, far = ([*same, {"a": "1", "b": other}] for other in ("2", "4"))
    for name in ("weighted_kappa", "krippendorff_alpha", "gwet_ac"):
        values = [measured(name, PatternTable.from_rows(rows, scale=ORDINAL)).value for rows in (near, far)]
        assert values[0] > values[1], name
        turned = PatternTable.from_rows(far, scale=Scale("ordinal", ("1", "4", "2", "3")))
        assert measured(name, turned).value != pytest.approx(values[1]), name


def test_07_where_all_say_one_thing_a_chance_corrected_figure_is_undefined():
    table = PatternTable.from_rows([{"a": "yes", "b": "yes"}] * 20, scale=NOMINAL)
    for name in ("cohen_kappa", "krippendorff_alpha", "fleiss_kappa"):
        found = measured(name, table)
        assert (found.value, found.undefined) == (None, "undefined_single_category"), name
    percent = measured("percent", table)
    assert (percent.value, percent.n_units) == (1.0, 20)


@pytest.mark.django_db
def test_08_a_decided_cell_is_recomputed_beside_what_stands(cast):
    project = pair(cast)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    both(cast, project, "case-1", code("yes"), code("no"))
    work()
    signed = settle(project, cast.chen, Dispute.objects.get())
    work()
    reads = list(Annotation.objects.values_list("pk", "digest"))
    before = list(ConsensusResult.objects.values_list("pk", "label", "verdict"))
    evaluation.adopt_protocol(actor=cast.mira, project=project, document={**document([EFFUSION]), "minimum": 2})
    due.mark(project.cases.all())
    work()
    assert list(Annotation.objects.values_list("pk", "digest")) == reads
    assert list(ConsensusResult.objects.values_list("pk", "label", "verdict"))[: len(before)] == before
    signed.refresh_from_db()
    assert signed.label == code("yes")
    assert ledger(project).counts["adjudicated"] == 1


@pytest.mark.django_db
def test_09_a_read_that_is_not_finished_has_no_vote(cast):
    project = pair(cast)
    read(project, cast.ada, "case-1", effusion=code("yes"))
    read(project, cast.ben, "case-1", finish=False, effusion=code("no"))
    work()
    assert not ConsensusResult.objects.exists()
    assert ledger(project).collecting_why == {"reads outstanding": 2}


def test_10_marks_are_matched_one_to_one_and_the_readers_may_be_exchanged():
    # Greedy matching would take .9 and lose a pair.
    overlap = np.array([[0.9, 0.8], [0.8, 0.0]])
    assert match(overlap, threshold=0.5) == ((0, 1), (1, 0))
    for seed in range(50):
        table = np.random.default_rng(seed).random((4, 3))
        found = match(table, threshold=0.2)
        assert tuple(sorted((j, i) for i, j in match(table.T, threshold=0.2))) == found
        assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)


def test_11_an_overlap_figure_says_whether_it_is_of_voxels_or_of_objects():
    for name, spec in STATISTICS.items():
        if "Dice" in spec.title:
            assert spec.accepts in (OverlapTable, PairTable), name
        if "F1" in spec.title:
            assert spec.accepts not in (OverlapTable, PairTable), name
    assert "F1" in STATISTICS["object_f1"].title


def test_12_a_landmark_is_off_in_millimetres_and_a_frame_around_the_image_changes_nothing():
    for shift in (0, 100):
        units = [{"a": {"apex": [0, shift, shift]}, "b": {"apex": [0, shift, shift + 20]}}]
        table = landmark_table(units, [[0.5, 0.5, 0.5]])
        assert measured("landmark_distance", table, "mean").value == pytest.approx(10.0)


def test_13_an_average_of_averages_is_the_average_of_its_rows():
    units = [[("a", "b", 10, 10, 10)], [("a", "b", 10, 10, 0), ("a", "c", 10, 10, 5), ("b", "c", 10, 10, 10)]]
    from qc.readings.masks import PairCount

    table = OverlapTable.from_units([[PairCount(*one) for one in unit] for unit in units])
    found = measured("dice", table)
    by_unit = [np.mean([2 * both / (one + other) for _, _, one, other, both in unit]) for unit in units]
    assert found.value == pytest.approx(float(np.mean(by_unit)))
    assert found.n_units == 2


ACTS = st.lists(st.sampled_from(["ada", "ben", "exclude", "revoke", "sign", "work", "protocol", "late", "withdraw"]))


class LedgerProperty(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.data())
    def test_14_any_sequence_of_events_leaves_each_cell_in_one_place_and_the_counts_closing(self, data):
        cast = assemble()
        project = pair(cast, n_cases=3)
        intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
        late = person("late")
        intake.register_reader(actor=cast.mira, project=project, code="R-late", user=late)
        for act in data.draw(ACTS.filter(bool)):
            case = data.draw(st.sampled_from(["case-1", "case-2", "case-3"]))
            happens(cast, project, act, case, data)
            book = ledger(project)
            assert book.is_closed, (act, book)
            assert sum(book.counts.values()) == 3
        work()
        assert ledger(project).is_closed


def happens(cast, project, act, case, data):
    """Let one thing happen, as far as it can."""
    row = project.cases.get(key=case)
    {
        "ada": lambda: reads(cast.ada, project, row, data),
        "ben": lambda: reads(cast.ben, project, row, data),
        "exclude": lambda: excludes(cast, row),
        "revoke": lambda: revokes(project, row),
        "sign": lambda: signs(cast, project, row),
        "protocol": lambda: adopts(cast, project, data),
        "late": lambda: comes_late(cast, project, row),
        "withdraw": lambda: withdraws(cast, row),
        "work": work,
    }[act]()


def in_force(row):
    return row.exclusions.filter(revoked_at__isnull=True)


def reads(user, project, row, data):
    seat = Assignment.objects.filter(case=row, reader__user=user, finished_at__isnull=True)
    if seat.exists() and not in_force(row).exists():
        read(project, user, row.key, effusion=code(data.draw(st.sampled_from(["yes", "no"]))))


def excludes(cast, row):
    if not in_force(row).exists():
        intake.exclude_case(actor=cast.mira, case=row, reason="duplicate")


def revokes(project, row):
    in_force(row).update(revoked_at=locking.now())
    due.mark(project.cases.filter(pk=row.pk))


def signs(cast, project, row):
    dispute = Dispute.objects.filter(case=row, closed_at__isnull=True).first()
    if dispute is not None and not in_force(row).exists():
        settle(project, cast.chen, dispute)


def adopts(cast, project, data):
    seats = data.draw(st.sampled_from([2, 3]))
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=document([EFFUSION], seats))


def comes_late(cast, project, row):
    readers = [project.readers.get(code="R-late")]
    assignment.assign_readers(actor=cast.mira, project=project, cases=[row], readers=readers, round=2)


def withdraws(cast, row):
    answer = Annotation.objects.filter(case=row).order_by("-pk").first()
    if answer is not None and answer.label is not None and not in_force(row).exists():
        submission.withdraw_annotation(actor=cast.mira, annotation=answer, reason="Wrong knee.")


def test_15_patients_are_resampled_and_not_their_lesions():
    rows = [{"a": str(n % 2), "b": str((n // 3) % 2)} for n in range(40)]
    scale = Scale("nominal", ("0", "1"))
    once = PatternTable.from_rows(rows, scale=scale, clusters=[f"p{n}" for n in range(40)])
    tenfold = PatternTable.from_rows(rows * 10, scale=scale, clusters=[f"p{n}" for n in range(40)] * 10)
    first, second = measured("percent", once), measured("percent", tenfold)
    assert (first.low, first.high) == pytest.approx((second.low, second.high))
    assert second.n_units == 400
    assert second.n_clusters == 40


def test_16_what_is_too_large_to_compare_is_counted_and_said(monkeypatch):
    monkeypatch.setattr(distances, "MOST_VOXELS", 10)
    masks = {name: np.ones((2, 4, 4), dtype=bool) for name in "ab"}
    found = measure_pairs(masks, Grid((2, 4, 4), (1.0, 1.0, 1.0), None))
    assert found.numbers == {}
    assert set(found.undefined.values()) == {TOO_LARGE}
    table = PairTable.from_units([distances.pair_measures({"pairs": [["a", "b", 32, 32, 32]], **found.details})])
    estimate = STATISTICS["hd95"].function(table, level=0.95, seed=1)
    assert estimate.value is None
    assert estimate.n_dropped == 1
    assert "not measured" in estimate.dropped_why


@given(st.lists(st.lists(st.sampled_from(["no", "yes", None]), min_size=4, max_size=4), min_size=1, max_size=20))
def test_17_nobody_is_scored_against_his_own_vote(rows):
    def table(flip):
        found = []
        for row in rows:
            said = dict(zip("abcd", row, strict=True))
            if flip and said["a"] is not None:
                said["a"] = "no" if said["a"] == "yes" else "yes"
            found.append({name: answer for name, answer in said.items() if answer is not None})
        return PatternTable.from_rows(found, scale=NOMINAL, raters=tuple("abcd"))

    def truths(of):
        others = [tuple(row[1:]) for row in of.patterns.tolist()]
        return dict(zip(others, truth_without(of, "a").tolist(), strict=False))

    assert truths(table(flip=False)) == truths(table(flip=True))


@pytest.mark.django_db
def test_18_a_release_does_not_move_when_a_limit_does(cast, tmp_path):
    project = pair(cast, [LESION])
    both(cast, project, "case-1", box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 3, 9, 2, 8), "lesion")
    both(cast, project, "case-2", box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 2, 8, 2, 8), "lesion")
    work()
    made = release.freeze_release(actor=cast.mira, project=project)
    work()

    def held():
        with release.package_zip(made) as stream:
            return stream.read()

    before = held()
    changed = document([LESION])
    changed["questions"]["lesion"]["rules"]["low_agreement"]["minimum"] = 0.99
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=changed)
    work()
    assert held() == before
    (tmp_path / "package.zip").write_bytes(before)
    assert verify_package(tmp_path / "package.zip").is_equal


@pytest.mark.django_db
def test_19_nothing_tells_readers_apart_across_cases(cast):
    project = pair(cast, n_cases=40)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    for number in range(1, 41):
        both(cast, project, f"case-{number}", code("yes"), code("no"))
    work()
    first = 0
    for dispute in Dispute.objects.all():
        view = dispute_view(dispute, cast.chen)
        text = json.dumps([[one.letter, one.summary] for one in view.reads]) + json.dumps(view.case_data)
        assert not [name for name in TWO if name in text]
        first += view.reads[0].summary == "Present"
    # Which reader is A is drawn for each case: of forty, ten to thirty with a chance of 0.998.
    assert 10 <= first <= 30


@pytest.mark.django_db
def test_20_a_report_says_that_it_is_stale_and_is_not_exported_as_current(cast):
    project = pair(cast, n_cases=3)
    both(cast, project, "case-1", code("yes"), code("yes"))
    both(cast, project, "case-2", code("yes"), code("no"))
    work()
    client, address = cast.client("mira"), reverse("agreement", args=[project.slug])
    assert "cases have changed since" not in client.get(address).content.decode()
    assert "stale" not in client.get(address + "?format=csv").headers["Content-Disposition"]
    both(cast, project, "case-3", code("no"), code("no"))
    assert "cases have changed since" in client.get(address).content.decode()
    assert "stale-as-of" in client.get(address + "?format=csv").headers["Content-Disposition"]
    assert client.get(reverse("api-agreement", args=[project.slug])).json()["is_current"] in (True, False)
    work()
    assert "cases have changed since" not in client.get(address).content.decode()
