"""Voxel plurality of label maps: the label that most readers gave, undecided where several lead."""

from collections.abc import Mapping
from typing import Any

from qc.consensus._label_patterns import UNDECIDED, AnyMap, check_maps, label_patterns, plurality, voxels_by_label
from qc.consensus.base import INSUFFICIENT, SETTLED, TIE, Consensus, Method


def multilabel_vote(maps: Mapping[str, AnyMap], *, minimum: int = 2) -> Consensus:
    """Settle on the label that more raters gave a voxel than any other.

    Parameters
    ----------
    maps : mapping of str to ndarray of uint8 or LabelRuns
        Rater to label map, all of one shape (z, y, x) and layout; 0 is the background, labels go to 254.
    minimum : int
        Fewest maps that may settle anything.

    Returns
    -------
    Consensus
        ``settled``: a label map in the layout of the maps. Voxels where several labels lead are 255 and counted in
        ``details["undecided_voxels"]``: a tie is never given to the first label. ``support`` is the mean share of
        raters over the voxels that get a label other than 0; 1 where all maps are empty, None where no such voxel
        is. ``tie`` when no voxel gets a label and some are undecided; ``insufficient`` below ``minimum``.

    Raises
    ------
    ValueError
        Maps are not of uint8, use 255, or differ in shape or layout.

    References
    ----------
    Heckemann RA et al. (2006), doi:10.1016/j.neuroimage.2006.05.061.
    """
    raters = check_maps(maps)
    parameters = {"minimum": minimum, "undecided": UNDECIDED}
    if len(raters) < max(minimum, 1):
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters, {"reason": "too_few"})
    patterns = label_patterns(maps)
    table, counts = plurality(patterns), patterns.found.counts
    undecided = int(counts[table == UNDECIDED].sum())
    details: dict[str, Any] = {
        "labels": patterns.labels.tolist(),
        "label_voxels": voxels_by_label(patterns, table),
        "undecided_voxels": undecided,
        "disputed_voxels": int(counts[(patterns.found.patterns != patterns.found.patterns[:, :1]).any(axis=1)].sum()),
    }
    chosen = counts * ((table != 0) & (table != UNDECIDED))
    if not chosen.any():
        if undecided:
            return Consensus(TIE, None, None, {}, raters, parameters, {**details, "reason": "half_undecided"})
        support = 1.0 if len(patterns.labels) == 1 else None
        return Consensus(SETTLED, patterns.paint(table), support, {}, raters, parameters, details)
    share = float(chosen @ patterns.tally().max(axis=1)) / (len(raters) * int(chosen.sum()))
    return Consensus(SETTLED, patterns.paint(table), share, {}, raters, parameters, details)


SPEC = Method(
    title="Voxel plurality of label maps",
    function=multilabel_vote,
    takes="label_maps",
    reference="Heckemann et al. 2006, doi:10.1016/j.neuroimage.2006.05.061",
)
