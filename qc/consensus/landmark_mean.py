"""Geometric median of points, with the ellipse in which readers scatter."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from qc.consensus.base import INSUFFICIENT, SETTLED, Consensus, Method
from qc.readings.base import FloatArray

_TOLERANCE = 1e-12
_MOST_STEPS = 10_000


def landmark_mean(
    points: Mapping[str, Sequence[float]], *, minimum: int = 2, method: str = "geometric_median"
) -> Consensus:
    """Settle on the point with the least sum of distances to the raters' points.

    Weiszfeld's iteration with the step of Vardi and Zhang where it meets one of the points. Points on one line have a
    whole segment of medians when their number is even: its middle is taken, as a median of numbers does.

    Parameters
    ----------
    points : mapping of str to sequence of float
        Rater to coordinates in millimetres, two or three, all alike.
    minimum : int
        Fewest points that may settle anything.
    method : str
        ``geometric_median`` or ``mean``.

    Returns
    -------
    Consensus
        ``settled`` with the coordinates in mm. ``details``: ``distances_mm`` by rater, ``mean_distance_mm``, and from
        three points on ``ellipse``: standard deviations along the axes (mm, largest first) and the axes.
        ``insufficient`` below ``minimum``.

    Raises
    ------
    ValueError
        Coordinates are not finite, not two or three, or not alike; or the method is unknown.

    References
    ----------
    Weiszfeld E. Tohoku Math J 43:355-386, 1937. Vardi Y, Zhang CH. The multivariate L1-median and associated data
    depth. Proc Natl Acad Sci USA 97:1423-1426, 2000. doi:10.1073/pnas.97.4.1423

    Examples
    --------
    >>> landmark_mean({"a": (0, 0), "b": (0, 0), "c": (9, 9)}).value
    (0.0, 0.0)
    """
    if minimum < 1 or method not in ("geometric_median", "mean"):
        raise ValueError("minimum is at least 1, and the method is geometric_median or mean.")
    raters = tuple(sorted(points))
    parameters = {"minimum": minimum, "method": method}
    if len(points) < minimum or not points:
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    cloud = _cloud([points[rater] for rater in raters])
    steps, is_converged, place = 0, True, cloud.mean(axis=0)
    if method == "geometric_median":
        place, steps, is_converged = geometric_median(cloud)
    distances = np.linalg.norm(cloud - place, axis=1)
    details = {
        "distances_mm": dict(zip(raters, distances.tolist(), strict=True)),
        "mean_distance_mm": float(distances.mean()),
        **({"ellipse": _ellipse(cloud)} if len(cloud) > 2 else {}),
    }
    value = tuple(place.tolist())
    return Consensus(SETTLED, value, None, {}, raters, parameters, details, steps, is_converged)


def geometric_median(cloud: FloatArray) -> tuple[FloatArray, int, bool]:
    """Return the point of least summed distance, the steps used, and whether it stands still.

    Parameters
    ----------
    cloud : float64 array (points, axes)
        In millimetres.
    """
    line = _on_a_line(cloud)
    if line is not None:
        return line, 0, True
    vertex = _at_a_point(cloud)
    if vertex is not None:
        return vertex, 0, True
    scale = float(np.abs(cloud - cloud.mean(axis=0)).max())
    place = cloud.mean(axis=0)
    for step in range(1, _MOST_STEPS + 1):
        after = _step(cloud, place)
        if float(np.abs(after - place).max()) <= _TOLERANCE * scale:
            return after, step, True
        place = after
    return place, _MOST_STEPS, False


def _at_a_point(cloud: FloatArray) -> FloatArray | None:
    """Return the rater's point that no pull of the others moves; None when the median lies between the points."""
    for point in cloud:
        away = cloud - point
        distance = np.linalg.norm(away, axis=1)
        others = distance > 0
        pull = np.linalg.norm((away[others] / distance[others, None]).sum(axis=0))
        # Rounding may put a pull of exactly the point's own weight a little above it.
        if float(pull) <= float((~others).sum()) + 1e-12:
            found: FloatArray = point
            return found
    return None


def _step(cloud: FloatArray, place: FloatArray) -> FloatArray:
    """Return the next point of Vardi and Zhang's iteration."""
    distance = np.linalg.norm(cloud - place, axis=1)
    here = distance <= 1e-15 * max(1.0, float(distance.max()))
    weight = 1.0 / distance[~here]
    pulled: FloatArray = weight @ cloud[~here] / weight.sum()
    if not here.any():
        return pulled
    pull = float(np.linalg.norm(weight @ (cloud[~here] - place)))
    stay = 1.0 if pull == 0 else min(1.0, float(here.sum()) / pull)
    return (1 - stay) * pulled + stay * place


def _on_a_line(cloud: FloatArray) -> FloatArray | None:
    """Return the median of points on one line (or in one place); None when they span more."""
    middle = cloud.mean(axis=0)
    _, strength, axes = np.linalg.svd(cloud - middle, full_matrices=False)
    if len(strength) > 1 and strength[1] > 1e-12 * max(strength[0], 1e-300):
        return None
    order = np.argsort((cloud - middle) @ axes[0], kind="stable")
    half = [(len(cloud) - 1) // 2, len(cloud) // 2]
    result: FloatArray = cloud[order[half]].mean(axis=0)
    return result


def _ellipse(cloud: FloatArray) -> dict[str, list[list[float]] | list[float]]:
    """Return standard deviations along the principal axes in mm, largest first, and the axes."""
    values, vectors = np.linalg.eigh(np.cov(cloud, rowvar=False))
    deviations = [math.sqrt(max(0.0, value)) for value in values[::-1].tolist()]
    return {"sd_mm": deviations, "axes": vectors.T[::-1].tolist()}


def _cloud(points: Sequence[Sequence[float]]) -> FloatArray:
    if len({len(point) for point in points}) != 1 or len(points[0]) not in (2, 3):
        raise ValueError("Every point has two coordinates, or every point three.")
    cloud = np.array([[float(value) for value in point] for point in points])
    if not np.isfinite(cloud).all():
        raise ValueError("Every coordinate must be finite.")
    return cloud


SPEC = Method(
    title="Geometric median of points",
    function=landmark_mean,
    takes="points",
    reference="Vardi & Zhang 2000, doi:10.1073/pnas.97.4.1423",
)
