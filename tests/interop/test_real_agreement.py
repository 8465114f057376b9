"""Agreement in real reader studies, against figures that other libraries or the papers gave.

MRIQC: Esteban O et al. PLoS ONE 12:e0184661, 2017. Mitotic figures: Tabata K et al. Diagn Pathol 14:65, 2019.
MIDOG++: Aubreville M et al. Sci Data 10:484, 2023, doi:10.1038/s41597-023-02327-4. Classic tables: cited in each test.
"""

import csv
import gzip
import json
from collections import defaultdict

import numpy as np
import pytest

from qc.agreement.base import named
from qc.agreement.bland_altman import bland_altman
from qc.agreement.category_kappa import category_kappa
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.fleiss_kappa import fleiss_kappa
from qc.agreement.icc_agreement import icc_agreement
from qc.agreement.icc_oneway import icc_oneway
from qc.agreement.inter_intra import inter_intra
from qc.agreement.krippendorff_alpha import krippendorff_alpha
from qc.agreement.panel import Design, panel_of, remarks
from qc.agreement.percent import percent_agreement
from qc.agreement.weighted_kappa import weighted_kappa
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.repeat_table import RepeatTable
from qc.readings.scale import Scale
from qc.registry import STATISTICS
from tests.interop.test_lidc_agreement import nodules, reading
from tests.shared import shared

FEW = 20
PRINTED = 5.5e-4
CLASSIC = "data/classic_reader_studies"


def rows_of(path):
    content = shared(path).read_bytes()
    text = (gzip.decompress(content) if path.endswith(".gz") else content).decode()
    return list(csv.DictReader(text.splitlines()))


def expected(path):
    return json.loads(shared(path).read_text(encoding="utf-8"))


def value(method, table, **options):
    return method(table, replicates=FEW, **options).value


def coded(rows, columns, codes, kind="nominal", **options):
    place = {code: number for number, code in enumerate(codes)}
    matrix = [[place.get(row[column].strip(), -1) for column in columns] for row in rows]
    return PatternTable.from_codes(matrix, raters=list(columns), scale=Scale(kind, tuple(codes)), **options)


def mriqc(kind):
    rows = rows_of("data/mriqc_ratings/y_abide.csv")
    for row in rows:
        for rater in ("rater_1", "rater_2", "rater_3"):
            row[rater] = row[rater].removesuffix(".0")
    return coded(rows, ("rater_1", "rater_2", "rater_3"), ("-1", "0", "1"), kind)


@pytest.mark.parametrize(
    ("pair", "n", "agreement", "kappa", "linear", "quadratic", "excluded"),
    [
        (("rater_1", "rater_2"), 100, 0.570, 0.386, 0.474, 0.563, 0.510),
        (("rater_1", "rater_3"), 601, 0.401, 0.168, 0.240, 0.305, 0.440),
        (("rater_2", "rater_3"), 602, 0.606, 0.290, 0.364, 0.417, 0.477),
    ],
)
def test_image_quality_of_brain_mr_by_two(pair, n, agreement, kappa, linear, quadratic, excluded):
    table = mriqc("ordinal").select(pair)
    assert percent_agreement(table, replicates=FEW).n_units == n
    found = (
        value(percent_agreement, table),
        value(cohen_kappa, table),
        value(weighted_kappa, table, weights="linear"),
        value(weighted_kappa, table),
    )
    assert found == pytest.approx((agreement, kappa, linear, quadratic), abs=PRINTED)
    rows = np.repeat(table.patterns, table.counts, axis=0)
    against_rest = PatternTable.from_codes(
        np.where(rows > 0, 1, rows), raters=table.raters, scale=Scale("nominal", ("exclude", "rest"))
    )
    assert value(cohen_kappa, against_rest) == pytest.approx(excluded, abs=PRINTED)


def test_image_quality_of_brain_mr_by_three():
    assert value(krippendorff_alpha, mriqc("nominal")) == pytest.approx(0.121, abs=PRINTED)
    assert value(krippendorff_alpha, mriqc("ordinal")) == pytest.approx(0.206, abs=PRINTED)


@pytest.mark.parametrize(
    ("mode", "fleiss", "alpha"),
    [
        ("micro", 0.548, 0.549),
        ("scanner.A", 0.482, 0.483),
        ("scanner.B", 0.581, 0.581),
        ("scanner.C", 0.581, 0.581),
        ("scanner.D", 0.547, 0.547),
    ],
)
def test_mitotic_figures_in_five_viewing_modes(mode, fleiss, alpha):
    rows = rows_of("data/mitotic_figure_counts/dfClassify20180627.csv")
    of_mode = [row for row in rows if row["modalityID"].startswith(mode)]
    table = coded(of_mode, [f"observer.{number}" for number in range(1, 6)], ("0", "1"))
    assert table.n_units == 155
    found = (value(fleiss_kappa, table), value(krippendorff_alpha, table))
    assert found == pytest.approx((fleiss, alpha), abs=PRINTED)


def test_first_two_votes_on_mitotic_cells():
    table = coded(rows_of("data/midogpp_labels/annotations.csv.gz"), ("label_1", "label_2"), ("1", "2"))
    assert table.n_units == 26_286
    found = (value(percent_agreement, table), value(cohen_kappa, table))
    assert found == pytest.approx((0.790, 0.575), abs=PRINTED)


def counted(name, columns, codes, kind="nominal"):
    rows = [row for row in rows_of(f"{CLASSIC}/{name}.csv") for _ in range(int(row["n"]))]
    return coded(rows, columns, codes, kind)


def test_dental_x_ray_by_five():
    # Espeland MA, Handelman SL. Biometrics 45:587-599, 1989.
    columns = [f"rater_{number}" for number in range(1, 6)]
    table = counted("espeland_handelman_1989_dental_xray_caries_patterns", columns, ("1", "2"))
    known = expected(f"{CLASSIC}/reference_results.json")["caries"]
    assert table.n_units == known["n_items"]
    assert value(fleiss_kappa, table) == pytest.approx(known["fleiss"], abs=1e-6)
    assert value(krippendorff_alpha, table) == pytest.approx(known["alpha_nominal"], abs=1e-5)
    pairs = {
        f"{first}|{second}": value(cohen_kappa, table.select([first, second]))
        for first, second in (pair.split("|") for pair in known["pairs"])
    }
    assert pairs == pytest.approx(known["pairs"], abs=1e-6)


def test_uterine_slides_by_seven():
    # Holmquist ND et al. Arch Pathol 84:334-345, 1967.
    columns = [f"pathologist_{letter}" for letter in "ABCDEFG"]
    table = counted("holmquist_1967_uterine_carcinoma_patterns", columns, ("0", "1"))
    found = (table.n_units, value(fleiss_kappa, table), value(krippendorff_alpha, table))
    assert found == pytest.approx((118, 0.511717, 0.512308), abs=1e-6)


def test_grades_of_both_eyes():
    # Stuart A. Biometrika 40:105-110, 1953.
    grades = ("1st grade", "2nd grade", "3rd grade", "4th Grade")
    table = counted("stuart_1953_vision_counts", ("r.eye", "l.eye"), grades, "ordinal")
    found = (table.n_units, value(cohen_kappa, table), value(weighted_kappa, table))
    assert found == pytest.approx((7477, 0.595389, 0.702334), abs=1e-6)


def test_diagnoses_by_six():
    rows = rows_of(f"{CLASSIC}/fleiss_1971_diagnoses.csv")
    codes = tuple(sorted({row[f"rater{number}"] for row in rows for number in range(1, 7)}))
    table = coded(rows, [f"rater{number}" for number in range(1, 7)], codes)
    found = (value(fleiss_kappa, table), value(krippendorff_alpha, table))
    assert found == pytest.approx((0.430245, 0.43341), abs=1e-5)
    kappas = [one.value for one in category_kappa(table, replicates=FEW).values()]
    assert kappas == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=5e-4)


@pytest.mark.parametrize(
    ("fat", "icc", "bias", "lower", "upper"),
    [("Sub", 0.992, 0.045, -0.159, 0.249), ("Vic", 0.950, -0.155, -0.735, 0.425)],
)
def test_fat_by_ultrasound(fat, icc, bias, lower, upper):
    cells = defaultdict(list)
    rows = rows_of(f"{CLASSIC}/fat_ultrasound_2observers_3reps.csv")
    for row in rows:
        cells[row["Id"], row["Obs"]].append(float(row[fat]))
    people, observers = (sorted({key[place] for key in cells}) for place in (0, 1))
    values = np.array([[cells[person, observer] for observer in observers] for person in people])
    means = NumberTable.from_values(values.mean(axis=2), raters=observers, unit="cm")
    assert icc_agreement(means)["single"].value == pytest.approx(icc, abs=PRINTED)
    limits = bland_altman(means)
    found = [limits[part].value for part in ("bias", "lower_limit", "upper_limit")]
    assert found == pytest.approx([bias, lower, upper], abs=PRINTED)
    # A reader repeats himself better than he is repeated by another.
    both = inter_intra(RepeatTable.from_values(values, raters=observers, unit="cm"), replicates=FEW)
    assert both["intra"].value > both["inter"].value > 0.9


def test_blood_pressure_by_person_and_machine():
    # Bland & Altman 1999: mean −16.29, standard deviation 19.61, first repeat.
    first = defaultdict(dict)
    for row in rows_of(f"{CLASSIC}/sbp_bland_altman_1999_2observers_1machine.csv"):
        if float(row["repl"]) == 1 and row["meth"] in "JS":
            first[row["item"]][row["meth"]] = float(row["y"])
    table = NumberTable.from_rows(first.values(), unit="mmHg")
    found = bland_altman(table)
    deviation = (found["upper_limit"].value - found["bias"].value) / 1.96
    assert (table.n_units, found["bias"].value, deviation) == pytest.approx((85, -16.29, 19.61), abs=6e-3)


@pytest.mark.parametrize(("column", "icc"), [("pl_diameter_mm", 0.935), ("pl_volume_mm3", 0.939)])
def test_size_of_nodules_in_lidc(column, icc):
    rows = [row for row in nodules() if int(row["cluster_n_ann"]) == 4]
    units = defaultdict(list)
    for row in rows:
        units[row["scan_id"], row["cluster_id"]].append(float(row[column]))
    table = NumberTable.from_values(list(units.values()), raters=["1", "2", "3", "4"], unit="mm")
    assert icc_oneway(table)["single"].value == pytest.approx(icc, abs=PRINTED)


def test_internal_structure_of_nodules_is_the_paradox_in_words():
    # 98.4 % unanimous, yet kappa .18 and AC1 .99.
    table = reading("internalStructure", "nominal", (4,))
    unanimous = (table.patterns == table.patterns[:, :1]).all(axis=1)
    assert table.counts[unanimous].sum() / table.n_units == pytest.approx(0.984, abs=PRINTED)
    panel = panel_of(Design("nominal", 4, knows_raters=False, has_missing=False, n_categories=4))
    found = {
        named(name, part): one
        for name in panel.shown
        for part, one in STATISTICS[name].compute(table, replicates=200).items()
    }
    assert found["krippendorff_alpha"].value == pytest.approx(0.182, abs=PRINTED)
    assert found["gwet_ac"].value == pytest.approx(0.992, abs=PRINTED)
    (said,) = remarks(found)
    assert said.startswith("99 % of pairs agree, yet alpha is 0.18: 99 % of the answers are “1”, so that chance alone")
