"""Dawid AP, Skene AM. Appl Stat 28:20-28, 1979, doi:10.2307/2346806, table 1, retyped.

Forty-five patients by five anaesthetists; each word is a patient: three readings of observer 1, then one of each of
observers 2 to 5, classes 1 to 4.
"""

import numpy as np

from qc.consensus._em import Design
from qc.readings._kernel import distinct_rows
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale

TABLE_1 = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223
2322223 4444444 2223343 1111111 2223212 1211111 1112111 1111111 1111111
2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222
1111111 1111111 1121121 1111111 3333233 1111111 2222222 2223232 4334343
2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""

RATINGS = np.array([[int(code) - 1 for code in patient] for patient in TABLE_1.split()])
COLUMNS = ["1a", "1b", "1c", "2", "3", "4", "5"]
DESIGN = Design(repeats={"1a": "1", "1b": "1", "1c": "1"})
PLACE = distinct_rows(RATINGS)[1]


def table() -> PatternTable:
    return PatternTable.from_codes(RATINGS, raters=COLUMNS, scale=Scale("nominal", ("1", "2", "3", "4")))


def labels(found):
    """Return the leading class of each patient, from 1."""
    return (found.posterior[PLACE].argmax(axis=1) + 1).tolist()
