"""What every reading shares: array types and the refusal."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

AnyArray: TypeAlias = npt.NDArray[Any]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]


class ReadingError(ValueError):
    """Labels do not form a reading.

    Parameters
    ----------
    code : str
        Stable, hyphenated name of the fault, for machines.
    message : str
        One sentence for people: what is wrong and what would be right.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def frozen(values: Any, dtype: npt.DTypeLike) -> AnyArray:
    """Return a read-only, C-ordered array of its own; the argument is left alone."""
    array = np.array(values, dtype=dtype, order="C")
    array.setflags(write=False)
    return array
