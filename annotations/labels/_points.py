"""A point in the voxels of an image."""

from annotations.labels.base import Geometry, LabelError, finite, pointer


def point_of(value: object, at: str, geometry: Geometry | None) -> tuple[float, float, float]:
    """Return a point along (z, y, x), or refuse what is none or lies outside the image.

    Parameters
    ----------
    value : object
        Three numbers in voxels; voxel k reaches from k to k + 1.
    at : str
        JSON pointer to it.
    geometry : Geometry or None
        The grid that it must lie in; None when unknown.
    """
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise LabelError("not-a-point", at, "A point is three numbers in voxels: z, y and x.")
    z, y, x = (finite(number, at + pointer(axis)) for axis, number in enumerate(value))
    if geometry is not None:
        for axis, number in enumerate((z, y, x)):
            if not 0 <= number <= geometry.shape[axis]:
                message = f"The image reaches from 0 to {geometry.shape[axis]} along {'zyx'[axis]}."
                raise LabelError("outside", at + pointer(axis), message)
    return z, y, x
