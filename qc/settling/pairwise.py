"""The agreement of one unit from its pairs of readers: the mean, and the pair that agrees least."""

from collections.abc import Sequence

from qc.agreement.base import TOO_FEW


def agreement(
    name: str, pairs: Sequence[float | None], nothing: str = TOO_FEW
) -> tuple[dict[str, float], dict[str, str], float | None]:
    """Return mean and least value over the pairs, the reasons where there is none, and the mean for the report.

    Parameters
    ----------
    name : str
        Of the value; the pair that agrees least stands under ``…_min``.
    pairs : sequence of float or None
        One value a pair of readers; None where the pair has none.
    nothing : str
        Why, when there are pairs and none of them has a value.
    """
    known = [value for value in pairs if value is not None]
    if not known:
        return {}, {name: nothing if pairs else TOO_FEW, f"{name}_min": nothing if pairs else TOO_FEW}, None
    mean = sum(known) / len(known)
    return {name: mean, f"{name}_min": min(known)}, {}, mean
