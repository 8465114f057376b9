import gzip
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from annotations.labels.base import Geometry
from reports.exporters._csv import read_csv
from reports.exporters._planes import region_of
from reports.exporters._scenes import album
from reports.exporters.base import ExportProblem, export, narrowed
from reports.exporters.nifti_mask import SPEC, affine_of
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.bundles import bundle, record
from tests.reports.exporters.regions import GRIDS, HOSTILE, release


def image_of(content):
    return nib.Nifti1Image.from_bytes(gzip.decompress(content))


def test_nibabel_reads_every_finding_equal():
    files = files_of(SPEC, release())
    rows = {(row["case"], row["finding"]): row for row in read_csv(files["findings.csv"])}
    seen = 0
    for scene in album(release()).scenes:
        for finding in scene.findings:
            row = rows[scene.case, finding.finding]
            voxels = np.asarray(image_of(files["labels/" + row["file"]]).dataobj).transpose(2, 1, 0)
            (z0, z1, y0, y1, x0, x1), part = region_of(finding.label, scene.shape)
            wanted = np.zeros(scene.shape, dtype=bool)
            wanted[z0:z1, y0:y1, x0:x1] = part
            assert ((voxels == int(row["value"])) == wanted).all()
            assert int(row["n_voxels"]) == wanted.sum()
            seen += 1
    assert seen == len(rows) == 5


def test_the_affine_runs_from_left_back_and_feet_in_millimetres():
    image = image_of(files_of(SPEC, release())["labels/deep+lesion.nii.gz"])
    # The place of the image, (-5, 8, 13.5) in LPS, on NIfTI's axes.
    straight = np.diag([-0.6, -0.7, 2.5, 1])
    assert image.affine == pytest.approx(
        straight + np.array([[0, 0, 0, 5.0], [0, 0, 0, -8.0], [0, 0, 0, 13.5], [0] * 4])
    )
    nowhere = image_of(files_of(SPEC, replace(release(), places={}))["labels/deep+lesion.nii.gz"])
    assert nowhere.affine == pytest.approx(straight)
    assert nib.aff2axcodes(image.affine) == ("L", "P", "S")
    assert image.header.get_zooms() == pytest.approx((0.6, 0.7, 2.5))
    assert image.header.get_xyzt_units()[0] == "mm"
    assert image.shape == (10, 8, 3)
    assert image.get_data_dtype() == np.uint8
    assert affine_of((2.5, 0.7, 0.6)).tolist() == np.diag([-0.6, -0.7, 2.5, 1]).tolist()


def test_findings_that_overlap_lose_no_voxel():
    rows = read_csv(files_of(SPEC, release())["findings.csv"])
    assert [row["file"] for row in rows if row["case"] == "c1"] == ["c1+lesion.nii.gz", "c1+lesion+layer2.nii.gz"]


def test_nothing_found_is_an_empty_volume_and_an_open_case_is_none():
    files = files_of(SPEC, release())
    assert not np.asarray(image_of(files["labels/c2+lesion.nii.gz"]).dataobj).any()
    assert not any("c3" in name for name in files)
    assert "c3" in {row["case"] for row in read_csv(files["left-out.csv"])}


def test_no_clock_and_no_name_is_in_the_compressed_file():
    content = files_of(SPEC, release())["labels/c1+lesion.nii.gz"]
    assert content[:3] == b"\x1f\x8b\x08"
    assert content[3:8] == bytes(5)


def test_a_case_without_spacing_is_left_out_and_a_release_without_any_is_refused():
    flat = Geometry((1, 8, 10), None)
    rows = read_csv(files_of(SPEC, replace(release(), cases={**GRIDS, HOSTILE: flat}))["left-out.csv"])
    assert rows[-1] == {
        "case": HOSTILE, "question": "lesion", "finding": "", "reason": "the spacing of the image is not known"
    }  # fmt: skip
    with pytest.raises(ExportProblem, match="no size") as problem:
        export(SPEC, replace(release(), cases=dict.fromkeys(GRIDS, flat)))
    assert problem.value.code == "no-spacing"


def test_answers_alone_make_no_volume():
    with pytest.raises(ExportProblem, match="no question about regions"):
        export(SPEC, bundle([record(label={"kind": "category", "code": "a"})]))
    with pytest.raises(ExportProblem, match="no question about regions"):
        export(SPEC, narrowed(release(), ["quality"]))
