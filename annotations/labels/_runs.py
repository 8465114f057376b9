"""Binary masks as run lengths in one text: the product's own codec.

Voxels are taken in C order (x fastest). Runs alternate between zeros and ones and the first counts
zeros, so it alone may be 0. Each length is written in base 128, least group first, the high bit of a
byte saying that another follows (unsigned LEB128, as in DWARF 5, section 7.6); the bytes are written
in base64 with ``-`` and ``_`` and without padding (RFC 4648, section 5). A mask has exactly one text.
"""

import base64
import binascii
import math
import re

import numpy as np
import numpy.typing as npt

from annotations.labels.base import LabelError

MAX_VOXELS = 2**30
MAX_TEXT = 64 * 2**20
_LONGEST = 5  # bytes that hold 2**30
_PIECE = 2**21  # bytes read at a time: bounds the memory that a hostile text can ask for
_ALPHABET = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def encode(mask: Bools) -> str:
    """Return the text of a mask.

    Parameters
    ----------
    mask : ndarray of bool
        Of any shape, with at least one voxel and at most 2**30.

    Returns
    -------
    str
        At most 64 MiB; LabelError for a mask so ragged that it needs more.
    """
    check_shape(mask.shape)
    return pack(lengths_of(mask))


def decode(text: str, shape: tuple[int, ...]) -> Bools:
    """Return the mask of a text, or LabelError before anything of its size is allocated.

    Parameters
    ----------
    text : str
        As ``encode`` returns it.
    shape : tuple of int
        The mask's shape; its product is at most 2**30.
    """
    lengths = unpack(text, check_shape(shape))
    return paint(lengths).reshape(shape)


def check_shape(shape: tuple[int, ...]) -> int:
    """Return the number of voxels of a shape, or LabelError when there are none or too many."""
    if not shape or min(shape) < 1 or math.prod(shape) > MAX_VOXELS:
        raise LabelError("bad-shape", "/shape", f"A shape has sizes of at least 1 and at most {MAX_VOXELS} voxels.")
    return math.prod(shape)


def lengths_of(mask: Bools) -> Ints:
    """Return the run lengths of a mask in C order; the first counts zeros and may be 0."""
    flat = np.ascontiguousarray(mask).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lead = [0, 0] if flat[0] else [0]
    return np.diff(np.concatenate((lead, changes, [flat.size])))


def paint(lengths: npt.NDArray[np.int32]) -> Bools:
    """Return the flat mask of run lengths."""
    ones = np.zeros(lengths.size, dtype=np.bool_)
    ones[1::2] = True
    return np.repeat(ones, lengths)


def pack(lengths: Ints) -> str:
    """Return the text of run lengths, or LabelError when it would pass 64 MiB."""
    sizes = np.ones(lengths.size, dtype=np.int64)
    for group in range(1, _LONGEST):
        sizes += lengths >= 1 << (7 * group)
    ends = np.cumsum(sizes)
    if int(ends[-1]) * 4 > MAX_TEXT * 3:
        raise LabelError("too-large", "/runs", "The mask is too ragged to be written in 64 MiB.")
    data = np.zeros(int(ends[-1]), dtype=np.uint8)
    for group in range(_LONGEST):
        has = sizes > group
        more = np.where(sizes[has] > group + 1, 0x80, 0)
        data[(ends - sizes)[has] + group] = (lengths[has] >> (7 * group)) & 0x7F | more
    return base64.urlsafe_b64encode(data.tobytes()).rstrip(b"=").decode()


def unpack(text: object, total: int) -> npt.NDArray[np.int32]:
    """Return the run lengths of a text, or LabelError when it is not the one text of a mask.

    Parameters
    ----------
    text : object
        What stands where the runs should be.
    total : int
        Voxels that the runs must cover.
    """
    data = _bytes_of(text)
    if not data.size or data[-1] >= 0x80:
        raise _malformed("they end within a run")
    pieces: list[npt.NDArray[np.int32]] = []
    covered = start = 0
    while start < data.size:
        stop = _end_of_run(data, min(start + _PIECE, data.size))
        lengths = _lengths(data[start:stop])
        if bool((lengths[0 if pieces else 1 :] == 0).any()):
            raise _malformed("a run other than the first is empty")
        covered += int(lengths.sum())
        if covered > total:
            raise LabelError("wrong-total", "/runs", f"The runs cover more than the {total} voxels of the shape.")
        pieces.append(lengths.astype(np.int32))
        start = stop
    if covered != total:
        raise LabelError("wrong-total", "/runs", f"The runs cover {covered} voxels, the shape has {total}.")
    return np.concatenate(pieces)


def _end_of_run(data: npt.NDArray[np.uint8], stop: int) -> int:
    """Return the first place from ``stop`` on at which a run has just ended."""
    for end in range(stop, min(stop + _LONGEST, data.size + 1)):
        if data[end - 1] < 0x80:
            return end
    raise _malformed("a run is longer than any mask")


def _lengths(data: npt.NDArray[np.uint8]) -> Ints:
    """Return the lengths that whole groups of bytes stand for."""
    ends = np.flatnonzero(data < 0x80)
    sizes = np.diff(ends, prepend=-1)
    if int(sizes.max()) > _LONGEST:
        raise _malformed("a run is longer than any mask")
    if bool(((data[ends] == 0) & (sizes > 1)).any()):
        raise _malformed("a run is padded with zeros")
    lengths = np.zeros(ends.size, dtype=np.int64)
    for group in range(int(sizes.max())):
        has = sizes > group
        lengths[has] |= (data[(ends - sizes)[has] + 1 + group] & 0x7F).astype(np.int64) << (7 * group)
    return lengths


def _bytes_of(text: object) -> npt.NDArray[np.uint8]:
    if not isinstance(text, str):
        raise LabelError("not-a-text", "/runs", "The runs are a text.")
    if len(text) > MAX_TEXT:
        raise LabelError("too-large", "/runs", "The runs are longer than 64 MiB.")
    if not _ALPHABET.fullmatch(text):
        raise _malformed("they hold a character that base64 does not use")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise _malformed("no base64 text has this length") from None
    # The last character can carry bits that no byte uses; only zeros there keep the text unique.
    tail = raw[len(raw) // 3 * 3 :]
    if tail and base64.urlsafe_b64encode(tail).rstrip(b"=").decode() != text[len(raw) // 3 * 4 :]:
        raise _malformed("the last character has bits that stand for nothing")
    return np.frombuffer(raw, dtype=np.uint8)


def _malformed(why: str) -> LabelError:
    return LabelError("malformed-runs", "/runs", f"The runs cannot be read: {why}.")
