"""Where readers agree less: the agreement of each unit by site, sex, age, scanner and the size of what was marked."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from qc.agreement.base import Estimate, parted
from qc.readers.base import Significance
from qc.readings.groups import GroupTable
from qc.registry import READER_STATISTICS
from qc.settling.measure import LEVEL, SEED, Material

SIZE = "size"
# Diameters of the ball of the same volume, in mm: the bands in which nodules are managed (MacMahon et al. 2017,
# doi:10.1148/radiol.2017161659) with a coarse one above.
SIZES = ((6.0, "below 6 mm"), (8.0, "6 to 8 mm"), (15.0, "8 to 15 mm"), (math.inf, "15 mm and more"))
AGES = ((18.0, "below 18"), (40.0, "18 to 39"), (65.0, "40 to 64"), (math.inf, "65 and more"))
AGE = "age"
# An attribute with more values than this is no grouping but a name of its own.
MOST_GROUPS = 12
PERMUTATIONS = 1999


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One group of units beside all others.

    Parameters
    ----------
    attribute, group : str
        What groups, and which group.
    n_units : int
        Units of the group.
    mean : float
        Mean agreement of its units: share of equal pairs of answers, Dice, or the kind's own (Jaccard, overlap, tau).
    gap : Estimate
        Mean over its patients less that over all others; of two groups only the first by name has one.
    test : Significance
        With p adjusted over the groups of the attribute (Holm).
    """

    attribute: str
    group: str
    n_units: int
    mean: float
    gap: Estimate
    test: Significance


def sizes_of(material: Material) -> dict[tuple[str, int], str]:
    """Return the band of size of each unit of regions whose voxels have a volume.

    Parameters
    ----------
    material : Material
        Units of regions; without spacing a voxel has no volume and a unit no size.
    """
    found = {}
    for name, pairs, voxel in zip(material.names, material.pairs, material.voxel_mm3, strict=True):
        sizes = [size for pair in pairs for size in (pair.size_first, pair.size_second) if size]
        if voxel and sizes:
            diameter = (6 * float(np.mean(sizes)) * voxel / math.pi) ** (1 / 3)
            found[name] = _band(diameter, SIZES)
    return found


def subgroups(material: Material, sizes: Mapping[tuple[str, int], str]) -> Iterator[Subgroup]:
    """Yield every group of every attribute that divides the units.

    Parameters
    ----------
    material : Material
        The units that two readers answered, with the attributes of their cases.
    sizes : mapping from (case, finding number) to str
        Bands of size, where they are known.
    """
    units = zip(material.codes, material.pairs, material.agreement, strict=True)
    values = [unit_agreement(codes, pairs) if own is None else own for codes, pairs, own in units]
    kept = [place for place, value in enumerate(values) if value is not None]
    labels = [labelled(material.strata[place], sizes.get(material.names[place])) for place in kept]
    for attribute in sorted({name for one in labels for name in one}):
        places = [place for place, one in zip(kept, labels, strict=True) if attribute in one]
        groups = tuple(one[attribute] for one in labels if attribute in one)
        if not 2 <= len(set(groups)) <= MOST_GROUPS:
            continue
        reading = GroupTable(
            np.array([values[place] for place in places], dtype=np.float64),
            groups,
            tuple(material.subjects[place] for place in places),
        )
        yield from _of_attribute(attribute, reading)


def _of_attribute(attribute: str, reading: GroupTable) -> Iterator[Subgroup]:
    found = READER_STATISTICS["subgroup_gap"].compute(reading, level=LEVEL, seed=SEED, permutations=PERMUTATIONS)
    by_group: dict[str, dict[str, Any]] = {}
    for part, one in found.items():
        kind, group = parted(part)
        by_group.setdefault(group, {})[kind] = one
    for group, parts in by_group.items():
        member = np.array([name == group for name in reading.groups])
        mean = float(reading.values[member].mean())
        yield Subgroup(attribute, group, int(member.sum()), mean, parts["gap"], parts["test"])


def unit_agreement(codes: Mapping[str, str], pairs: Sequence[Any]) -> float | None:
    """Return the agreement of one unit: mean Dice of its pairs, or the share of equal answers; None without pairs."""
    if pairs:
        dice = [
            2 * pair.intersection / (pair.size_first + pair.size_second)
            for pair in pairs
            if pair.size_first + pair.size_second
        ]
        return float(np.mean(dice)) if dice else None
    answers = list(codes.values())
    both = list(combinations(answers, 2))
    return sum(first == second for first, second in both) / len(both) if both else None


def labelled(strata: Mapping[str, Any], size: str | None) -> dict[str, str]:
    """Return the group of a unit by attribute: words as they are, ages and sizes in bands."""
    found = {name: value for name, value in strata.items() if isinstance(value, str) and value and name != AGE}
    age = _years(strata.get(AGE))
    if age is not None:
        found[AGE] = _band(age, AGES)
    if size is not None:
        found[SIZE] = size
    return found


def _years(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).rstrip("+")
    return float(text) if text.replace(".", "", 1).isdigit() else None


def _band(value: float, bands: Sequence[tuple[float, str]]) -> str:
    return next(name for end, name in bands if value < end)
