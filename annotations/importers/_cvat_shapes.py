"""Shapes of a CVAT dump: their points, their run lengths, and the frames of a track."""

from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np
import numpy.typing as npt

from annotations.importers._shapes import MAX_MARKED, Grid, Place, Point, box_points, grid_of, ring, turned
from annotations.importers._xml import number_of, size_of, text_of
from annotations.importers.base import ImportProblem

_MAX_RUNS = 2**22


@dataclass(frozen=True, slots=True)
class Film:
    """The frames of a video: its file or case, the first frame, the step, the last, and (z, y, x) if known."""

    source: str
    start: int
    step: int
    stop: int
    grid: Grid | None

    @classmethod
    def of(cls, meta: Element, case: str) -> "Film":
        """Return what the document's ``meta`` says; ``case`` stands for the file where it is given."""
        task = next((part for part in (meta.find("task"), meta.find("job")) if part is not None), meta)
        start, stop = size_of(task.findtext("start_frame")) or 0, size_of(task.findtext("stop_frame")) or 0
        step = size_of(text_of(task, "frame_filter").removeprefix("step=")) or 1
        height, width = (size_of(task.findtext(f"original_size/{name}")) for name in ("height", "width"))
        depth = size_of(task.findtext("size")) or (stop - start) // step + 1
        # A case that is given stands as it is; the ending keeps a dot in its name from being cut off.
        return cls(f"{case}.x" if case else text_of(meta, "source"), start, step, stop, grid_of(height, width, depth))

    def slice_of(self, frame: int) -> int | None:
        """Return the slice of a frame, None for a frame that is not among those of the task."""
        index, rest = divmod(frame - self.start, self.step)
        return index if rest == 0 and index >= 0 else None


def points_of(shape: Element, line: int) -> list[Point]:
    """Return the corners of a polygon or a box in pixel corners; ImportProblem for any other shape."""
    if shape.tag == "polygon":
        return _pairs(shape.get("points", ""), line)
    if shape.tag == "box":
        left, top, right, bottom = (number_of(shape.get(name), name, line) for name in ("xtl", "ytl", "xbr", "ybr"))
        corners = box_points(left, top, right, bottom)
        degrees = number_of(shape.get("rotation", "0"), "rotation", line)
        return turned(corners, degrees, ((left + right) / 2, (top + bottom) / 2)) if degrees else corners
    raise ImportProblem("unsupported-shape", f"A {shape.tag[:40]!r} encloses no pixels and is not read.", line=line)


def run_places(shape: Element, place: Place) -> npt.NDArray[np.int64]:
    """Return the places in the picture of a mask whose run lengths fill a box, zeros first, row by row."""
    if place.grid is None:
        raise ImportProblem("no-size", "The picture needs a height and a width to hold a mask.")
    left, top, width, height = (size_of(shape.get(name)) for name in ("left", "top", "width", "height"))
    texts = shape.get("rle", "").split(",")
    lengths = [size_of(text) for text in texts[:_MAX_RUNS]]
    if left is None or top is None or not width or not height or None in lengths or len(texts) > _MAX_RUNS:
        message = "A mask needs left, top, width, height and run lengths that are whole numbers."
        raise ImportProblem("malformed-runs", message)
    if top + height > place.grid[1] or left + width > place.grid[2]:
        raise ImportProblem("outside-image", "The box of the mask leaves the picture.")
    runs = np.array(lengths, dtype=np.int64)
    if int(runs[1::2].sum()) > MAX_MARKED:
        raise ImportProblem("too-large", f"A mask has at most {MAX_MARKED} marked pixels here.")
    if int(runs.sum()) != width * height:
        message = f"The runs cover {int(runs.sum())} pixels, the box has {width * height}."
        raise ImportProblem("wrong-total", message)
    ends = np.cumsum(runs)
    ones = [np.arange(ends[at] - runs[at], ends[at]) for at in range(1, runs.size, 2)]
    inside = np.concatenate(ones) if ones else np.zeros(0, dtype=np.int64)
    places: npt.NDArray[np.int64] = (inside // width + top) * place.grid[2] + inside % width + left
    return places


def track_rings(track: Element, film: Film, line: int) -> list[dict[str, Any]]:
    """Return the outlines of a track, one a frame, or ImportProblem when frames between are left out.

    Parameters
    ----------
    track : Element
        With one shape for each frame that was drawn; ``outside`` says that the finding is not there.
    film : Film
        The frames of the video.
    line : int
        For the refusal.
    """
    if track.find("skeleton") is not None:
        raise ImportProblem("unsupported-shape", "A 'skeleton' encloses no pixels and is not read.", line=line)
    drawn = [(_frame(shape, line), shape) for shape in track]
    rings = []
    for at, (frame, shape) in enumerate(drawn):
        index = film.slice_of(frame)
        if index is None:
            raise ImportProblem("wrong-frame", f"Frame {frame} is none of the frames of the video.", line=line)
        if shape.get("outside") == "1":
            continue
        after = drawn[at + 1][0] if at + 1 < len(drawn) else film.stop + film.step
        if after - frame > film.step:
            message = f"The frames from {frame} to {after} are interpolated; annotate each, or export them as pictures."
            raise ImportProblem("interpolated-track", message, line=line)
        rings.append(ring(points_of(shape, line), index))
    if not rings:
        raise ImportProblem("empty-track", "The track is nowhere visible.", line=line)
    return rings


def _frame(shape: Element, line: int) -> int:
    frame = size_of(shape.get("frame"))
    if frame is None:
        raise ImportProblem("wrong-frame", "A shape of a track needs the number of its frame.", line=line)
    return frame


def _pairs(text: str, line: int) -> list[Point]:
    pairs = [pair.split(",") for pair in text.split(";")]
    if any(len(pair) != 2 for pair in pairs):
        raise ImportProblem("bad-polygon", "A polygon is written x,y;x,y;…", line=line, column="points")
    try:
        return [(float(x), float(y)) for x, y in pairs]
    except ValueError:
        raise ImportProblem("not-a-number", "A point is no pair of numbers.", line=line, column="points") from None
