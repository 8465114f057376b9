"""NRRD files with their voxels inside: raw, gzip or text. Detached data are refused, for they name paths.

Source: teem.sourceforge.net/nrrd/format.html, NRRD0001 to NRRD0005.
"""

import math
import re
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.images._orientation import placed
from annotations.images.base import ImageProblem, Volume

MAGIC = b"NRRD000"
MAX_HEADER = 2**20
MAX_BYTES = 2**30
_SPACES = {
    "left-posterior-superior": (1, 1, 1),
    "lps": (1, 1, 1),
    "right-anterior-superior": (-1, -1, 1),
    "ras": (-1, -1, 1),
    "left-anterior-superior": (1, -1, 1),
    "las": (1, -1, 1),
}
_TYPES = {
    "i1": "signed char, int8, int8_t",
    "u1": "uchar, unsigned char, uint8, uint8_t",
    "i2": "short, short int, signed short, signed short int, int16, int16_t",
    "u2": "ushort, unsigned short, unsigned short int, uint16, uint16_t",
    "i4": "int, signed int, int32, int32_t",
    "u4": "uint, unsigned int, uint32, uint32_t",
    "i8": "longlong, long long, long long int, signed long long, int64, int64_t",
    "u8": "ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t",
    "f4": "float",
    "f8": "double",
}
_DTYPES = {name: code for code, names in _TYPES.items() for name in names.split(", ")}
_VECTOR = re.compile(r"none|\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Nrrd:
    """What a file holds: fields and keys (lower case for fields), the array by the file's axes, the fastest first."""

    fields: dict[str, str]
    keys: dict[str, str]
    values: npt.NDArray[np.generic]


def parse(data: bytes) -> Nrrd:
    """Return the header and the voxels, or ImageProblem before anything of the promised size is allocated."""
    fields, keys, body = _header(data)
    for name in fields:
        if name.replace(" ", "") == "datafile":
            raise ImageProblem("detached", "The voxels lie in another file; save the NRRD with its data inside.")
    sizes = _whole_numbers(fields, "sizes")
    if not 1 <= len(sizes) <= 4 or min(sizes) < 1 or fields.get("dimension") != str(len(sizes)):
        raise ImageProblem("bad-header", "The sizes are no one to four whole numbers from 1, as the dimension says.")
    kind = _DTYPES.get(fields.get("type", "").lower())
    if kind is None:
        raise ImageProblem("bad-header", f"Voxels of the type {fields.get('type', '')[:40]!r} are not read.")
    order = ">" if fields.get("endian", "little").lower() == "big" else "<"
    dtype = np.dtype(order + kind)
    count = math.prod(sizes)
    if count * dtype.itemsize > MAX_BYTES:
        raise ImageProblem("too-large", f"The voxels take more than {MAX_BYTES // 2**30} GiB.")
    return Nrrd(fields, keys, _voxels(fields, body, dtype, count).reshape(sizes, order="F"))


def is_nrrd(head: bytes) -> bool:
    """Say whether the first bytes are those of a NRRD file."""
    return head.startswith(MAGIC)


def read(content: bytes) -> Volume:
    """Return the one volume of a file on the patient's axes.

    Parameters
    ----------
    content : bytes
        The whole file, its voxels inside.

    Raises
    ------
    ImageProblem
        The file is no NRRD, has another number of axes than three, or says nothing of how they lie.
    """
    nrrd = parse(content)
    if nrrd.values.ndim != 3 or len(spatial_axes(nrrd)) != 3:
        message = f"One volume of three axes in space is needed; this file has {nrrd.values.ndim} axes."
        raise ImageProblem("not-a-volume", message)
    return placed(nrrd.values, affine_of(nrrd, (0, 1, 2)))


def affine_of(nrrd: Nrrd, axes: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return the (4, 4) matrix from indices along three axes to millimetres in LPS, or ImageProblem.

    Parameters
    ----------
    nrrd : Nrrd
        The file.
    axes : tuple of int
        Its three axes in space.
    """
    signs = _SPACES.get(nrrd.fields.get("space", "").lower())
    if signs is None:
        raise ImageProblem("no-orientation", "The header says nothing of how the volume lies in the patient.")
    vectors = _vectors(nrrd.fields.get("space directions", ""))
    origins = _vectors(nrrd.fields.get("space origin", "(0,0,0)"))
    chosen = [vectors[axis] for axis in axes if axis < len(vectors)]
    if len(chosen) != 3 or len(origins) != 1 or any(one is None or len(one) != 3 for one in (*chosen, *origins)):
        raise ImageProblem("bad-header", "The space directions and origin are no vectors of three numbers.")
    affine = np.eye(4)
    affine[:3, :] = np.array([*chosen, *origins], dtype=np.float64).T * np.array(signs, dtype=np.float64)[:, None]
    return affine


def spatial_axes(nrrd: Nrrd) -> tuple[int, ...]:
    """Return the axes that lie in space: those whose direction is not ``none``."""
    return tuple(axis for axis, one in enumerate(_vectors(nrrd.fields.get("space directions", ""))) if one is not None)


def _header(data: bytes) -> tuple[dict[str, str], dict[str, str], bytes]:
    if not data.startswith(MAGIC):
        raise ImageProblem("not-nrrd", "A NRRD file begins with NRRD000 and its version.")
    found = re.search(rb"\r?\n\r?\n", data[:MAX_HEADER])
    if not found:
        raise ImageProblem("detached", "No empty line ends the header, so the file holds no voxels.")
    fields: dict[str, str] = {}
    keys: dict[str, str] = {}
    for line in data[: found.start()].decode("utf-8", "replace").splitlines()[1:]:
        if line.startswith("#") or not line.strip():
            continue
        name, colon, rest = line.partition(":")
        if not colon:
            raise ImageProblem("bad-header", f"{line[:60]!r} is no line of a header.")
        # "key:=value" is a note of the tool; "field: value" belongs to the format.
        (keys if rest.startswith("=") else fields)[name if rest.startswith("=") else name.strip().lower()] = (
            rest.removeprefix("=").strip()
        )
    return fields, keys, data[found.end() :]


def _voxels(fields: dict[str, str], body: bytes, dtype: np.dtype[np.generic], count: int) -> npt.NDArray[np.generic]:
    encoding, size = fields.get("encoding", "").lower(), count * dtype.itemsize
    for name in ("line skip", "lineskip", "byte skip", "byteskip"):
        if fields.get(name, "0") not in ("0", "-1"):
            raise ImageProblem("bad-header", f"A {name} within the file is not read.")
    if encoding in ("ascii", "txt", "text"):
        return _from_text(body, dtype, count)
    if encoding in ("gzip", "gz"):
        try:
            body = zlib.decompressobj(wbits=31).decompress(body, size + 1)
        except zlib.error as error:
            raise ImageProblem("broken-gzip", f"The voxels cannot be unpacked: {error}.") from error
    elif encoding != "raw":
        raise ImageProblem("unsupported-encoding", f"The encoding {encoding[:40]!r} is not read; raw and gzip are.")
    if len(body) < size or (encoding != "raw" and len(body) > size):
        raise ImageProblem("cut", f"The header promises {size} bytes of voxels; the file holds another number.")
    return np.frombuffer(body, dtype=dtype, count=count)


def _from_text(body: bytes, dtype: np.dtype[np.generic], count: int) -> npt.NDArray[np.generic]:
    parts = body.split()
    if len(parts) != count:
        raise ImageProblem("cut", f"The header promises {count} numbers; the file holds {len(parts)}.")
    try:
        values = np.array([float(part) for part in parts])
    except ValueError as error:
        raise ImageProblem("not-a-number", "The voxels, written as text, are no numbers.") from error
    bits = 8 * dtype.itemsize
    low, high = {"i": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1), "u": (0, 2**bits - 1)}.get(dtype.kind, (-1e38, 1e38))
    if not ((values >= float(low)) & (values <= float(high))).all():
        raise ImageProblem("not-a-number", "A voxel, written as text, does not fit the type of the file.")
    return values.astype(dtype)


def _whole_numbers(fields: dict[str, str], name: str) -> list[int]:
    parts = fields.get(name, "").split()
    return [int(part) for part in parts] if all(re.fullmatch("[0-9]{1,9}", part) for part in parts) else [0]


def _vectors(text: str) -> list[list[float] | None]:
    try:
        return [
            None if found[0] == "none" else [float(part) for part in found[1].split(",")]
            for found in _VECTOR.finditer(text)
        ]
    except ValueError:
        raise ImageProblem("bad-header", f"{text[:60]!r} are no vectors.") from None
