"""Pictures: PNG, JPEG and TIFF, one page, 8 or 16 bits a pixel. They state no millimetres and no place in the patient.

Source: ISO/IEC 15948 (PNG), ITU-T T.81 (JPEG), TIFF 6.0; colours to grey after ITU-R BT.601-7.
"""

import io
import warnings

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.Image import DecompressionBombError, DecompressionBombWarning

from annotations.images import _grey
from annotations.images._orientation import lying_nowhere
from annotations.images.base import ImageProblem, Volume

MAX_PIXELS = 2**28
FORMATS = ("PNG", "JPEG", "TIFF")
HEADS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_GREY_MODES = ("1", "L", "I", "I;16", "I;16B", "I;16L", "F")
_COLOUR_MODES = ("RGB", "RGBA", "P", "CMYK", "YCbCr", "LA", "PA")


def is_picture(head: bytes) -> bool:
    """Say whether the first bytes are those of a PNG, JPEG or TIFF file."""
    return head.startswith(HEADS)


def read(content: bytes) -> Volume:
    """Return the picture of a file as a volume of one slice.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Volume
        ``spacing_mm`` is None: a picture states none that could be trusted.

    Raises
    ------
    ImageProblem
        The bytes are no such picture, hold several pages, or more pixels than are decoded here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                return _volume(picture)
        except ImageProblem:
            raise
        except (DecompressionBombError, DecompressionBombWarning) as error:
            raise ImageProblem("too-large", "The picture promises more pixels than are decoded here.") from error
        except UnidentifiedImageError as error:
            raise ImageProblem("not-a-picture", "The bytes are no PNG, JPEG or TIFF picture.") from error
        except (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, MemoryError, OverflowError) as error:
            raise ImageProblem("broken-picture", "The picture is damaged or ends early.") from error


def _volume(picture: Image.Image) -> Volume:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise ImageProblem("too-large", "The picture promises more pixels than are decoded here.")
    if getattr(picture, "n_frames", 1) > 1:
        raise ImageProblem("several-pages", "The file holds several pictures; hand in one a file.")
    notes: tuple[str, ...] = ()
    if picture.mode in _GREY_MODES:
        values = np.asarray(picture)
    elif picture.mode in _COLOUR_MODES:
        rgb = np.asarray(picture.convert("RGB"))
        is_grey = bool((rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 1] == rgb[..., 2]).all())
        values = rgb[..., 0] if is_grey else _grey.grey(rgb)
        notes = () if is_grey else (_grey.NOTE,)
    else:
        raise ImageProblem("not-grey", f"Pictures of the mode {picture.mode} have no grey values.")
    return lying_nowhere(values[None], None, notes)
