from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale


def test_counts_raters_by_category_and_keeps_unrated_units():
    table = PatternTable.from_codes(
        [[0, 0, 2], [2, 0, 0], [-1, -1, -1]], raters=["a", "b", "c"], scale=Scale("nominal", ("x", "y", "z"))
    ).anonymous()
    assert table.vectors.tolist() == [[0, 0, 0], [2, 0, 1]]
    assert table.counts.tolist() == [1, 2]
    assert table.ratings.tolist() == [0, 3]
    assert (table.n_units, table.incidence) == (3, None)
