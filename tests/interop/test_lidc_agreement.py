"""Agreement of four radiologists on the nodules of LIDC-IDRI, against independent libraries.

Armato SG III et al. Med Phys 38:915-931, 2011, doi:10.1118/1.3528204 (CC BY 3.0). Expected values were computed with
krippendorff 0.9.0 and irrCAC 0.4.4 and are printed to five decimals.
"""

import csv
import gzip
import json
from collections import defaultdict
from functools import cache

import numpy as np
import pytest

from qc.agreement.dice import dice
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.gwet_ac import gwet_ac
from qc.agreement.iou import iou
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.percent import percent_agreement
from qc.readings.overlap_table import OverlapTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from tests.shared import shared

LEVELS = {
    "subtlety": 5,
    "internalStructure": 4,
    "calcification": 6,
    "sphericity": 5,
    "margin": 5,
    "lobulation": 5,
    "spiculation": 5,
    "texture": 5,
    "malignancy": 5,
}
PRINTED = 6e-6
FEW = 20


@cache
def nodules():
    with gzip.open(shared("data/lidc_idri/lidc_nodules.csv.gz"), "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@cache
def expected():
    return json.loads(shared("data/lidc_idri/reference_results.json").read_text(encoding="utf-8"))


def reading(characteristic, kind, sizes):
    findings, patients = defaultdict(list), {}
    for row in nodules():
        if int(row["cluster_n_ann"]) in sizes:
            key = (row["scan_id"], row["cluster_id"])
            findings[key].append(int(row[characteristic]) - 1)
            patients[key] = row["patient_id"]
    ratings = np.full((len(findings), 4), -1)
    for number, values in enumerate(findings.values()):
        ratings[number, : len(values)] = values
    levels = tuple(str(level) for level in range(1, LEVELS[characteristic] + 1))
    return PatternTable.from_codes(
        ratings, raters=["1", "2", "3", "4"], scale=Scale(kind, levels), clusters=list(patients.values())
    )


@pytest.mark.parametrize(("sizes", "name"), [((4,), "n_ann==4"), ((2, 3, 4), "2<=n_ann<=4")])
@pytest.mark.parametrize("characteristic", LEVELS)
def test_every_characteristic(characteristic, sizes, name):
    printed = expected()["characteristics"][characteristic][name]
    nominal = reading(characteristic, "nominal", sizes)
    assert nominal.n_units == printed["n"]
    found = {
        "pa": percent_agreement(nominal, replicates=FEW).value,
        "fleiss": fleiss_kappa(nominal, replicates=FEW).value,
        "gwet_ac1": gwet_ac(nominal, replicates=FEW).value,
        "alpha_nominal": krippendorff_alpha(nominal, replicates=FEW).value,
        "gwet_ac2_quadratic": gwet_ac(nominal, replicates=FEW, weights="quadratic").value,
    }
    for kind in ("ordinal", "interval"):
        found[f"alpha_{kind}"] = krippendorff_alpha(reading(characteristic, kind, sizes), replicates=FEW).value
    declared_only = (characteristic, sizes) == ("internalStructure", (4,))
    if declared_only:
        found.pop("gwet_ac1")
    assert found == pytest.approx({key: printed[key] for key in found}, abs=PRINTED, rel=0)


def test_ac1_counts_declared_levels_where_the_library_counted_those_used():
    # One of the four levels was never chosen on these 897 findings and irrCAC saw three (statistics.md, G1).
    nominal = reading("internalStructure", "nominal", (4,))
    used = np.flatnonzero(nominal.anonymous().vectors.sum(axis=0))
    seen = PatternTable.from_codes(
        np.repeat(np.searchsorted(used, nominal.patterns), nominal.counts, axis=0),
        raters=nominal.raters,
        scale=Scale("nominal", tuple(nominal.scale.codes[code] for code in used)),
    )
    assert len(used) == 3
    printed = expected()["characteristics"]["internalStructure"]["n_ann==4"]["gwet_ac1"]
    assert gwet_ac(seen, replicates=FEW).value == pytest.approx(printed, abs=PRINTED)
    assert gwet_ac(nominal, replicates=FEW).value == pytest.approx(0.991797, abs=PRINTED)


def test_malignancy_with_bounds_over_patients():
    found = krippendorff_alpha(reading("malignancy", "ordinal", (4,)), seed=1)
    assert found.value == pytest.approx(0.43117, abs=PRINTED)
    assert found.n_clusters < found.n_units == 897
    assert 0.36 < found.low < found.value < found.high < 0.50


def test_overlap_of_all_pairs_and_of_findings_with_four_outlines():
    with gzip.open(shared("data/lidc_idri/lidc_pairs.csv.gz"), "rt", encoding="utf-8") as lines:
        pairs = list(csv.DictReader(lines))
    sizes = {row["ann_id"]: int(row["cluster_n_ann"]) for row in nodules()}
    four = [row for row in pairs if sizes[row["ann_a"]] == 4]
    for rows, units, mean_dice, mean_iou in (
        (pairs, list(range(len(pairs))), 0.75007, 0.61771),
        (four, [int(row["cluster_id"]) for row in four], 0.77314, 0.64248),
    ):
        numbers = {unit: number for number, unit in enumerate(dict.fromkeys(units))}
        table = OverlapTable(
            len(numbers),
            [numbers[unit] for unit in units],
            [row["ann_a"] for row in rows],
            [row["ann_b"] for row in rows],
            [int(row["vox_a"]) for row in rows],
            [int(row["vox_b"]) for row in rows],
            [int(row["inter"]) for row in rows],
        )
        assert dice(table, replicates=FEW).value == pytest.approx(mean_dice, abs=PRINTED)
        assert iou(table, replicates=FEW).value == pytest.approx(mean_iou, abs=PRINTED)
