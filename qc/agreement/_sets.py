"""Krippendorff's alpha of sets under a distance between sets, and the distances."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from qc.agreement._alpha import with_distance
from qc.agreement._bootstrap import Plan
from qc.agreement._kernel import estimate, pairable_facts
from qc.agreement.base import NO_VARIATION, RARE_CATEGORY, Estimate
from qc.readings.base import BoolArray, FloatArray
from qc.readings.set_table import SetTable

# Sets (sets, labels) → distances (sets, sets).
Distance: TypeAlias = Callable[[BoolArray], FloatArray]


def set_alpha(reading: SetTable, distance: Distance, plan: Plan) -> Estimate:
    """Return 1 − D_o / D_e with the mean distance between two sets of one unit over that between any two.

    Parameters
    ----------
    reading : SetTable
        Any number of raters, taken as exchangeable; units with fewer than two sets are dropped.
    distance : callable
        Distances between the distinct sets.
    plan : Plan
        Level, seed and replicates.
    """
    used = reading.table.rated(2)
    sets = reading.sets if len(reading.sets) else np.zeros((1, len(reading.labels)), dtype=np.bool_)
    sample, finish = with_distance(used.anonymous(), distance(sets))
    facts = pairable_facts(reading.table, used, "fewer than two sets")
    # Nearly every combination of labels is rare; the caution belongs to single labels.
    facts = replace(facts, warnings=tuple(word for word in facts.warnings if word != RARE_CATEGORY))
    return estimate(sample, finish, facts, plan, NO_VARIATION)


def jaccard_distance(sets: BoolArray) -> FloatArray:
    """Return 1 − |A ∩ B| / |A ∪ B| (sets, sets); 0 between two empty sets.

    Parameters
    ----------
    sets : bool array (sets, labels)
        Distinct or not.
    """
    members = sets.astype(np.float64)
    both = members @ members.T
    size = members.sum(axis=1)
    either = size[:, None] + size[None, :] - both
    return np.asarray(1 - np.divide(both, either, out=np.ones_like(both), where=either > 0))


def masi_distance(sets: BoolArray) -> FloatArray:
    """Return 1 − J · M (sets, sets) with M = 1 for equal sets, 2/3 for a subset, 1/3 for an overlap, else 0.

    Parameters
    ----------
    sets : bool array (sets, labels)
        Distinct or not; two empty sets have the distance 0.
    """
    members = sets.astype(np.float64)
    both = members @ members.T
    size = members.sum(axis=1)
    smaller, larger = np.minimum(size[:, None], size[None, :]), np.maximum(size[:, None], size[None, :])
    share = np.where(both == larger, 1.0, np.where(both == smaller, 2 / 3, np.where(both > 0, 1 / 3, 0.0)))
    return np.asarray(1 - (1 - jaccard_distance(sets)) * share)
