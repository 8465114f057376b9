"""Colours as grey values, after ITU-R BT.601-7."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NOTE = "Colours were turned into grey (ITU-R BT.601)."
_LUMA = np.array([0.299, 0.587, 0.114])


def grey(colours: NDArray[Any]) -> NDArray[np.int32]:
    """Return the luma of colours (…, 3: red, green, blue), rounded to whole numbers."""
    luma: NDArray[np.int32] = np.rint(colours.astype(np.float64) @ _LUMA).astype(np.int32)
    return luma
