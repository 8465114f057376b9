"""The same small matrices of ratings as measurements, repeated measurements, sets of labels and orders."""

import numpy as np

from qc.readings.number_table import NumberTable
from qc.readings.rankings import Rankings
from qc.readings.repeat_table import RepeatTable
from qc.readings.set_table import SetTable

RATERS = "abcd"
SETS = {0: [], 1: ["x"], 2: ["x", "y"]}
ORDERS = {0: [["p"], ["q"], ["r"]], 1: [["q"], ["p"], ["r"]], 2: [["r"], ["p", "q"]]}


def numbers(ratings):
    return np.where(ratings < 0, np.nan, ratings + 1.0)


def number_table(ratings, clusters):
    return NumberTable.from_values(numbers(ratings), raters=RATERS[: ratings.shape[1]], unit="mm", clusters=clusters)


def repeat_table(ratings, clusters):
    """Return two repeats, further apart the further the raters of the unit are apart."""
    first = numbers(ratings)
    given = np.where(np.isnan(first), 1.0, first)
    second = first + (given.max(axis=1, initial=1.0) - given.min(axis=1, initial=9.0))[:, None] / 10
    both = np.stack([first, second], axis=2)
    return RepeatTable.from_values(both, raters=RATERS[: ratings.shape[1]], unit="mm", clusters=clusters)


def set_table(ratings, clusters):
    rows = [{name: SETS[int(code)] for name, code in zip(RATERS, row, strict=False) if code >= 0} for row in ratings]
    return SetTable.from_rows(rows, labels=["x", "y"], raters=RATERS[: ratings.shape[1]], clusters=clusters)


def rankings(ratings, clusters):
    rows = [{name: ORDERS[int(code)] for name, code in zip(RATERS, row, strict=False) if code >= 0} for row in ratings]
    return Rankings.from_orders(rows, options="pqr", clusters=clusters)


MAKERS = {NumberTable: number_table, RepeatTable: repeat_table, SetTable: set_table, Rankings: rankings}
