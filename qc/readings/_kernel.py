"""Distinct rows of an integer matrix: the step on which every count table rests."""

import numpy as np

from qc.readings.base import AnyArray, IntArray

# A look-up table of this many entries still fits the cache; above it, it must not outgrow the rows themselves.
_SMALL_TABLE = 1 << 18
_LARGEST_KEY = 1 << 62


def distinct_rows(rows: AnyArray) -> tuple[AnyArray, IntArray]:
    """Return the distinct rows in lexicographic order, and for each row its place among them.

    Parameters
    ----------
    rows : integer array (rows, width)
        Any integers.

    Returns
    -------
    distinct : array (distinct, width)
        Same dtype as ``rows``, sorted by the first column, then the second …
    inverse : int64 array (rows,)
        ``distinct[inverse]`` equals ``rows``.
    """
    n_rows, width = rows.shape
    if n_rows == 0 or width == 0:
        return rows[: min(n_rows, 1)].copy(), np.zeros(n_rows, dtype=np.int64)
    low = int(rows.min())
    span = int(rows.max()) - low + 1
    if span**width > _LARGEST_KEY:
        return _distinct_by_bytes(rows, low, span)
    keys = np.zeros(n_rows, dtype=np.int64)
    for column in range(width):
        keys *= span
        keys += rows[:, column]
        keys -= low
    found, inverse = _distinct_keys(keys, span**width)
    return _decoded(found, low, span, rows), inverse


def _distinct_keys(keys: IntArray, size: int) -> tuple[IntArray, IntArray]:
    """Return sorted distinct keys and inverse; by look-up where the table is small, else by sorting."""
    if size > max(_SMALL_TABLE, 2 * len(keys)):
        found, inverse = np.unique(keys, return_inverse=True)
        return found, inverse.astype(np.int64, copy=False)
    present = np.zeros(size, dtype=np.bool_)
    present[keys] = True
    found = np.flatnonzero(present)
    place = np.zeros(size, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[keys]


def _decoded(keys: IntArray, low: int, span: int, like: AnyArray) -> AnyArray:
    """Return the rows that the mixed-radix keys stand for."""
    width = like.shape[1]
    rows = np.empty((len(keys), width), dtype=like.dtype)
    rest = keys.copy()
    for column in reversed(range(width)):
        rest, digit = np.divmod(rest, span)
        rows[:, column] = digit + low
    return rows


def _distinct_by_bytes(rows: AnyArray, low: int, span: int) -> tuple[AnyArray, IntArray]:
    """Return distinct rows for rows too wide for one key: big-endian bytes sort as the numbers do."""
    digit = np.dtype(">u2") if span <= 1 << 16 else np.dtype(">u8")
    shifted = np.ascontiguousarray((rows.astype(np.int64) - low).astype(digit))
    as_bytes = shifted.view(np.dtype((np.void, digit.itemsize * rows.shape[1]))).ravel()
    _, first, inverse = np.unique(as_bytes, return_index=True, return_inverse=True)
    return rows[first], inverse.astype(np.int64, copy=False).ravel()
