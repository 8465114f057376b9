"""Whether agreement or accuracy differs between groups of patients: site, sex, age band, scanner, severity."""

from dataclasses import dataclass, replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimate, ratio
from qc.agreement.base import CLUSTERING_UNKNOWN, NO_OVERLAP, Estimate, named
from qc.readers._multiplicity import benjamini_hochberg, holm
from qc.readers._permutation import permutation_test
from qc.readers.base import GROUPS_SHARE_PATIENTS, TOO_FEW_PATIENTS, ReaderStatistic, Significance, no_test
from qc.readings.base import AnyArray, BoolArray, FloatArray
from qc.readings.groups import GroupTable
from qc.readings.incidence import numbered

FEWEST_PATIENTS = 10
GAP, TEST = "gap", "test"
_METHOD = "permutation of patients"


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """The means of patients in one group and outside it.

    Parameters
    ----------
    group : str
        Name of the group.
    inside, outside : float64 array (patients,)
        Mean of the patient's units in and outside the group; 0 where it has none there.
    is_inside, is_outside : bool array (patients,)
        Whether the patient has units there.
    """

    group: str
    inside: FloatArray
    outside: FloatArray
    is_inside: BoolArray
    is_outside: BoolArray

    @property
    def smaller(self) -> int:
        """Patients on the smaller side."""
        return int(min(self.is_inside.sum(), self.is_outside.sum()))


def subgroup_gap(
    reading: GroupTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    permutations: int = 9999,
    minimum: int = FEWEST_PATIENTS,
) -> dict[str, Estimate | Significance]:
    """Return, for each group, the mean over its patients less the mean over all others, with a test.

    Parameters
    ----------
    reading : GroupTable
        Agreement of each unit, or 1 for a correct read. Units of a patient are averaged first.
    level : float
        Confidence level.
    seed : int
        Seed of bootstrap and permutation.
    replicates : int
        Resamples of patients for the BCa bounds.
    permutations : int
        Random divisions of the patients where there are too many to try all.
    minimum : int
        Fewest patients on either side; with fewer neither gap nor test is given.

    Returns
    -------
    dict of str to Estimate or Significance
        ``gap:group`` and ``test:group``; of two groups only the first by name, which is the other's mirror image. The
        tests' ``details`` hold p adjusted over all groups tested: ``p_holm`` for gates, ``p_bh`` for exploration.
        Undefined with ``too_few_patients``; a test with ``groups_share_patients`` where a patient has units on both
        sides, so that whole patients cannot be exchanged.

    References
    ----------
    Phipson B, Smyth GK. Stat Appl Genet Mol Biol 9:39, 2010. doi:10.2202/1544-6115.1585

    Holm S. Scand J Stat 6:65-70, 1979; Benjamini Y, Hochberg Y. J R Stat Soc B 57:289-300, 1995.
    doi:10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> reading = GroupTable(np.array([0.91, 0.85, 0.8, 0.83]), ("a", "a", "b", "b"))
    >>> round(subgroup_gap(reading, minimum=2)["gap:a"].value, 3)
    0.065
    """
    if minimum < 1 or permutations < 1:
        raise ValueError("At least one patient and one permutation are needed.")
    names = reading.names[:1] if len(reading.names) == 2 else reading.names
    plan = Plan(level, seed, replicates)
    sides = [sides_of(reading, name) for name in names]
    gaps: dict[str, Estimate | Significance] = {
        named(GAP, one.group): _gap(one, reading, plan, minimum) for one in sides
    }
    tests = {named(TEST, one.group): _test(one, reading.n_units, minimum, permutations, seed) for one in sides}
    return gaps | _adjusted(tests)


def sides_of(reading: GroupTable, group: str) -> Sides:
    """Return the means of all patients in a group and outside it."""
    clusters = range(reading.n_units) if reading.clusters is None else reading.clusters
    names, place = numbered(list(clusters))
    member = np.array([name == group for name in reading.groups], dtype=np.bool_)
    counts = [np.bincount(place[chosen], minlength=len(names)) for chosen in (member, ~member)]
    sums = [np.bincount(place[chosen], reading.values[chosen], len(names)) for chosen in (member, ~member)]
    means = [total / np.maximum(count, 1) for total, count in zip(sums, counts, strict=True)]
    return Sides(group, means[0], means[1], counts[0] > 0, counts[1] > 0)


def _gap(sides: Sides, reading: GroupTable, plan: Plan, minimum: int) -> Estimate:
    """Return the difference of means over patients with BCa bounds."""
    columns: list[AnyArray] = [sides.is_inside, sides.inside, sides.is_outside, sides.outside]
    features = np.column_stack(columns).astype(np.float64)
    sample = replace(
        gather(features, np.ones(len(features), dtype=np.int64), None), is_clustered=reading.clusters is not None
    )
    unknown = (CLUSTERING_UNKNOWN,) if reading.clusters is None else ()
    found = estimate(sample, _difference, Facts(reading.n_units, 1, 0, "", unknown), plan, NO_OVERLAP)
    if sides.smaller >= minimum:
        return found
    return replace(
        found, value=None, low=None, high=None, interval_undefined=None, standard_error=None, undefined=TOO_FEW_PATIENTS
    )


def _difference(sums: FloatArray) -> FloatArray:
    return ratio(sums[:, 1], sums[:, 0]) - ratio(sums[:, 3], sums[:, 2])


def _test(sides: Sides, n_units: int, minimum: int, permutations: int, seed: int) -> Significance:
    """Return the permutation test of one group."""
    if sides.smaller < minimum:
        return no_test(_METHOD, n_units, TOO_FEW_PATIENTS)
    if (sides.is_inside & sides.is_outside).any():
        return no_test(_METHOD, n_units, GROUPS_SHARE_PATIENTS)
    inside, outside = sides.inside[sides.is_inside], sides.outside[sides.is_outside]
    found = permutation_test(inside, outside, permutations=permutations, seed=seed)
    return Significance(
        statistic=float(inside.mean() - outside.mean()),
        p=found.p,
        degrees=None,
        method=f"{_METHOD}, {'all' if found.is_exact else 'random'} {found.n_permutations} divisions",
        n_units=n_units,
        seed=None if found.is_exact else seed,
        details={
            "n_permutations": found.n_permutations,
            "n_inside": len(inside),
            "n_outside": len(outside),
        },
    )


def _adjusted(tests: dict[str, Significance]) -> dict[str, Estimate | Significance]:
    """Return the tests with p adjusted over those that could be made."""
    made = {name: test.p for name, test in tests.items() if test.p is not None}
    strict = dict(zip(made, holm(list(made.values())).tolist(), strict=True))
    mild = dict(zip(made, benjamini_hochberg(list(made.values())).tolist(), strict=True))
    found: dict[str, Estimate | Significance] = {}
    for name, test in tests.items():
        adjusted = {"p_holm": strict[name], "p_bh": mild[name], "n_tests": len(made)} if name in made else {}
        found[name] = replace(test, details={**test.details, **adjusted})
    return found


SPEC = ReaderStatistic(
    title="Gap between subgroups",
    function=subgroup_gap,
    accepts=GroupTable,
    scales=frozenset(),
    reference="Phipson & Smyth 2010, doi:10.2202/1544-6115.1585; Holm 1979",
    says=(
        "Whether readers agree less in one group of patients than in the others; a gap in kappa may come from "
        "prevalence alone, so compare raw and specific agreement, and of many groups some differ by chance."
    ),
    parts=True,
)
