"""Run lengths as Label Studio's brush reads them: a stream of bits over RGBA values.

The number of values in 32 bits, the bits of a value (less one) in five, four sizes of a length (less one)
in four each; then blocks: one bit for a repeated value, two for the size of the length, the length less
one, the value. Written from the description of the ``@thi.ng/rle-pack`` format that Label Studio names.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

_CHANNELS = 4
_HEAD = format(7, "05b") + "".join(format(size - 1, "04b") for size in (3, 4, 8, 16))
_LONGEST = 2**16


def brush(mask: npt.NDArray[np.bool_]) -> list[int]:
    """Return the bytes of a mask [row, column]; marked pixels are white and opaque, others nothing."""
    flat = np.ascontiguousarray(mask).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    edges = [0, *(changes * _CHANNELS).tolist(), flat.size * _CHANNELS]
    is_marked = bool(flat[0])
    pieces = [format(flat.size * _CHANNELS, "032b"), _HEAD]
    for first, last in pairwise(edges):
        value = "11111111" if is_marked else "00000000"
        for start in range(first, last, _LONGEST):
            pieces.append("111" + format(min(last - start, _LONGEST) - 1, "016b") + value)
        is_marked = not is_marked
    bits = np.frombuffer("".join(pieces).encode("ascii"), dtype=np.uint8) - 48
    return np.packbits(bits).tolist()
