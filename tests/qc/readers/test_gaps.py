from itertools import permutations

import numpy as np
import pytest

from qc.readers._multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    hochberg,
    holm,
)
from qc.readers._permutation import permutation_test
from qc.readers.base import GROUPS_SHARE_PATIENTS, TOO_FEW_PATIENTS
from qc.readers.kappa_homogeneity import kappa_homogeneity, pool
from qc.readers.subgroup_gap import subgroup_gap
from qc.readings.groups import GroupTable
from qc.readings.strata import Strata
from tests.qc.readers.scored import crossed

# Benjamini Y, Hochberg Y. J R Stat Soc B 57:289-300, 1995, section 4.1: fifteen p-values, of which their procedure
# rejects four and Bonferroni's three at .05.
FIFTEEN = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528]
FIFTEEN += [0.7590, 1.0]

# Nine cases in two groups, four and five.
FIRST, SECOND = [0.91, 0.85, 0.88, 0.93], [0.80, 0.83, 0.78, 0.86, 0.81]


def groups(clusters=None):
    return GroupTable(np.array(FIRST + SECOND), ("a",) * 4 + ("b",) * 5, clusters)


def test_published_rejections():
    assert (benjamini_hochberg(FIFTEEN) <= 0.05).sum() == 4
    assert (bonferroni(FIFTEEN) <= 0.05).sum() == 3


def test_adjusted_p_are_ordered_by_their_strictness():
    shuffled = [FIFTEEN[place] for place in (14, 3, 8, 0, 11, 5, 2, 9, 1, 13, 4, 7, 12, 6, 10)]
    p = np.array(shuffled)
    methods = [benjamini_hochberg(p), hochberg(p), holm(p), bonferroni(p)]
    for milder, stricter in zip([p, *methods], methods, strict=False):
        assert (milder <= stricter + 1e-12).all()
        assert (np.argsort(stricter, kind="stable")[:5] == np.argsort(p, kind="stable")[:5]).all()
    assert (benjamini_hochberg(p) <= benjamini_yekutieli(p) + 1e-12).all()
    assert holm([]).tolist() == []


def test_every_division_of_nine_patients():
    found = subgroup_gap(groups(), minimum=4, replicates=300)
    assert list(found) == ["gap:a", "test:a"]
    assert found["gap:a"].value == pytest.approx(0.0765)
    assert found["gap:a"].low < 0.0765 < found["gap:a"].high
    assert found["test:a"].p == pytest.approx(3 / 126)
    assert found["test:a"].details["n_permutations"] == 126
    assert found["test:a"].details["p_holm"] == found["test:a"].p


def test_random_divisions_never_give_p_0():
    generator = np.random.Generator(np.random.PCG64(1))
    first, second = generator.normal(5, 1, 30), generator.normal(0, 1, 30)
    found = permutation_test(first, second, permutations=199, seed=4)
    assert (found.p, found.is_exact) == (1 / 200, False)
    again = permutation_test(first[::-1], second[::-1], permutations=199, seed=4)
    assert again == found


def test_exact_p_is_that_of_all_orders():
    first, second = np.array([1.0, 4.0]), np.array([2.0, 3.0, 9.0])
    pooled = [*first, *second]
    gaps = [abs(np.mean(order[:2]) - np.mean(order[2:])) for order in permutations(pooled)]
    expected = np.mean(np.array(gaps) >= abs(first.mean() - second.mean()) - 1e-12)
    assert permutation_test(first, second, permutations=9, seed=0).p == pytest.approx(expected)


def test_the_test_errs_as_seldom_as_it_says():
    generator = np.random.Generator(np.random.PCG64(6))
    drawn = generator.normal(size=(300, 9))
    p = [permutation_test(row[:4], row[4:], permutations=9, seed=0).p for row in drawn]
    assert np.mean(np.array(p) <= 0.05) <= 0.08
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.1)


def test_few_patients_are_kept_quiet():
    found = subgroup_gap(groups(), replicates=20)
    assert {one.undefined for one in found.values()} == {TOO_FEW_PATIENTS}
    assert "p_holm" not in found["test:a"].details
    # Nine units of four patients are four, not nine.
    clustered = subgroup_gap(groups(tuple("ppqqrrrss")), minimum=3, replicates=20)
    assert clustered["gap:a"].undefined == TOO_FEW_PATIENTS


def test_units_of_a_patient_are_one_value():
    table = GroupTable(np.array([1.0, 0, 0, 1, 1]), tuple("aaabb"), tuple("pppqr"))
    assert subgroup_gap(table, minimum=1, replicates=20)["gap:a"].value == pytest.approx(1 / 3 - 1)


def test_patients_on_both_sides_cannot_be_exchanged():
    found = subgroup_gap(groups(tuple("pqrspqrst")), minimum=3, replicates=50)
    assert found["test:a"].undefined == GROUPS_SHARE_PATIENTS
    assert found["gap:a"].value is not None


def test_of_three_groups_each_stands_against_the_others():
    generator = np.random.Generator(np.random.PCG64(2))
    values = generator.random(60)
    names = tuple("abc"[place % 3] for place in range(60))
    found = subgroup_gap(GroupTable(values, names), replicates=20, permutations=99)
    tests = [found[f"test:{name}"] for name in "abc"]
    assert [test.details["p_holm"] for test in tests] == pytest.approx(holm([test.p for test in tests]))
    assert [test.details["p_bh"] for test in tests] == pytest.approx(benjamini_hochberg([test.p for test in tests]))
    assert {test.details["n_tests"] for test in tests} == {3}


# Landis JR, Koch GG. Biometrics 33:159-174, 1977, doi:10.2307/2529310, table 1: certainty of multiple sclerosis by two
# neurologists, patients of Winnipeg (kappa .208, standard error .050) and of New Orleans (.297, .079).
WINNIPEG = [[38, 5, 0, 1], [33, 11, 3, 0], [10, 14, 5, 6], [3, 7, 3, 10]]
NEW_ORLEANS = [[5, 3, 0, 0], [3, 11, 4, 0], [2, 13, 3, 4], [1, 2, 4, 14]]


def test_published_kappas_of_two_cities():
    found = kappa_homogeneity(Strata({"New Orleans": crossed(NEW_ORLEANS), "Winnipeg": crossed(WINNIPEG)}))
    kappas = found["homogeneity"].details["kappa"]
    assert (kappas["Winnipeg"], kappas["New Orleans"]) == pytest.approx((0.208, 0.297), abs=5e-4)
    assert found["pooled"].value == pytest.approx(0.2338, abs=5e-5)
    assert found["homogeneity"].statistic == pytest.approx(0.9009, abs=5e-5)
    assert found["homogeneity"].p == pytest.approx(0.3425, abs=5e-5)


def test_strata_without_a_standard_error_have_no_weight():
    perfect = crossed([[5, 0, 0, 0], [0, 5, 0, 0], [0] * 4, [0] * 4])
    strata = {"a": crossed(NEW_ORLEANS), "b": crossed(WINNIPEG), "c": perfect}
    found = kappa_homogeneity(Strata(strata))
    assert found["homogeneity"].degrees == 1
    assert (found["pooled"].n_dropped, found["homogeneity"].details["kappa"]["c"]) == (10, None)
    alone = kappa_homogeneity(Strata({"a": crossed(WINNIPEG), "c": perfect}))
    assert {one.undefined for one in alone.values()} == {"too_few_items"}


def test_equal_kappas_pool_to_themselves():
    assert pool([0.5, 0.5, 0.5], [0.1, 0.2, 0.3]).statistic == 0
    assert pool([0.5, 0.5], [0.1, 0.1]).error == pytest.approx(0.1 / 2**0.5)
