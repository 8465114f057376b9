"""The verified reference values of label consensus beside the checkout, entry by entry."""

import csv
import gzip
import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from qc.consensus._em import Design, Search
from qc.consensus._soft import uncertainty
from qc.consensus.base import SETTLED, TIE
from qc.consensus.blup import blup
from qc.consensus.box_fusion import box_fusion
from qc.consensus.dawid_skene import dawid_skene
from qc.consensus.fast_dawid_skene import fast_dawid_skene
from qc.consensus.glad import glad
from qc.consensus.mace import mace
from qc.consensus.majority import majority
from qc.consensus.one_coin import one_coin
from qc.consensus.plurality import plurality
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from tests.qc.consensus import anaesthesia, crowd
from tests.shared import shared

NOTHING = (0.0, 0.0, 0.0)
TIGHT = Search(tolerance=1e-14)


@cache
def entries() -> dict[str, Any]:
    path = shared("reference/reference_values.json")
    return {entry["id"]: entry for entry in json.loads(path.read_text(encoding="utf-8"))}


def close(entry, value):
    return pytest.approx(value, abs=entry["tolerance"], rel=0)


def anaesthetists(**parameters):
    return dawid_skene(anaesthesia.table(), design=anaesthesia.DESIGN, search=TIGHT, **parameters)


def matrices(found):
    return np.stack([found.confusion[reader] for reader in "12345"])


def test_the_retyped_table_is_the_entry():
    responses = entries()["C01_dawid_skene_1979"]["input"]["responses"]
    flat = [[code - 1 for reader in patient for code in reader] for patient in responses]
    assert flat == anaesthesia.RATINGS.tolist()


@pytest.mark.parametrize(
    ("name", "prior"), [("C01_dawid_skene_1979", NOTHING), ("C23_ds_map_default", (4.0, 1.0, 1.0))]
)
def test_c01_c23_dawid_skene(name, prior):
    entry = entries()[name]
    expected, found = entry["expected"], anaesthetists(prior=prior)
    assert found.prevalence == close(entry, expected["prevalence"])
    assert matrices(found) == close(entry, np.array(expected["error_rates_rater_true_observed"]))
    assert found.posterior[anaesthesia.PLACE] == close(entry, np.array(expected["posterior"]))
    assert anaesthesia.labels(found) == expected["labels"]
    if "loglik" in expected:
        assert found.log_likelihood == close(entry, expected["loglik"])


def test_c02_flat_prior():
    entry = entries()["C02_ds_map"]
    found = anaesthetists(prior=(1.0, 1.0, 1.0))
    assert found.prevalence == close(entry, entry["expected"]["prevalence"])
    assert found.confusion["1"] == close(entry, np.array(entry["expected"]["error_rates_rater1"]))
    assert anaesthesia.labels(found) == entry["expected"]["labels"]


def test_c03_one_coin_skills():
    found = one_coin(anaesthesia.table(), prior=NOTHING, design=anaesthesia.DESIGN)
    assert list(found.details["skill"].values()) == pytest.approx([0.885, 0.701, 0.811, 0.853, 0.809], abs=5e-4)


def test_c04_fast():
    expected = entries()["C04_fast_ds"]["expected"]
    found = fast_dawid_skene(anaesthesia.table(), prior=(1e-10,) * 3, design=anaesthesia.DESIGN)
    assert anaesthesia.labels(found) == expected["labels"]
    exact = anaesthesia.labels(anaesthetists(prior=NOTHING))
    assert sum(a != b for a, b in zip(anaesthesia.labels(found), exact, strict=True)) == expected["n_differ_from_ds"]


def test_c05_the_one_tie():
    expected = entries()["C05_plurality_ties"]["expected"]
    votes = [[int((row == code).sum()) for code in range(4)] for row in anaesthesia.RATINGS]
    assert votes == expected["vote_counts"]
    found = [plurality({str(n): str(code) for n, code in enumerate(row)}) for row in anaesthesia.RATINGS.tolist()]
    assert [n for n, one in enumerate(found, 1) if one.outcome == TIE] == expected["tied_patients"]


def test_c06_glad():
    """Another optimiser: abilities to two hundredths, labels exactly."""
    entry = entries()["C06_glad"]
    found = glad(anaesthesia.table(), design=anaesthesia.DESIGN)
    assert list(found.details["ability"].values()) == close(entry, entry["expected"]["alpha"])
    assert anaesthesia.labels(found) == entry["expected"]["labels"]


def test_c07_planted_spammers():
    """Four workers of known accuracy, one who draws at random, one who always says the same: who is believed."""
    cube = crowd.even([0.9, 0.85, 0.8, 0.75, 1 / 3, 1 / 3], 3)
    cube[5] = np.array([1.0, 0.0, 0.0])
    better = dict.fromkeys(("dawid_skene", "one_coin", "glad", "mace"), 0)
    voted_right = []
    for seed in range(6):
        ratings, truth = crowd.simulated(cube, [1 / 3] * 3, 60, seed)
        table = crowd.table_of(ratings, 3)
        votes = np.stack([(ratings == code).sum(axis=1) for code in range(3)], axis=1)
        voted_right.append((votes.argmax(axis=1) == truth).mean())
        for method in (dawid_skene, one_coin, glad, mace):
            found = method(table)
            shares = crowd.per_unit(table, found.posterior, ratings)
            better[method.__name__] += (shares.argmax(axis=1) == truth).mean() / 6
    assert all(right > np.mean(voted_right) + 0.02 for right in better.values()), (better, voted_right)


@pytest.mark.parametrize("place", range(6))
def test_c20_entropy(place):
    entry = entries()["C20_vote_entropy"]
    expected = entry["expected"][place]
    # Twelve digits are stored.
    entry = {"tolerance": 5e-12}
    votes = entries()["C20_vote_entropy"]["input"]["votes"][place]
    found = uncertainty(np.array(votes, dtype=float))
    assert found.entropy_bits == close(entry, expected["entropy_bits"])
    assert found.normalised == close(entry, expected["normalised"])
    assert found.margin == close(entry, expected["margin"])
    assert found.variation_ratio == close(entry, expected["variation_ratio"])


def test_c16_votes_of_voxels():
    entry = entries()["C16_label_voting"]
    arrays = np.load(shared(f"reference/{entry['input']['npz']}"))
    stack = np.stack([arrays[name].ravel() for name in entry["input"]["raters"]], axis=1)
    found: dict[str, int] = {}
    for row, count in zip(*np.unique(stack, axis=0, return_counts=True), strict=True):
        one = plurality({str(n): str(code) for n, code in enumerate(row.tolist())})
        key = one.value if one.outcome == SETTLED else "255"
        found[key] = found.get(key, 0) + int(count)
    assert found == entry["expected"]["counts"]


def test_c18_boxes():
    entry = entries()["C18_weighted_boxes_fusion"]
    drawn = {f"a{place}": boxes for place, boxes in enumerate(entry["input"]["boxes"])}
    found = box_fusion(drawn, threshold=entry["parameters"]["iou_thr"], at_least=1)
    expected = entry["expected"]["avg"]
    assert np.array(found.value) == close(entry, np.array(expected["boxes"]))
    assert [cluster["support"] for cluster in found.details["clusters"]] == close(entry, expected["scores"])


def measured(name):
    rows = entries()[name]["input"]["ratings_subjects_x_raters"]
    return blup([{str(n): float(v) for n, v in enumerate(row) if v is not None} for row in rows])


def test_c21_mixed_model():
    entry = entries()["C21_mixed_model_consensus"]
    expected, found = entry["expected"], measured("A20_shrout_fleiss")
    assert found.mean == close(entry, expected["grand_mean"])
    assert found.values == close(entry, expected["consensus"])
    assert list(found.bias.values()) == close(entry, expected["rater_blup"])
    assert found.reliability(4) == close(entry, expected["reliability"])


def test_a22_missing_cells():
    entry = entries()["A22_icc_missing_reml"]
    expected, found = entry["expected"], measured("A22_icc_missing_reml")
    variances = (found.var_unit, found.var_rater, found.var_error, found.mean)
    names = ("var_subject", "var_rater", "var_residual", "grand_mean")
    assert variances == close(entry, tuple(expected[name] for name in names))


def test_f05_four_iterations_are_not_enough():
    entry = entries()["F05_crowdkit_early_stop"]
    early = dawid_skene(
        anaesthesia.table(), prior=NOTHING, design=anaesthesia.DESIGN, search=Search(tolerance=0, max_iterations=4)
    )
    whole = anaesthetists(prior=NOTHING)
    assert not early.converged
    assert np.abs(early.posterior - whole.posterior).max() > entry["expected"]["max_posterior_error"] / 2
    assert whole.log_likelihood == close(entry, entry["expected"]["true_loglik"])


def test_every_cell_of_midogpp_has_its_majority():
    """26,286 cells, two or three pathologists each: the strict majority is the final label in all of them."""
    with gzip.open(shared("data/midogpp_labels/annotations.csv.gz"), "rt", encoding="utf-8") as file:
        cells = list(csv.DictReader(file))
    codes = [{name: row[name] for name in ("label_1", "label_2", "label_3") if row[name]} for row in cells]
    truth = [row["final_label"] for row in cells]
    assert len(cells) == 26_286
    assert sum(majority(said).value == label for said, label in zip(codes, truth, strict=True)) == 26_286
    table = PatternTable.from_rows(codes, scale=Scale("nominal", tuple(sorted(set(truth)))))
    assert len(table.patterns) <= 27


def test_the_file_of_the_classic_studies_differs_by_one_rating():
    """Converged: .4000 .4216 .1118 .0667 and −190.731 on the file; its stored figures are a peer's early stop."""
    path = shared("data/classic_reader_studies/dawid_skene_1979_anaesthesia.csv")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    ratings = np.full((45, 7), -1)
    for row in rows:
        reader, again = int(row["rater"]), int(row["rep"])
        column = again - 1 if reader == 1 else reader + 1
        ratings[int(row["item"]) - 1, column] = int(row["rating"]) - 1
    assert np.argwhere(ratings != anaesthesia.RATINGS)[:, 0].tolist() in ([6], [6, 6])
    scale = Scale("nominal", ("1", "2", "3", "4"))
    table = PatternTable.from_codes(ratings, raters=anaesthesia.COLUMNS, scale=scale)
    found = dawid_skene(table, prior=NOTHING, design=anaesthesia.DESIGN, search=TIGHT)
    assert found.prevalence == pytest.approx([0.4000, 0.4216, 0.1118, 0.0667], abs=5e-5)
    assert found.log_likelihood == pytest.approx(-190.731, abs=5e-4)


def test_five_readers_of_mitotic_figures_are_recovered_against_the_truth():
    """The verified truth as gold column gives each reader's own rates; the fit without it never sees it."""
    path = shared("data/mitotic_figure_counts/dfClassify20180627.csv")
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["modalityID"] == "microscope"]
    names = [f"observer.{place}" for place in range(1, 6)]
    scale = Scale("nominal", ("0", "1"))
    codes = [{name: row[name] for name in [*names, "truth"]} for row in rows]
    table = PatternTable.from_rows(codes, scale=scale, raters=[*names, "truth"])
    known = dawid_skene(table, prior=NOTHING, design=Design(gold="truth"))
    balanced = [known.confusion[name].diagonal().mean() for name in names]
    # Tabata 2019, table 4: mean accuracy with the microscope.
    assert np.mean(balanced) == pytest.approx(0.7983, abs=5e-5)
