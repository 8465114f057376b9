import io

import numpy as np
import pytest
from PIL import Image

from annotations.images import raster
from annotations.images.base import ImageProblem

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4)


def saved(values, fmt, **options):
    made = io.BytesIO()
    Image.fromarray(values).save(made, fmt, **options)
    return made.getvalue()


def grey(volume):
    return (volume.voxels * volume.slope + volume.intercept)[0]


@pytest.mark.parametrize("fmt", ["PNG", "TIFF"])
@pytest.mark.parametrize("values", [GREY, GREY.astype(np.uint16) * 5000], ids=["8 bit", "16 bit"])
def test_grey_values_are_kept(fmt, values):
    volume = raster.read(saved(values, fmt))
    assert np.array_equal(grey(volume), values)
    assert volume.spacing_mm is None
    assert volume.notes == ()


def test_colours_become_grey_and_it_is_said():
    colours = np.zeros((3, 4, 3), dtype=np.uint8)
    colours[..., 1] = 200
    volume = raster.read(saved(colours, "PNG"))
    assert set(grey(volume).ravel()) == {117}
    assert "BT.601" in volume.notes[0]
    same = raster.read(saved(np.repeat(GREY[..., None], 3, axis=2), "PNG"))
    assert np.array_equal(grey(same), GREY)
    assert same.notes == ()


def test_what_is_no_picture_is_refused():
    good = saved(GREY, "PNG")
    for content in (b"", b"\x89PNG\r\n\x1a\n", good[:40], b"GIF89a" + b"\0" * 50):
        with pytest.raises(ImageProblem):
            raster.read(content)


def test_several_pages_and_bombs_are_refused(monkeypatch):
    pages = [Image.fromarray(GREY), Image.fromarray(GREY)]
    made = io.BytesIO()
    pages[0].save(made, "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(ImageProblem, match="several pictures"):
        raster.read(made.getvalue())
    monkeypatch.setattr(raster, "MAX_PIXELS", 10)
    with pytest.raises(ImageProblem, match="promises more pixels"):
        raster.read(saved(GREY, "PNG"))
