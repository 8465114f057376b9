"""Masks of several readers to decision patterns, in one pass over the voxels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from qc.readings.base import AnyArray, BoolArray, IntArray, ReadingError
from qc.readings.packed import PackedMask, pair_intersections, shared_bits
from qc.readings.runs import Runs, count_segments, decisions_of, is_ragged, sweep

# One chunk of every reader's mask and of the codes stays in the cache; a multiple of 8 for the word view.
_CHUNK = 1 << 17
# So many voxels are 64 KiB of bits.
_BIT_CHUNK = 1 << 19
_MOST_BIT_CODES = 16
_MOST_READERS = 64


class PatternCounts(NamedTuple):
    """The decisions of all readers on each voxel.

    Parameters
    ----------
    codes : uint8, uint16 or uint32 array, shape of the masks
        Row of ``patterns`` that each voxel shows. Up to 16 readers bit r of the code is the decision of
        the r-th reader by name.
    counts : int64 array (patterns,)
        Voxels of each pattern; the first is the background, 0 where a pattern does not occur.
    patterns : bool array (patterns, readers)
        Decisions, readers sorted by name.
    """

    codes: AnyArray
    counts: IntArray
    patterns: BoolArray


@dataclass(frozen=True, slots=True)
class PairCount:
    """Voxels of two masks and of both.

    Parameters
    ----------
    first, second : str
        Readers.
    size_first, size_second, intersection : int
        Voxels.
    """

    first: str
    second: str
    size_first: int
    size_second: int
    intersection: int


def pattern_counts(masks: Mapping[str, BoolArray]) -> PatternCounts:
    """Return the pattern code of every voxel and the number of voxels of each pattern.

    Parameters
    ----------
    masks : mapping from reader to bool array (z, y, x)
        One shape, 1 to 64 readers.
    """
    flat = _flat(masks)
    shape = next(iter(masks.values())).shape
    if len(flat) > _MOST_BIT_CODES:
        return _distinct_pattern_counts(flat, shape)
    codes = np.zeros(flat[0].size, dtype=np.uint8 if len(flat) <= 8 else np.uint16)
    counts = np.zeros(1 << len(flat), dtype=np.int64)
    for start, chunk in _coded_chunks(flat):
        if chunk.any():
            codes[start : start + chunk.size] = chunk
            counts += np.bincount(chunk, minlength=len(counts))
        else:
            counts[0] += chunk.size
    return PatternCounts(codes.reshape(shape), counts, _bits(np.arange(len(counts), dtype=np.uint64), len(flat)))


def pair_counts(
    masks: Mapping[str, BoolArray] | Mapping[str, Runs] | Mapping[str, PackedMask],
) -> tuple[PairCount, ...]:
    """Return sizes and intersection of every pair of masks, readers sorted by name.

    Parameters
    ----------
    masks : mapping from reader to bool array (z, y, x), Runs or PackedMask
        One shape and layout; fewer than two readers give no pair. Runs are swept and bits counted as they are.
    """
    if len(masks) < 2:
        return ()
    names = sorted(masks)
    both = _shared_voxels([masks[name] for name in names])
    return tuple(
        PairCount(names[i], names[j], int(both[i, i]), int(both[j, j]), int(both[i, j]))
        for i, j in combinations(range(len(names)), 2)
    )


def _shared_voxels(ordered: Sequence[BoolArray | Runs | PackedMask]) -> IntArray:
    """Return the voxels that each two masks share, and on the diagonal those of each (readers, readers)."""
    runs = [mask for mask in ordered if isinstance(mask, Runs)]
    packed = [mask for mask in ordered if isinstance(mask, PackedMask)]
    dense = [mask for mask in ordered if isinstance(mask, np.ndarray)]
    if len(ordered) not in (len(runs), len(packed), len(dense)):
        raise ReadingError("layout-differs", "Masks that are compared have one layout.")
    if dense:
        flat = _flat({f"{place:02}": mask for place, mask in enumerate(dense)})
        return shared_bits(_packed_chunks(flat), len(flat))
    if runs and not is_ragged(runs):
        found = count_segments(sweep(runs))
        decisions = decisions_of(found.codes, len(runs)).astype(np.int64)
        both: IntArray = (decisions * found.counts[:, None]).T @ decisions
        return both
    return pair_intersections(packed or [PackedMask.from_mask(one.mask()) for one in runs])


def _packed_chunks(flat: Sequence[AnyArray]) -> Iterator[Sequence[AnyArray]]:
    """Yield every reader's voxels as words of bits, the chunks that somebody marked."""
    for start in range(0, flat[0].size, _BIT_CHUNK):
        parts = [mask[start : start + _BIT_CHUNK] for mask in flat]
        if any(part.any() for part in parts):
            yield [_as_words(part) for part in parts]


def _as_words(part: AnyArray) -> AnyArray:
    bits = np.packbits(part)
    return np.pad(bits, (0, -bits.size % 8)).view(np.uint64) if bits.size % 8 else bits.view(np.uint64)


def union_box(masks: Mapping[str, BoolArray]) -> tuple[slice, ...] | None:
    """Return the smallest box that holds every marked voxel, one slice an axis; None when nothing is marked.

    Parameters
    ----------
    masks : mapping from reader to bool array (z, y, x)
        One shape.
    """
    _check_masks(masks)
    boxes = [box for box in (_box(mask) for mask in masks.values()) if box is not None]
    if not boxes:
        return None
    return tuple(
        slice(min(side.start for side in sides), max(side.stop for side in sides)) for sides in zip(*boxes, strict=True)
    )


def _box(mask: BoolArray) -> tuple[slice, ...] | None:
    """Return the bounding box of one mask; each axis shortens what the next has to read."""
    box: list[slice] = []
    part = mask
    for axis in range(mask.ndim):
        marked = np.flatnonzero(part.any(axis=tuple(other for other in range(mask.ndim) if other != axis)))
        if not len(marked):
            return None
        box.append(slice(int(marked[0]), int(marked[-1]) + 1))
        part = mask[tuple(box)]
    return tuple(box)


def _check_masks(masks: Mapping[str, BoolArray]) -> None:
    """Refuse masks that do not lie on one grid."""
    if not masks:
        raise ReadingError("no-masks", "At least one mask is needed.")
    if len({mask.shape for mask in masks.values()}) > 1:
        raise ReadingError("shape-differs", "Masks that are compared have one shape.")
    if any(mask.dtype != np.bool_ for mask in masks.values()):
        raise ReadingError("not-boolean", "A mask is an array of true and false.")
    if len(masks) > _MOST_READERS:
        raise ReadingError("too-many-readers", f"At most {_MOST_READERS} masks are compared at once.")


def _flat(masks: Mapping[str, BoolArray]) -> list[AnyArray]:
    """Return the masks as flat bytes 0 and 1, sorted by reader; copied only where not contiguous."""
    _check_masks(masks)
    return [np.ascontiguousarray(masks[name]).reshape(-1).view(np.uint8) for name in sorted(masks)]


def _coded_chunks(flat: Sequence[AnyArray]) -> Iterator[tuple[int, AnyArray]]:
    """Yield the start of each chunk and its bit codes, in the smallest type that holds them."""
    for start in range(0, flat[0].size, _CHUNK):
        parts = [mask[start : start + _CHUNK] for mask in flat]
        yield start, _byte_codes(parts) if len(parts) <= 8 else _wide_codes(parts)


def _byte_codes(parts: Sequence[AnyArray]) -> AnyArray:
    """Return uint8 codes of up to eight readers."""
    size = parts[0].size
    if size % 8:
        code = parts[0].copy()
        for bit, part in enumerate(parts[1:], start=1):
            code |= part << bit
        return code
    # Bytes hold 0 or 1, so that a shift by up to seven bits of eight voxels at a time never crosses a byte.
    words = parts[0].view(np.uint64).copy()
    for bit, part in enumerate(parts[1:], start=1):
        words |= part.view(np.uint64) << np.uint64(bit)
    return words.view(np.uint8)


def _wide_codes(parts: Sequence[AnyArray]) -> AnyArray:
    """Return uint16 codes up to sixteen readers, uint64 codes above."""
    dtype = np.uint16 if len(parts) <= _MOST_BIT_CODES else np.uint64
    code: AnyArray = parts[0].astype(dtype)
    for bit, part in enumerate(parts[1:], start=1):
        np.bitwise_or(code, np.left_shift(part.astype(dtype), dtype(bit)), out=code)
    return code


def _bits(codes: AnyArray, n_readers: int) -> BoolArray:
    """Return the decisions that bit codes stand for (codes, readers)."""
    shifts = np.arange(n_readers, dtype=np.uint64)
    return ((codes.astype(np.uint64)[:, None] >> shifts) & np.uint64(1)).astype(np.bool_)


def _distinct(chunk: AnyArray) -> tuple[AnyArray, IntArray]:
    """Return the distinct codes of a chunk and their voxels."""
    if not chunk.any():
        return chunk[:1], np.array([chunk.size], dtype=np.int64)
    if chunk.dtype.itemsize <= 2:
        counts = np.bincount(chunk)
        found = np.flatnonzero(counts)
        return found, counts[found]
    # Neighbouring voxels mostly repeat: sort the heads of the runs, not the voxels.
    heads = np.flatnonzero(np.concatenate([[True], chunk[1:] != chunk[:-1]]))
    lengths = np.diff(np.append(heads, chunk.size))
    found, inverse = np.unique(chunk[heads], return_inverse=True)
    totals = np.zeros(len(found), dtype=np.int64)
    np.add.at(totals, inverse, lengths)
    return found, totals


def _distinct_pattern_counts(flat: Sequence[AnyArray], shape: tuple[int, ...]) -> PatternCounts:
    """Return pattern counts for more readers than bit codes can index, patterns numbered as they sort."""
    totals: dict[int, int] = {0: 0}
    for _, chunk in _coded_chunks(flat):
        found, counts = _distinct(chunk)
        for code, count in zip(found.tolist(), counts.tolist(), strict=True):
            totals[code] = totals.get(code, 0) + count
    known = np.array(sorted(totals), dtype=np.uint64)
    codes = np.zeros(flat[0].size, dtype=np.uint32)
    for start, chunk in _coded_chunks(flat):
        if chunk.any():
            codes[start : start + chunk.size] = np.searchsorted(known, chunk)
    counts = np.array([totals[code] for code in known.tolist()], dtype=np.int64)
    return PatternCounts(codes.reshape(shape), counts, _bits(known, len(flat)))
