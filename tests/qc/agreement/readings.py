"""Random readings for property tests."""

import numpy as np
from hypothesis import strategies as st

from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale

CODES = ("0", "1", "2", "3")


@st.composite
def readings(draw, kind="nominal", raters=None, missing=True):
    """Return a pattern table of up to 12 units by 2 to 4 raters, three or four categories."""
    width = raters or draw(st.integers(2, 4))
    categories = draw(st.integers(2, 4))
    rows = st.lists(st.integers(-1 if missing else 0, categories - 1), min_size=width, max_size=width)
    ratings = draw(st.lists(rows, min_size=1, max_size=12))
    clusters = draw(st.none() | st.lists(st.sampled_from("pqrst"), min_size=len(ratings), max_size=len(ratings)))
    return PatternTable.from_codes(
        np.array(ratings),
        raters=[f"r{number}" for number in range(width)],
        scale=Scale(kind, CODES[:categories]),
        clusters=clusters,
    )
