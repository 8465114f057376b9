"""Run lengths as COCO files hold them: column-major, the first run counts zeros.

``counts`` is a list of lengths, or a text in which each length from the fourth on is written as the
difference to the one two before it, five bits a character, least group first, sign in bit 4, bit 5
saying that another character follows, each character 48 above its value (Lin et al. 2014,
doi:10.1007/978-3-319-10602-1_48; format of the COCO API). Written from the format's description.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.labels.base import LabelError, check_members

MAX_PIXELS = 2**28
MAX_COUNTS = 32 * 2**20
_LONGEST = 7  # characters that hold any difference between two lengths of a mask

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def decode(rle: object, at: str = "/coco_rle") -> Bools:
    """Return the mask of a COCO run-length object, or LabelError before anything of its size is allocated.

    Parameters
    ----------
    rle : object
        ``{"size": [height, width], "counts": text or list of int}``; empty runs are allowed, as COCO
        files contain them.
    at : str
        JSON pointer to the object, for the refusal.

    Returns
    -------
    ndarray of bool
        [row, column].
    """
    check_members(rle, ("size", "counts"), at=at)
    value: Mapping[str, Any] = rle  # type: ignore[assignment]
    height, width = _size(value["size"], at)
    counts = value["counts"]
    if not isinstance(counts, str | list | tuple) or not counts or len(counts) > MAX_COUNTS:
        raise _malformed(at, "they are neither a text nor a list of lengths, or too long")
    lengths = _from_text(counts, at) if isinstance(counts, str) else _from_list(counts, at)
    # Each length is checked before they are summed, so that the sum cannot overflow.
    if int(lengths.min()) < 0 or int(lengths.max()) > height * width:
        raise _malformed(at, "a run is negative or longer than the mask")
    if int(lengths.sum()) != height * width:
        message = f"The runs cover {int(lengths.sum())} pixels, the size has {height * width}."
        raise LabelError("wrong-total", at + "/counts", message)
    flat: Bools = np.repeat(np.arange(lengths.size) % 2 == 1, lengths)
    return flat.reshape(width, height).T


def encode(mask: Bools) -> dict[str, Any]:
    """Return the COCO run-length object with its counts as a text.

    Parameters
    ----------
    mask : ndarray of bool
        [row, column], not empty.
    """
    lengths = np.array(encode_list(mask)["counts"], dtype=np.int64)
    values = lengths.copy()
    values[3:] -= lengths[1:-2]
    groups = []
    more = np.ones(values.size, dtype=np.bool_)
    while more.any():
        bits = values & 0x1F
        values >>= 5
        after = more & np.where(bits & 0x10, values != -1, values != 0)
        groups.append(np.where(more, bits + 48 + np.where(after, 0x20, 0), 0))
        more = after
    characters = np.stack(groups, axis=1).ravel()
    return {"size": [*mask.shape], "counts": characters[characters > 0].astype(np.uint8).tobytes().decode("ascii")}


def encode_list(mask: Bools) -> dict[str, Any]:
    """Return the COCO run-length object with its counts as a list.

    Parameters
    ----------
    mask : ndarray of bool
        [row, column], not empty.
    """
    flat = np.ascontiguousarray(mask.T).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lead = [0, 0] if flat[0] else [0]
    return {"size": [*mask.shape], "counts": np.diff(np.concatenate((lead, changes, [flat.size]))).tolist()}


def _size(size: object, at: str) -> tuple[int, int]:
    if not isinstance(size, list | tuple) or len(size) != 2 or any(type(part) is not int or part < 1 for part in size):
        raise LabelError("bad-size", at + "/size", "A size is [height, width], two whole numbers from 1.")
    if math.prod(size) > MAX_PIXELS:
        raise LabelError("too-large", at + "/size", f"A slice has at most {MAX_PIXELS} pixels.")
    return size[0], size[1]


def _from_list(counts: list[Any] | tuple[Any, ...], at: str) -> Ints:
    if any(type(count) is not int or not 0 <= count <= MAX_PIXELS for count in counts):
        raise _malformed(at, "a run is not a whole number from 0 to the size of the mask")
    return np.array(counts, dtype=np.int64)


def _from_text(text: str, at: str) -> Ints:
    codes = np.frombuffer(text.encode("utf-8", "replace"), dtype=np.uint8).astype(np.int16) - 48
    if int(codes.min()) < 0 or int(codes.max()) > 0x3F:
        raise _malformed(at, "they hold a character that the format does not use")
    last = codes < 0x20
    if not last[-1]:
        raise _malformed(at, "they end within a run")
    ends = np.flatnonzero(last)
    sizes = np.diff(ends, prepend=-1)
    if int(sizes.max()) > _LONGEST:
        raise _malformed(at, "a run is longer than any mask")
    values = np.zeros(ends.size, dtype=np.int64)
    for group in range(int(sizes.max())):
        has = sizes > group
        values[has] |= (codes[(ends - sizes)[has] + 1 + group] & 0x1F).astype(np.int64) << (5 * group)
    values -= np.where(codes[ends] & 0x10, np.int64(1) << (5 * sizes), 0)
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values


def _malformed(at: str, why: str) -> LabelError:
    return LabelError("malformed-runs", at + "/counts", f"The runs cannot be read: {why}.")
