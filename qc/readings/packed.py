"""Masks as packed bits: eight times smaller than voxels whatever their shape, and counted sixty-four at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from qc.readings.base import AnyArray, BoolArray, IntArray, ReadingError

# Words of one reader handled at a time, so that the words of all readers and of the subsets stay in the cache.
_CHUNK = 1 << 13
# Above this the 2^R subsets cost more than unpacking does.
MOST_SUBSET_READERS = 7


@dataclass(frozen=True, slots=True, eq=False)
class PackedMask:
    """A mask as bits in C order, the first voxel in the highest bit of the first byte.

    Parameters
    ----------
    shape : tuple of int
        Voxels along each axis.
    words : uint64 array (words,)
        The bytes that ``numpy.packbits`` writes, filled up with zeros to whole words.
    """

    shape: tuple[int, ...]
    words: AnyArray

    @classmethod
    def from_mask(cls, mask: BoolArray) -> "PackedMask":
        """Return the bits of an array of bool, of any shape."""
        return cls.from_bytes(np.packbits(np.ascontiguousarray(mask).reshape(-1)), mask.shape)

    @classmethod
    def from_bytes(cls, data: AnyArray, shape: Sequence[int]) -> "PackedMask":
        """Return the mask of packed bytes.

        Parameters
        ----------
        data : uint8 array
            One bit a voxel, C order; bits after the last voxel are 0.
        shape : sequence of int
            Of the mask.
        """
        if data.size != -(-prod(shape) // 8):
            raise ReadingError("wrong-total", "The bits do not cover the shape.")
        padded = np.zeros(-(-data.size // 8) * 8, dtype=np.uint8)
        padded[: data.size] = data
        return cls(tuple(shape), padded.view(np.uint64))

    @property
    def size(self) -> int:
        """Return the number of voxels, marked or not."""
        return prod(self.shape)

    def mask(self) -> BoolArray:
        """Return the mask as an array of bool."""
        return self.window(0, self.size).reshape(self.shape)

    def window(self, start: int, stop: int) -> BoolArray:
        """Return the voxels at the flat places ``start`` up to ``stop``, as an array of bool (stop − start,)."""
        first = start // 8
        bits = np.unpackbits(self.words.view(np.uint8)[first : -(-stop // 8)])
        return bits[start - 8 * first : stop - 8 * first].view(np.bool_)


def subset_counts(masks: Sequence[PackedMask]) -> IntArray:
    """Return the voxels of each pattern of decisions (2^readers,); bit r of the index is the r-th reader.

    The voxels that a set of readers share are counted for every set, and inclusion and exclusion turns them into
    patterns: exact, in integers.

    Parameters
    ----------
    masks : sequence of PackedMask
        One shape, 1 to 7 readers.
    """
    n_readers = len(masks)
    shared = np.zeros(1 << n_readers, dtype=np.int64)
    both = np.empty((1 << n_readers, _CHUNK), dtype=np.uint64)
    ones = np.empty((1 << n_readers, _CHUNK), dtype=np.uint8)
    for start in range(0, masks[0].words.size, _CHUNK):
        parts = _marked([mask.words[start : start + _CHUNK] for mask in masks])
        length = parts[0].size
        for subset in range(1, 1 << n_readers):
            top = subset.bit_length() - 1
            rest = subset ^ (1 << top)
            words = both[subset, :length]
            np.bitwise_and(both[rest, :length] if rest else parts[top], parts[top], out=words)
        counts = np.bitwise_count(both[1:, :length], out=ones[1:, :length])
        shared[1:] += _row_sums(counts)
    shared[0] = masks[0].size
    for reader in range(n_readers):
        pairs = shared.reshape(-1, 2, 1 << reader)
        pairs[:, 0] -= pairs[:, 1]
    return shared


def pair_intersections(masks: Sequence[PackedMask]) -> IntArray:
    """Return the voxels that each two masks share, and on the diagonal those of each (readers, readers).

    Parameters
    ----------
    masks : sequence of PackedMask
        One shape.
    """
    _check(masks)
    starts = range(0, masks[0].words.size, _CHUNK)
    return shared_bits(([mask.words[start : start + _CHUNK] for mask in masks] for start in starts), len(masks))


def shared_bits(chunks: Iterable[Sequence[AnyArray]], n_readers: int) -> IntArray:
    """Return the bits that each two readers share, and on the diagonal those of each (readers, readers).

    Parameters
    ----------
    chunks : iterable of sequence of uint64 array
        The same words of every reader, chunk by chunk.
    n_readers : int
        Length of each sequence.
    """
    both = np.zeros((n_readers, n_readers), dtype=np.int64)
    for chunk in chunks:
        parts = np.stack(_marked(chunk))
        for reader in range(n_readers) if parts.shape[1] else ():
            both[reader, reader:] += _row_sums(np.bitwise_count(parts[reader:] & parts[reader]))
    everywhere: IntArray = np.triu(both) + np.triu(both, 1).T
    return everywhere


def _check(masks: Sequence[PackedMask]) -> None:
    if not masks:
        raise ReadingError("no-masks", "At least one mask is needed.")
    if len({mask.shape for mask in masks}) > 1:
        raise ReadingError("shape-differs", "Masks that are compared have one shape.")


def choose(masks: Sequence[PackedMask], table: BoolArray) -> PackedMask:
    """Return the voxels whose pattern the table chooses.

    Parameters
    ----------
    masks : sequence of PackedMask
        One shape.
    table : bool array (2^readers,)
        Which patterns are inside; bit r of the index is the r-th reader. The first, nobody's, must not be.
    """
    out = np.zeros_like(masks[0].words)
    if table.any():
        for start in range(0, out.size, _CHUNK):
            parts = [mask.words[start : start + _CHUNK] for mask in masks]
            out[start : start + _CHUNK] = _chosen(parts, table, {})
    return PackedMask(masks[0].shape, out)


def _marked(parts: Sequence[AnyArray]) -> Sequence[AnyArray]:
    """Return the words of a chunk; where most are nobody's, only those that somebody marked."""
    union = np.bitwise_or.reduce(np.stack(parts), axis=0) != 0
    return [part[union] for part in parts] if 2 * np.count_nonzero(union) < union.size else parts


def _row_sums(counts: AnyArray) -> IntArray:
    """Return the sums of rows of bytes up to 64, eight bytes at a time where the length allows."""
    length = counts.shape[1]
    if length % 8 or not counts.flags.aligned:
        plain: IntArray = counts.sum(axis=1, dtype=np.int64)
        return plain
    words = counts.view(np.uint64)
    # Bytes, then pairs of bytes: 1,024 words of two bytes up to 64 stay below 2^32 once they are apart.
    pairs = (words & np.uint64(0x00FF00FF00FF00FF)) + ((words >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF))
    quads = (pairs & np.uint64(0x0000FFFF0000FFFF)) + ((pairs >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF))
    halves = quads.sum(axis=1, dtype=np.uint64)
    sums: IntArray = ((halves & np.uint64(0xFFFFFFFF)) + (halves >> np.uint64(32))).astype(np.int64)
    return sums


def _chosen(parts: Sequence[AnyArray], table: BoolArray, known: dict[bytes, AnyArray]) -> AnyArray:
    """Return the words that a table chooses, halving it reader by reader; equal halves are made once.

    Parameters
    ----------
    parts : sequence of uint64 array
        Words of the readers that the table still asks for.
    table : bool array (2^readers,)
        Which patterns are inside.
    known : dict
        Words by table, filled on the way.
    """
    key = table.tobytes()
    if key not in known:
        known[key] = _made(parts, table, known)
    return known[key]


def _made(parts: Sequence[AnyArray], table: BoolArray, known: dict[bytes, AnyArray]) -> AnyArray:
    if not table.any():
        return np.zeros(1, dtype=np.uint64)
    if table.all():
        return ~np.zeros(1, dtype=np.uint64)
    half = table.size // 2
    below, above, others, last = table[:half], table[half:], parts[:-1], parts[-1]
    low, high = _chosen(others, below, known), _chosen(others, above, known)
    if np.array_equal(below, above):
        return low
    if not below.any():
        return high & last
    if np.all(below <= above):
        return low | (high & last)
    words: AnyArray = low ^ ((low ^ high) & last)
    return words
