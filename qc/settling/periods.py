"""Agreement over time: the agreement of the units of each month or file, and each beside all the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qc.agreement.base import Estimate, parted
from qc.readers.base import Significance
from qc.readings.groups import GroupTable
from qc.registry import READER_STATISTICS
from qc.settling.means import mean_over_patients
from qc.settling.measure import LEVEL, SEED, Material
from qc.settling.subgroups import PERMUTATIONS, unit_agreement

MOST_PERIODS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """One month, or one file that was handed in.

    Parameters
    ----------
    name : str
        Which.
    mean : Estimate
        Mean agreement of its units (share of equal pairs of answers, Dice, or the kind's own), bounds over patients.
    gap, test : Estimate, Significance or None
        Mean over its patients less that over all others, with p after Holm; of two periods only one has them.
    """

    name: str
    mean: Estimate
    gap: Estimate | None
    test: Significance | None


def over_time(material: Material, periods: Mapping[str, str]) -> list[Period]:
    """Return the periods in order, the newest twelve of them; empty where there are fewer than two.

    Parameters
    ----------
    material : Material
        The units that two readers answered.
    periods : mapping from case to str
        In which period the case was read; names sort as the periods follow each other.
    """
    units = zip(material.codes, material.pairs, material.agreement, strict=True)
    values = [unit_agreement(codes, pairs) if own is None else own for codes, pairs, own in units]
    kept = [place for place, value in enumerate(values) if value is not None and material.names[place][0] in periods]
    newest = sorted({periods[material.names[place][0]] for place in kept})[-MOST_PERIODS:]
    kept = [place for place in kept if periods[material.names[place][0]] in newest]
    if len(newest) < 2:
        return []
    table = GroupTable(
        np.array([values[place] for place in kept], dtype=np.float64),
        tuple(periods[material.names[place][0]] for place in kept),
        tuple(material.subjects[place] for place in kept),
    )
    beside: dict[str, dict[str, Estimate | Significance]] = {}
    gaps = READER_STATISTICS["subgroup_gap"].compute(table, level=LEVEL, seed=SEED, permutations=PERMUTATIONS)
    for part, one in gaps.items():
        kind, name = parted(part)
        if isinstance(one, Estimate | Significance):
            beside.setdefault(name, {})[kind] = one
    return [_period(name, table, beside.get(name, {})) for name in newest]


def _period(name: str, table: GroupTable, beside: Mapping[str, Estimate | Significance]) -> Period:
    member = np.array([group == name for group in table.groups])
    subjects = [subject for subject, is_in in zip(table.clusters or (), member, strict=True) if is_in]
    gap, test = beside.get("gap"), beside.get("test")
    return Period(
        name,
        mean_over_patients(table.values[member].tolist(), subjects),
        gap if isinstance(gap, Estimate) else None,
        test if isinstance(test, Significance) else None,
    )
