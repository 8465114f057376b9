"""The run lengths that Label Studio's brush writes: a stream of bits over RGBA values.

Thirty-two bits give the number of values, five the bits a value takes (less one), four times four the
bits that a length may take (less one). Then follow blocks: one bit says whether the block repeats one
value, two choose the size of its length, the length (less one), and one value or as many as the length
says. Only the opacity, the fourth of each pixel's values, says what is marked. Written from the
description of the ``@thi.ng/rle-pack`` format that Label Studio names (2020).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from annotations.importers.base import ImportProblem

MAX_CODED = 8 * 2**20
MAX_PIXELS = 2**26
_CHANNELS = 4


class _Bits:
    """Bits of a byte text, read from the front."""

    def __init__(self, coded: bytes) -> None:
        self._text = np.unpackbits(np.frombuffer(coded, dtype=np.uint8)) + 48
        self._bits = self._text.tobytes()
        self._at = 0

    def take(self, count: int) -> int:
        """Return the next bits as a number; ImportProblem at the end."""
        end = self._at + count
        if end > len(self._bits):
            raise ImportProblem("malformed-runs", "The brush's run lengths end too early.")
        piece, self._at = self._bits[self._at : end], end
        return int(piece, 2)


def decode(coded: Sequence[int], height: int, width: int) -> npt.NDArray[np.int64]:
    """Return the places of the marked pixels in C order, or ImportProblem.

    Parameters
    ----------
    coded : sequence of int
        Bytes, as the file's ``rle`` lists them.
    height, width : int
        Pixels of the image; at most 2**26 together.
    """
    if height * width > MAX_PIXELS:
        raise ImportProblem("too-large", f"A brushed picture has at most {MAX_PIXELS} pixels.")
    if len(coded) > MAX_CODED or any(type(byte) is not int or not 0 <= byte <= 255 for byte in coded):
        raise ImportProblem("malformed-runs", "The brush's run lengths are no list of bytes, or too long.")
    bits = _Bits(bytes(coded))
    total = bits.take(32)
    if total != height * width * _CHANNELS:
        message = f"The brush's run lengths hold {total} values; {width} × {height} pixels have four each."
        raise ImportProblem("wrong-total", message)
    values = _values(bits, total)
    return np.flatnonzero(values.reshape(-1, _CHANNELS)[:, _CHANNELS - 1])


def _values(bits: _Bits, total: int) -> npt.NDArray[np.bool_]:
    """Return whether each value is above nothing."""
    width = bits.take(5) + 1
    sizes = [bits.take(4) + 1 for _ in range(4)]
    values = np.zeros(total, dtype=np.bool_)
    at = 0
    while at < total:
        repeats = bits.take(1)
        end = at + bits.take(sizes[bits.take(2)]) + 1
        if end > total:
            raise ImportProblem("malformed-runs", "The brush's run lengths run over the picture.")
        if repeats:
            values[at:end] = bits.take(width) > 0
        else:
            values[at:end] = [bits.take(width) > 0 for _ in range(at, end)]
        at = end
    return values
