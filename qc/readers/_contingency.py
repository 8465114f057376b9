"""Two raters' answers as one table, for the tests of its margins."""

from qc.agreement._two_raters import joint_table
from qc.readers.base import CLUSTERS_IGNORED
from qc.readings.base import FloatArray, ReadingError
from qc.readings.pattern_table import PatternTable


def two_way(reading: PatternTable) -> FloatArray:
    """Return the units of each pair of answers (categories of the first rater by name, of the second).

    Units that only one of them rated are left out; more than two raters are refused.
    """
    if len(reading.raters) > 2:
        raise ReadingError("two-raters", f"The test compares two raters, not {len(reading.raters)}; select two.")
    return joint_table(reading)


def cluster_warning(used: PatternTable) -> tuple[str, ...]:
    """Return the caution of a test that takes units for independent, where patients have several."""
    return (CLUSTERS_IGNORED,) if used.n_clusters is not None and used.n_clusters < used.n_units else ()
