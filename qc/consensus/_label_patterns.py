"""Label patterns of label maps: what all readers said of a voxel, as one small integer; the way back to voxels."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from qc.consensus._frame import Box, Frame, frame_of
from qc.readings.label_runs import LabelCounts, LabelRuns, Labels, count_labels
from qc.readings.run_boxes import bounds
from qc.readings.runs import Runs

AnyMap: TypeAlias = Labels | LabelRuns

# The last code is kept for what no label leads; 0 to 254 are labels.
UNDECIDED = 255


@dataclass(frozen=True, slots=True)
class LabelPatterns:
    """The label maps of several raters as pattern codes.

    Parameters
    ----------
    raters : tuple of str
        Raters, sorted; the columns of ``found.patterns``.
    shape : tuple of int
        Of the maps.
    frame : Frame
        The image that the maps lie in.
    found : LabelCounts
        Patterns, counts over the maps, and which stretch shows which.
    labels : ndarray of uint8
        Labels that occur, increasing, 0 among them.
    as_runs : bool
        Whether the maps came as runs, and so does what is painted.
    """

    raters: tuple[str, ...]
    shape: tuple[int, ...]
    frame: Frame
    found: LabelCounts
    labels: Labels
    as_runs: bool

    def box(self) -> Box | None:
        """Return the bounding box, in the maps, of what anybody gave a label other than 0; None without any."""
        marked = (self.found.patterns != 0).any(axis=1)[self.found.rows]
        if not marked.any():
            return None
        if self.found.heads is None:
            first = np.flatnonzero(marked)
            stop = first + 1
        else:
            first = self.found.heads[marked]
            stop = np.append(self.found.heads[1:], prod(self.shape))[marked]
        return bounds(Runs(self.shape, np.column_stack((first, stop)).reshape(-1)))

    def tally(self) -> NDArray[np.int64]:
        """Return (patterns, labels) the number of raters who gave each label."""
        return np.stack([(self.found.patterns == label).sum(axis=1) for label in self.labels.tolist()], axis=1)

    def paint(self, table: Labels) -> AnyMap:
        """Return the label map of ``table``, one label a pattern."""
        values = table[self.found.rows]
        if self.found.heads is None:
            whole = values.reshape(self.shape)
            return LabelRuns.from_map(whole) if self.as_runs else whole
        changes = np.append(True, values[1:] != values[:-1])
        runs = LabelRuns(self.shape, self.found.heads[changes], values[changes])
        return runs if self.as_runs else runs.map()


def label_patterns(maps: Mapping[str, AnyMap]) -> LabelPatterns:
    """Code the label maps in one pass over their runs.

    Parameters
    ----------
    maps : mapping of str to ndarray of uint8 or LabelRuns
        Rater to label map; at least one, all of one shape and layout.

    Raises
    ------
    ValueError
        A map is not of uint8 or uses 255, shapes or layouts differ.
    """
    raters = check_maps(maps)
    ordered = [maps[rater] for rater in raters]
    runs = [one if isinstance(one, LabelRuns) else LabelRuns.from_map(one) for one in ordered]
    found = count_labels(runs)
    labels = np.unique(found.patterns[found.counts > 0])
    if labels[-1:] == UNDECIDED:
        raise ValueError(f"Labels go from 0 to {UNDECIDED - 1}; {UNDECIDED} means undecided.")
    labels = np.union1d(labels, np.zeros(1, dtype=np.uint8))
    shape = ordered[0].shape
    return LabelPatterns(raters, shape, frame_of(maps, shape), found, labels, isinstance(ordered[0], LabelRuns))


def check_maps(maps: Mapping[str, AnyMap]) -> tuple[str, ...]:
    """Return the raters, sorted, of label maps that can be combined."""
    raters = tuple(sorted(maps))
    ordered = [maps[rater] for rater in raters]
    if any(isinstance(one, np.ndarray) and one.dtype != np.uint8 for one in ordered):
        raise ValueError("A label map must be an array of uint8.")
    if len({type(one) for one in ordered}) > 1:
        raise ValueError("All label maps must have one layout.")
    if any(len(one.shape) < 2 for one in ordered):
        raise ValueError("A label map must have at least two axes.")
    if len({one.shape for one in ordered}) > 1:
        raise ValueError("All label maps must have one shape.")
    return raters


def plurality(patterns: LabelPatterns) -> Labels:
    """Return (patterns,) the label that most raters gave; ``UNDECIDED`` where several lead."""
    tally = patterns.tally()
    most = tally.max(axis=1, keepdims=True)
    is_tied = (tally == most).sum(axis=1) > 1
    table: Labels = np.where(is_tied, UNDECIDED, patterns.labels[tally.argmax(axis=1)]).astype(np.uint8)
    return table


def voxels_by_label(patterns: LabelPatterns, table: Labels) -> dict[str, int]:
    """Return the voxels of each label of ``table`` but 0, as text."""
    return {str(label): int(patterns.found.counts[table == label].sum()) for label in patterns.labels.tolist() if label}
