"""Label maps in NRRD, and the segmentations of 3D Slicer and of MITK, on the patient's axes (LPS).

A segmentation names its segments (``Segment0_Name``, ``_LabelValue``, ``_Layer``) and keeps overlapping
ones in layers of a fourth axis. Its size and spacing must be the image's, because nothing is resampled.
Sources: teem.sourceforge.net/nrrd/format.html; slicer.readthedocs.io, "Segmentations" (5.6, 2024).
"""

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import numpy as np
import orjson

from annotations.images import nrrd
from annotations.images._orientation import Turn, turn_of, turned_affine
from annotations.images.base import ImageProblem
from annotations.importers._file import whole
from annotations.importers._label_map import MAP_OPTIONS, MAX_VOXELS, Layer, answers, options_of, whole_numbers
from annotations.importers._several import case_named, each
from annotations.importers.base import Imported, Importer, ImportProblem

OPTIONS = MAP_OPTIONS
ENDINGS = (".seg.nrrd", ".nrrd")
MAX_LAYERS = 64
MITK_GROUPS = "org.mitk.multilabel.segmentation.labelgroups"
_SEGMENT = re.compile(r"Segment([0-9]{1,4})_(Name|LabelValue|Layer)", re.ASCII)


def read(
    stream: BinaryIO, questions: Mapping[str, str], options: Mapping[str, str]
) -> Iterator[Imported | ImportProblem]:
    """Return the masks of a label map or segmentation, or of all those of a zip; one alone is read before this returns.

    Parameters
    ----------
    stream : binary file
        Read whole; at most 200 MiB packed and 1 GiB unpacked.
    questions : mapping
        Question code to label kind.
    options : mapping
        As ``MAP_OPTIONS`` describes; what the file calls its segments stands behind ``labels``.

    Returns
    -------
    iterator
        ``line`` counts the numbers found, by layer and rising; the mark is the number, after its layer
        and a dot where there are several.
    """
    asked = options_of(questions, options)
    endings = tuple(options.get("ending", "").lower() + ending for ending in ENDINGS)

    def read_one(data: bytes, name: str) -> Iterator[Imported | ImportProblem]:
        case = case_named(options, name, endings)
        try:
            found = nrrd.parse(data)
            volumes = _layers(found)
            affine = nrrd.affine_of(found, nrrd.spatial_axes(found))
            turn = turn_of(affine)
        except ImageProblem as problem:
            raise ImportProblem(problem.code, problem.message) from problem
        steps = np.linalg.norm(turned_affine(affine, turn, volumes[0].values.shape)[:3, :3], axis=0)
        spacing = (float(steps[2]), float(steps[1]), float(steps[0]))
        return answers([_turned(layer, turn) for layer in volumes], spacing, case, asked)

    return each(whole(stream), endings, read_one)


def _turned(layer: Layer, turn: Turn) -> Layer:
    return Layer(np.ascontiguousarray(turn.apply(layer.values)), layer.names)


def _layers(found: nrrd.Nrrd) -> list[Layer]:
    """Return one volume, or the layers of a segmentation whose segments overlap, with the names of each."""
    values = whole_numbers(found.values)
    if values.size > MAX_VOXELS:
        raise ImportProblem("too-large", f"A label map has at most {MAX_VOXELS} voxels here.")
    names = _names(found.keys)
    if values.ndim == 3:
        return [Layer(values, names.get(0, {}))]
    others = [axis for axis in range(values.ndim) if axis not in nrrd.spatial_axes(found)]
    if values.ndim != 4 or len(others) != 1:
        message = f"A volume has three axes in space and at most one of layers; this file has {values.ndim} axes."
        raise ImportProblem("not-a-volume", message)
    if values.shape[others[0]] > MAX_LAYERS:
        raise ImportProblem("not-a-volume", f"A segmentation has at most {MAX_LAYERS} layers here.")
    layers = np.moveaxis(values, others[0], 0)
    return [Layer(layer, names.get(order, {})) for order, layer in enumerate(layers)]


def _names(keys: Mapping[str, str]) -> dict[int, dict[int, str]]:
    """Return layer to number to name, as Slicer's keys have them, or MITK's list of groups."""
    if MITK_GROUPS in keys:
        return _mitk_names(keys[MITK_GROUPS])
    segments: dict[str, dict[str, str]] = {}
    for key, text in keys.items():
        if found := _SEGMENT.fullmatch(key):
            segments.setdefault(found[1], {})[found[2]] = text
    names: dict[int, dict[int, str]] = {}
    for segment in segments.values():
        number, layer = segment.get("LabelValue", "1"), segment.get("Layer", "0")
        if re.fullmatch("[0-9]{1,9}", number) and re.fullmatch("[0-9]{1,4}", layer) and segment.get("Name"):
            names.setdefault(int(layer), {})[int(number)] = segment["Name"]
    return names


def _mitk_names(text: str) -> dict[int, dict[int, str]]:
    """Return the names of MITK's labels; what is no list of groups names nothing, and its numbers stay."""
    try:
        groups = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    names: dict[int, dict[int, str]] = {}
    for layer, group in enumerate(groups if isinstance(groups, list) else ()):
        labels = group.get("labels") if isinstance(group, Mapping) else None
        for label in labels if isinstance(labels, list) else ():
            number, name = (_mitk_value(label, key) for key in ("value", "name"))
            if isinstance(number, int) and isinstance(name, str) and name:
                names.setdefault(layer, {})[number] = name
    return names


def _mitk_value(label: object, key: str) -> object:
    """Return a property, which stands as it is or in an object with its type."""
    value = label.get(key) if isinstance(label, Mapping) else None
    return value.get("value") if isinstance(value, Mapping) else value


SPEC = Importer(
    title="Label map (NRRD, Slicer, MITK)", suffixes=(".nrrd", ".seg.nrrd", ".zip"), read=read, options=OPTIONS
)
