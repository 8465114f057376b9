"""All units of a question together, from the material that settling leaves."""

import json

import numpy as np
import pytest

from qc.consensus._soft import wilson
from qc.consensus.base import INSUFFICIENT, SETTLED, TIE
from qc.readings.scale import Scale
from qc.settling.measure import Material
from qc.settling.project import (
    NotAProjectMethod,
    project_consensus,
    soft_labels,
    where_methods_part,
    without_each_reader,
)
from tests.qc.consensus import anaesthesia, crowd

SCALE = Scale("nominal", ("no", "yes"))


def material(*rows, subjects=None):
    codes = [{f"r{place}": code for place, code in enumerate(row) if code} for row in rows]
    return Material(codes=codes, subjects=subjects or [f"p{place}" for place in range(len(rows))])


ROWS = [("no", "no", "no")] * 6 + [("yes", "yes", "yes")] * 4 + [("no", "no", "yes")] * 3 + [("yes", "", "")]


def test_the_published_study_through_the_door():
    codes = [dict(zip(anaesthesia.COLUMNS, map(str, row), strict=True)) for row in (anaesthesia.RATINGS + 1).tolist()]
    study = Material(codes=codes, subjects=[str(place) for place in range(45)])
    parameters = {
        "prior": [0, 0, 0],
        "design": {"repeats": {"1a": "1", "1b": "1", "1c": "1"}},
        "search": {"tolerance": 1e-12},
    }
    scale = Scale("nominal", ("1", "2", "3", "4"))
    found = project_consensus(study, scale, "dawid_skene", parameters)
    assert found.log_likelihood == pytest.approx(-192.8909, abs=5e-5)
    soft = soft_labels(study, scale, found)
    assert [int(label.value) for label in soft] == anaesthesia.labels(found)
    # Patient 36: four voices for 3, three for 4, and yet 4.
    assert (soft[35].votes["3"], soft[35].value) == (4, "4")
    assert sorted(without_each_reader(study, scale, "dawid_skene", parameters)) == ["1", "2", "3", "4", "5"]


def test_a_soft_label_says_everything():
    study = material(*ROWS)
    found = project_consensus(study, SCALE, "dawid_skene", {})
    label = soft_labels(study, SCALE, found)[10]
    assert (label.outcome, label.value, label.votes) == (SETTLED, "no", {"no": 2, "yes": 1})
    assert sum(label.posterior.values()) == pytest.approx(1)
    assert (label.share, label.share_low, label.share_high) == pytest.approx((2 / 3, *wilson(2, 3)))
    assert label.vote_entropy_bits == pytest.approx(0.9183, abs=5e-5)
    assert 0 <= label.gain_of_read <= label.gain_of_adjudication <= 1 - label.posterior["no"] + 1e-12
    assert json.loads(json.dumps(label.as_dict(), allow_nan=False))["value"] == "no"


def test_too_few_reads_settle_nothing_however_sure_the_posterior():
    study = material(*ROWS)
    found = project_consensus(study, SCALE, "dawid_skene", {})
    assert soft_labels(study, SCALE, found)[-1].outcome == INSUFFICIENT
    assert soft_labels(study, SCALE, found, minimum=1)[-1].value == "yes"


def test_a_tie_stays_one():
    study = material(*[("no", "yes"), ("yes", "no")] * 4)
    soft = soft_labels(study, SCALE, project_consensus(study, SCALE, "dawid_skene", {}))
    assert {(label.outcome, label.value) for label in soft} == {(TIE, None)}


def test_nothing_to_learn_from_is_a_reason():
    study = material(("", ""), ("", ""))
    found = project_consensus(study, SCALE, "dawid_skene", {})
    assert found.undefined == "too_few_items"
    label = soft_labels(study, SCALE, found)[0]
    assert (label.outcome, label.posterior, label.share, label.gain_of_read) == (INSUFFICIENT, {}, None, None)


def test_a_known_answer_is_no_vote():
    rows = [("no", "no", "no"), ("yes", "no", "yes"), ("yes", "yes", "")] * 3
    study = material(*rows)
    found = project_consensus(study, SCALE, "dawid_skene", {"design": {"gold": "r2"}})
    label = soft_labels(study, SCALE, found)[1]
    assert (label.value, label.votes, label.posterior["yes"]) == ("yes", {"no": 1, "yes": 1}, 1.0)


@pytest.mark.parametrize("method", ["majority", "blup", "staple"])
def test_a_method_of_another_scope_is_refused(method):
    with pytest.raises(NotAProjectMethod, match=method):
        project_consensus(material(*ROWS), SCALE, method, {})


def test_where_methods_part():
    """One reader who is nearly always right against two who guess alike."""
    ratings, _ = crowd.simulated(crowd.even([0.97, 0.97, 0.6, 0.6, 0.6], 2), [0.5, 0.5], 150, 2)
    study = material(*[tuple(SCALE.codes[code] for code in row) for row in ratings.tolist()])
    found = where_methods_part(study, SCALE, {"majority": {}, "dawid_skene": {}, "plurality": {}})
    pairs = {(one.first, one.second): one for one in found}
    assert pairs["majority", "plurality"].n_differ == 0
    parting = pairs["dawid_skene", "majority"]
    assert parting.n_differ == len(parting.units) > 0
    assert parting.n_same + parting.n_differ == 150
    place = parting.units[0]
    majority_says = int(ratings[place].sum() > 2)
    best = ratings[list(parting.units)][:, :2]
    assert np.mean(best != majority_says) > 0.3
