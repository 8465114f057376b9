"""What the formats of volumes have in common: where an image lies, and findings as voxels of the whole grid."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from reports.exporters._planes import region_of
from reports.exporters._scenes import Album, Finding, Scene, narrowed_to
from reports.exporters.base import ExportProblem, GoldBundle

NO_PLACE = "how the image lies in the patient is not known"
NOT_SQUARE = "the axes of the image are not at right angles"
TOLERANCE = 1e-4

Voxels = npt.NDArray[np.uint16]
Bools = npt.NDArray[np.bool_]


def placed(made: Album, bundle: GoldBundle, *, needs_right_angles: bool) -> Album:
    """Return the scenes whose image has a place in the patient; the others are left out with the reason.

    Parameters
    ----------
    made : Album
        All scenes.
    bundle : GoldBundle
        Its ``places`` say how images lie; ExportProblem when none of the scenes has one.
    needs_right_angles : bool
        Whether the format cannot hold axes that lean towards one another.
    """
    reasons = {scene.case: _reason(scene, bundle, needs_right_angles=needs_right_angles) for scene in made.scenes}
    none = ExportProblem("no-place", "Of no case is it known how its image lies in the patient.")
    return narrowed_to(made, reasons, none)


def _reason(scene: Scene, bundle: GoldBundle, *, needs_right_angles: bool) -> str:
    place = bundle.places.get(scene.case)
    if scene.grid is None or scene.grid.spacing_mm is None or place is None:
        return NO_PLACE
    axes = np.array(place["direction"], dtype=np.float64)
    is_square = not needs_right_angles or np.allclose(axes @ axes.T, np.eye(3), atol=TOLERANCE)
    return "" if is_square else NOT_SQUARE


def whole_region(finding: Finding, shape: tuple[int, int, int]) -> Bools:
    """Return the voxels of a finding in the whole volume of a shape (z, y, x)."""
    (z0, z1, y0, y1, x0, x1), part = region_of(finding.label, shape)
    voxels = np.zeros(shape, dtype=np.bool_)
    voxels[z0:z1, y0:y1, x0:x1] = part
    return voxels


def layers_of(findings: Sequence[Finding], shape: tuple[int, int, int]) -> Iterator[tuple[Voxels, list[Finding]]]:
    """Yield volumes in which no two findings overlap; one empty volume where there is no finding.

    A voxel holds the number of its finding within the layer, from 1. One layer is held at a time.
    """
    waiting = [(finding, *region_of(finding.label, shape)) for finding in findings]
    while True:
        voxels: Voxels = np.zeros(shape, dtype=np.uint16)
        held: list[Finding] = []
        later = []
        for finding, (z0, z1, y0, y1, x0, x1), part in waiting:
            window = voxels[z0:z1, y0:y1, x0:x1]
            if window[part].any():
                later.append((finding, (z0, z1, y0, y1, x0, x1), part))
            else:
                held.append(finding)
                window[part] = len(held)
        yield voxels, held
        if not later:
            return
        waiting = later
