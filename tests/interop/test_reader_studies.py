"""Published figures about readers, from the real studies beside the checkout."""

import csv

import numpy as np
import pytest

from qc.readers._others import against_the_others
from qc.readers.accuracy import accuracy
from qc.readers.auc import auc
from qc.readers.leave_one_out import leave_one_out
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.readings.scored import ScoredTable
from qc.readings.scores import ScoreTable
from tests.shared import shared

READERS = [f"observer.{number}" for number in range(1, 6)]
YES_NO = Scale("nominal", ("no", "yes"))


def rows(path):
    with shared(path).open(newline="") as file:
        return list(csv.DictReader(file))


def mitoses(mode):
    found = rows("data/mitotic_figure_counts/dfClassify20180627.csv")
    return [row for row in found if row["modalityID"] == mode]


# Tabata K et al. Diagn Pathol 14:65, 2019, table 4: mean over five pathologists of (sensitivity + specificity)/2.
@pytest.mark.parametrize(
    ("mode", "published"),
    [
        ("microscope", 0.7983),
        ("scanner.A", 0.7010),
        ("scanner.B", 0.7349),
        ("scanner.C", 0.6940),
        ("scanner.D", 0.7315),
    ],
)
def test_accuracy_of_five_pathologists(mode, published):
    found = mitoses(mode)
    truth = [int(row["truth"]) for row in found]
    slides = [row["wsiName"] for row in found]
    values = []
    for reader in READERS:
        said = [int(row[reader]) for row in found]
        table = ScoredTable.from_codes(said, truth, scale=YES_NO, reader=reader, clusters=slides)
        parts = accuracy(table, positive="yes", replicates=20)
        balanced = parts["balanced_accuracy"]
        assert balanced.n_units == 155
        assert balanced.value == pytest.approx((parts["sensitivity"].value + parts["specificity"].value) / 2)
        values.append(balanced.value)
    assert np.mean(values) == pytest.approx(published, abs=5e-5)


def test_the_others_are_not_the_truth():
    # Agreement is not accuracy: against the others every pathologist looks better than against the verified truth.
    found = mitoses("scanner.C")
    matrix = [[int(row[reader]) for reader in READERS] for row in found]
    table = PatternTable.from_codes(matrix, raters=READERS, scale=YES_NO, clusters=[row["wsiName"] for row in found])
    against = leave_one_out(table)
    truth = np.array([int(row["truth"]) for row in found])
    for place, reader in enumerate(READERS):
        right = (np.array(matrix)[:, place] == truth).mean()
        assert against[reader].value > right
        scored = against_the_others(table, reader)
        assert scored.n_read == 155
        assert against[reader].n_units + against[reader].n_dropped == 155


# Van Dyke 1993, Franken 1992 and Kundel: mean area over the readers of each treatment, as in the set's results.
@pytest.mark.parametrize(
    ("study", "areas"),
    [
        ("vandyke", {"1": 0.897037, "2": 0.940837}),
        ("franken", {"1": 0.84775, "2": 0.836895}),
        ("kundel", {"1": 0.828976, "2": 0.803879, "3": 0.841366}),
    ],
)
def test_mean_areas_of_the_classical_studies(study, areas):
    found = rows(f"data/classic_reader_studies/mrmc_{study}.csv")
    for treatment, published in areas.items():
        assert np.mean(areas_by_reader(found, treatment)) == pytest.approx(published, abs=5e-7)


def areas_by_reader(found, treatment):
    part = [row for row in found if float(row["treatment"]) == float(treatment)]
    readers = sorted({row["reader"] for row in part})
    cases = sorted({row["case"] for row in part})
    given = {(row["reader"], row["case"]): float(row["rating"]) for row in part}
    truth = {row["case"]: float(row["truth"]) == 1 for row in part}
    scores = np.array([[given[reader, case] for reader in readers] for case in cases])
    parts = auc(ScoreTable(tuple(readers), np.array([truth[case] for case in cases]), scores))
    return [parts[f"auc:{reader}"].value for reader in readers]
