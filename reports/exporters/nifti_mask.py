"""Gold regions as label volumes in NIfTI-1, one file for each case and region question.

Cox RW et al. (2004), "A (sort of) new image data format standard: NIfTI-1"; read and written by nibabel.
"""

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt

from annotations.labels.base import Geometry, canonical
from reports.exporters._csv import Cell, write_csv
from reports.exporters._names import file_stems
from reports.exporters._scenes import (
    Album,
    Scene,
    album,
    class_names,
    narrowed_to,
    refuse_without_regions,
    region_questions,
)
from reports.exporters._volumes import Voxels, layers_of
from reports.exporters.base import Exporter, ExportProblem, GoldBundle
from reports.exporters.manifest import zipped

COLUMNS = ("case", "question", "finding", "file", "value", "class", "n_voxels", "answers")
CASE_COLUMNS = ("case", "subject", "spacing_x_mm", "spacing_y_mm", "spacing_z_mm", "answers")
NO_SPACING = "the spacing of the image is not known"
_BYTE = 255
# Its constructors and setters state no types.
_library: Any = nib


def volumes(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``labels/*.nii.gz``, ``findings.csv``, ``cases.csv`` and ``left-out.csv``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        A voxel holds the number of its finding within the file, 0 for none. A finding that overlaps an
        earlier one goes to a further file, so that no voxel is lost. ExportProblem when no case has a
        spacing, because the volumes would have no size.
    """
    made, names = _measured(album(bundle)), class_names(bundle)
    stems = file_stems(scene.case for scene in made.scenes)
    files: dict[str, bytes] = {}
    rows: list[Sequence[Cell]] = []
    for scene in made.scenes:
        for question in region_questions(bundle):
            findings = [one for one in scene.findings if one.question == question]
            for number, (voxels, held) in enumerate(layers_of(findings, scene.shape), start=1):
                name = f"{stems[scene.case]}+{question}" + (f"+layer{number}" if number > 1 else "") + ".nii.gz"
                files[f"labels/{name}"] = _nifti(voxels, scene.grid, bundle.places.get(scene.case))
                for value, one in enumerate(held, start=1):
                    place = (scene.case, question, one.finding, name, value, names[question, one.name])
                    rows.append((*place, int((voxels == value).sum()), canonical(dict(one.attributes))))
    files["findings.csv"] = write_csv(COLUMNS, rows)
    files["cases.csv"] = write_csv(CASE_COLUMNS, map(_case_row, made.scenes))
    files["left-out.csv"] = made.left_out_csv()
    return zipped(files)


def affine_of(spacing_mm: Sequence[float], place: Mapping[str, Any] | None = None) -> npt.NDArray[np.float64]:
    """Return the affine from voxel (x, y, z) to millimetres in RAS.

    Voxels run to the patient's left, back and head (LPS), and NIfTI's axes to the right, front and head.

    Parameters
    ----------
    spacing_mm : sequence of float
        Along (z, y, x).
    place : mapping or None
        Origin and directions of the image in LPS; without them the first voxel stands at (0, 0, 0).
    """
    affine = np.diag([*spacing_mm[::-1], 1.0])
    if place is not None:
        affine[:3, :3] = np.array(place["direction"], dtype=np.float64).T * np.array(spacing_mm[::-1])
        affine[:3, 3] = place["origin_mm"]
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine


def _measured(made: Album) -> Album:
    """Return the scenes with a spacing; the others are left out with the reason."""
    sized = {scene.case for scene in made.scenes if scene.grid is not None and scene.grid.spacing_mm is not None}
    reasons = {scene.case: NO_SPACING for scene in made.scenes if scene.case not in sized}
    none = ExportProblem("no-spacing", "No case has a known spacing, so that a volume would have no size.")
    return narrowed_to(made, reasons, none)


def _nifti(voxels: Voxels, grid: Geometry | None, place: Mapping[str, Any] | None) -> bytes:
    """Return a compressed volume, the same bytes each time."""
    if grid is None or grid.spacing_mm is None:
        raise ValueError(NO_SPACING)
    kind = np.uint8 if int(voxels.max()) <= _BYTE else np.uint16
    image = _library.Nifti1Image(voxels.transpose(2, 1, 0).astype(kind), affine_of(grid.spacing_mm, place))
    image.header.set_xyzt_units("mm")
    image.set_sform(image.affine, code="scanner")
    image.set_qform(image.affine, code="scanner")
    return gzip.compress(bytes(image.to_bytes()), 6, mtime=0)


def _case_row(scene: Scene) -> Sequence[Cell]:
    z, y, x = scene.grid.spacing_mm if scene.grid is not None and scene.grid.spacing_mm is not None else (None,) * 3
    return (scene.case, scene.subject, x, y, z, canonical(dict(scene.attributes)))


SPEC = Exporter(
    title="NIfTI label volumes (zip)",
    suffix="zip",
    media_type="application/zip",
    function=volumes,
    kinds=frozenset({"mask", "polygon", "category", "grade", "measurement"}),
    refuse=refuse_without_regions,
    is_heavy=True,
    loses=(
        "Outlines become voxels.",
        "Where it is not known how an image lies in the patient, the first voxel stands at (0, 0, 0), straight.",
        "A case without a known spacing, or with an open region, is left out.",
        "There are no probability maps: a release holds the readers' own regions (in reads.jsonl) and no map.",
        "Answers stand in findings.csv and cases.csv beside the volumes; support and provenance in the package alone.",
    ),
)
