"""Two sides of a study compared: the same cases read twice, or two groups of cases read by the same people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimates
from qc.agreement._weights import IDENTITY, QUADRATIC, agreement_weights
from qc.agreement.base import NO_OVERLAP, NO_VARIATION, TOO_FEW, Estimate, named, parted
from qc.readers.base import Significance
from qc.readers.kappa_difference import PARTS, kappa_difference, side_features, side_values
from qc.readings.groups import GroupTable
from qc.readings.incidence import numbered
from qc.readings.paired import Paired
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import READER_STATISTICS
from qc.settling.means import REPLICATES, mean_over_patients
from qc.settling.measure import LEVEL, SEED, Material
from qc.settling.subgroups import PERMUTATIONS, unit_agreement

BEFORE, AFTER = "before", "after"
MEANS = ("mean_before", "mean_after", "mean_difference")
Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    Parameters
    ----------
    codes : mapping from unit to mapping from reader to code
        Answers; empty for kinds that are no codes.
    agreement : mapping from unit to float
        How far the readers of this side agree on the unit, 0 to 1.
    subjects : mapping from unit to str
        The patient of each unit.
    """

    codes: Mapping[Name, Mapping[str, str]]
    agreement: Mapping[Name, float]
    subjects: Mapping[Name, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides and their difference.

    Parameters
    ----------
    estimates : mapping from part to Estimate
        PARTS of the change of kappa where there are codes and known readers, and MEANS.
    test : Significance or None
        Of the difference of means between two groups of patients.
    n_before, n_after, n_both : int
        Units of each side; units that both have (0 for two groups of cases).
    n_apart : int
        Units of the same name that are left out: the sides name different patients, so that they are not the same.
    """

    estimates: Mapping[str, Estimate]
    test: Significance | None
    n_before: int
    n_after: int
    n_both: int
    n_apart: int = 0


def side_of(material: Material, readers: Sequence[str] = ()) -> Side:
    """Return the units of a side.

    Parameters
    ----------
    material : Material
        Units that can be compared.
    readers : sequence of str
        Only the answers of these; empty for everybody. Answers that are no codes stand for the whole panel, so that
        they are left out where readers are chosen, unless they are pairs of regions.
    """
    wanted = set(readers)
    codes: dict[Name, Mapping[str, str]] = {}
    agreement: dict[Name, float] = {}
    subjects: dict[Name, str] = {}
    for place, name in enumerate(material.names):
        own = {reader: code for reader, code in material.codes[place].items() if not wanted or reader in wanted}
        pairs = [one for one in material.pairs[place] if not wanted or {one.first, one.second} <= wanted]
        value = material.agreement[place] if not wanted else None
        value = unit_agreement(own, pairs) if value is None else value
        if value is not None:
            codes[name], agreement[name], subjects[name] = own, value, material.subjects[place]
    return Side(codes, agreement, subjects)


def compare_readings(before: Side, after: Side, scale: Scale | None) -> Compared:
    """Return the change of agreement on the cases that both sides read, after − before.

    Parameters
    ----------
    before, after : Side
        The same cases under the same keys, of the same patients.
    scale : Scale or None
        Of the codes; None where kappa has no meaning or nobody knows who read.
    """
    named_alike = set(before.agreement) & set(after.agreement)
    # Two projects may number their cases alike: a key says nothing unless the patient is the same too.
    both = sorted(name for name in named_alike if before.subjects[name] == after.subjects[name])
    n_apart = len(named_alike) - len(both)
    subjects = [before.subjects[name] for name in both]
    columns = [[side.agreement[name] for name in both] for side in (before, after)]
    columns.append([second - first for first, second in zip(*columns, strict=True)])
    means = {part: mean_over_patients(values, subjects) for part, values in zip(MEANS, columns, strict=True)}
    kappas = {} if scale is None else _paired_kappas(before, after, both, scale)
    return Compared({**kappas, **means}, None, len(before.agreement), len(after.agreement), len(both), n_apart)


def _paired_kappas(before: Side, after: Side, both: Sequence[Name], scale: Scale) -> dict[str, Estimate]:
    sides = ((BEFORE, before), (AFTER, after))
    rows = [{f"{side}:{who}": code for side, one in sides for who, code in one.codes[name].items()} for name in both]
    seen = sorted({name for row in rows for name in row})
    columns = {side: [name for name in seen if name.startswith(f"{side}:")] for side, _ in sides}
    if min(len(names) for names in columns.values()) < 2:
        return {part: _undefined(NO_OVERLAP) for part in PARTS}
    table = PatternTable.from_rows(rows, scale=scale, clusters=[before.subjects[name] for name in both])
    paired = Paired(table, tuple(columns[BEFORE]), tuple(columns[AFTER]))
    return kappa_difference(paired, level=LEVEL, seed=SEED)


def compare_groups(before: Side, after: Side, scale: Scale | None) -> Compared:
    """Return the difference between two groups of cases read by the same people, after − before.

    Kappa takes the cases that everybody read who read in either group; patients are resampled as a whole.

    Parameters
    ----------
    before, after : Side
        Different cases.
    scale : Scale or None
        As in ``compare_readings``.
    """
    found = {MEANS[0]: _mean(before), MEANS[1]: _mean(after)}
    # Groups stand by name: "after" is compared with "before", as their order asks.
    table = GroupTable(
        np.array([*after.agreement.values(), *before.agreement.values()], dtype=np.float64),
        (AFTER,) * len(after.agreement) + (BEFORE,) * len(before.agreement),
        tuple(side.subjects[name] for side in (after, before) for name in side.agreement),
    )
    test = None
    found[MEANS[2]] = _undefined(TOO_FEW)
    if before.agreement and after.agreement:
        gaps = READER_STATISTICS["subgroup_gap"].compute(table, level=LEVEL, seed=SEED, permutations=PERMUTATIONS)
        gap, made = gaps[named("gap", AFTER)], gaps[named("test", AFTER)]
        found[MEANS[2]] = gap if isinstance(gap, Estimate) else found[MEANS[2]]
        test = made if isinstance(made, Significance) else None
    kappas = {} if scale is None else _group_kappas(before, after, scale)
    return Compared({**kappas, **found}, test, len(before.agreement), len(after.agreement), 0)


def _group_kappas(before: Side, after: Side, scale: Scale) -> dict[str, Estimate]:
    names = sorted({reader for side in (before, after) for codes in side.codes.values() for reader in codes})
    matrix = agreement_weights(IDENTITY if scale.kind == "nominal" else QUADRATIC, len(scale.codes))
    place = {code: number for number, code in enumerate(scale.codes)}
    rows, subjects, is_after, n_all = [], [], [], 0
    for late, side in ((False, before), (True, after)):
        for name, codes in side.codes.items():
            n_all += 1
            if len(codes) == len(names):
                rows.append([place[codes[reader]] for reader in names])
                subjects.append(side.subjects[name])
                is_after.append(late)
    if len(names) < 2 or len(set(is_after)) < 2:
        return {part: _undefined(NO_OVERLAP) for part in PARTS}
    features = side_features(np.array(rows), matrix)
    late_rows = np.array(is_after)[:, None]
    both = np.hstack([np.where(late_rows, 0.0, features), np.where(late_rows, features, 0.0)])
    patients, cluster = numbered(subjects)
    sums = np.zeros((len(patients), both.shape[1]))
    np.add.at(sums, cluster, both)
    width = features.shape[1]

    def finish(found: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        first, second = side_values(found[:, :width], matrix), side_values(found[:, width:], matrix)
        kappas = [first[:, 0], second[:, 0], second[:, 0] - first[:, 0]]
        return np.column_stack([*kappas, first[:, 1], second[:, 1], second[:, 1] - first[:, 1]])

    facts = Facts(len(rows), len(names), n_all - len(rows), "not read by everybody" if n_all > len(rows) else "", ())
    sample = replace(gather(sums, np.ones(len(patients), dtype=np.int64), None), is_clustered=True)
    made = estimates(sample, finish, facts, Plan(LEVEL, SEED, REPLICATES), [NO_VARIATION] * len(PARTS))
    return dict(zip(PARTS, made, strict=True))


def _mean(side: Side) -> Estimate:
    return mean_over_patients(list(side.agreement.values()), [side.subjects[name] for name in side.agreement])


def _undefined(reason: str) -> Estimate:
    return Estimate(None, None, None, LEVEL, "BCa bootstrap", 0, 0, undefined=reason)


def quantity_of(part: str) -> tuple[str, str]:
    """Return what a part measures and of which side: ``kappa_before`` → ("kappa", "before")."""
    what, _, side = parted(part)[0].rpartition("_")
    return what, side
