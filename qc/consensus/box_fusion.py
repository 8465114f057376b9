"""Fuse boxes: one box a reader in each cluster, the mean of its sides, kept with enough support."""

from collections.abc import Mapping, Sequence
from typing import Any

from qc.consensus._boxes import Mark, box_iou, clusters_of, fused, marks_of, without_doubles
from qc.consensus.base import INSUFFICIENT, SETTLED, TIE, Consensus, Method


def box_fusion(
    boxes: Mapping[str, Sequence[Sequence[float]]],
    *,
    threshold: float = 0.5,
    at_least: int | None = None,
    minimum: int = 2,
) -> Consensus:
    """Settle on the boxes that enough readers drew in one place.

    Boxes of one reader that overlap by more than ``threshold`` are one. Clusters are complete-link to the running
    mean and hold at most one box a reader; the sides are averaged, from four boxes on by the median.

    Parameters
    ----------
    boxes : mapping of str to sequence of boxes
        Rater to boxes: low corner, then high corner, four or six numbers in one unit (pixels or mm). A rater who
        saw nothing has an empty sequence; a rater who did not rate is absent.
    threshold : float
        Intersection over union above which two boxes are the same, between 0 and 1.
    at_least : int or None
        Readers that a kept box needs; None takes a strict majority.
    minimum : int
        Fewest raters that may settle anything.

    Returns
    -------
    Consensus
        ``settled`` with a tuple of boxes, most supported first, and the least support among them (1 without any);
        ``tie`` when, without ``at_least``, exactly half of the raters support a box; ``insufficient`` below
        ``minimum``. ``details["clusters"]`` lists every cluster, kept or not, with members and support;
        ``n_doubles`` the boxes merged within a reader, ``n_split`` clusters that overlap another one by more
        than the threshold: one reader's single finding is another's several.

    Raises
    ------
    ValueError
        A box is malformed, or a parameter is out of range.

    References
    ----------
    Solovyev R, Wang W, Gabruseva T. Weighted boxes fusion. Image Vis Comput 107:104117, 2021.
    doi:10.1016/j.imavis.2021.104117
    """
    if not 0 <= threshold < 1 or minimum < 1 or (at_least is not None and at_least < 1):
        raise ValueError("The threshold lies within 0 and 1; minimum and at_least are at least 1.")
    raters = tuple(sorted(boxes))
    parameters = {"threshold": threshold, "at_least": at_least, "minimum": minimum}
    marks = marks_of(boxes)
    if len(boxes) < minimum or not boxes:
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    single = without_doubles(marks, threshold)
    groups = clusters_of(single, threshold)
    found = sorted((_described(group, len(boxes), at_least) for group in groups), key=_order)
    details = {
        "clusters": found,
        "n_doubles": len(marks) - len(single),
        "n_split": _n_split(single, groups, threshold),
    }
    if any(cluster["verdict"] == TIE for cluster in found):
        return Consensus(TIE, None, None, {}, raters, parameters, details)
    kept = [cluster for cluster in found if cluster["verdict"] == SETTLED]
    value = tuple(tuple(cluster["box"]) for cluster in kept)
    support = min((cluster["support"] for cluster in kept), default=1.0)
    return Consensus(SETTLED, value, support, {}, raters, parameters, details)


def _described(group: Sequence[Mark], n_raters: int, at_least: int | None) -> dict[str, Any]:
    size = len(group)
    if at_least is not None:
        verdict = SETTLED if size >= at_least else "dropped"
    else:
        verdict = TIE if 2 * size == n_raters else SETTLED if 2 * size > n_raters else "dropped"
    box = fused([mark.sides for mark in group]).tolist()
    members = sorted(mark.rater for mark in group)
    return {"box": box, "raters": members, "support": size / n_raters, "verdict": verdict}


def _order(cluster: Mapping[str, Any]) -> tuple[Any, ...]:
    return (-cluster["support"], cluster["box"], cluster["raters"])


def _n_split(marks: Sequence[Mark], groups: Sequence[Sequence[Mark]], threshold: float) -> int:
    """Return the clusters that a box placed elsewhere overlaps by more than the threshold."""
    means = [fused([mark.sides for mark in group]) for group in groups]
    return sum(
        any(mark not in group and box_iou(middle, mark.sides) > threshold for mark in marks)
        for group, middle in zip(groups, means, strict=True)
    )


SPEC = Method(
    title="Box fusion",
    function=box_fusion,
    takes="boxes",
    reference="Solovyev, Wang & Gabruseva 2021, doi:10.1016/j.imavis.2021.104117",
)
