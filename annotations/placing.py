"""Puts what lies in the patient on the grid of its case's image: masks on grids of their own, contours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from annotations.importers.base import Contour, Imported, Lies
from annotations.labels import _runs
from annotations.labels._contours import MOST_SHIFT, drawn
from annotations.labels.base import LabelError
from annotations.models import Image, Project
from annotations.submission import AnswerProblem

# By how much the axes of two grids may differ.
MOST_TURN = 1e-3
NO_PLACE = "Where the image lies in the patient is not known, so the mask has no place."
SAME_STEP = 1e-3  # share: formats keep spacings as texts or in single precision


@dataclass(frozen=True, slots=True)
class Ground:
    """The grid of an image in the patient."""

    shape: tuple[int, int, int]
    lies: Lies | None


class Grounds:
    """Where the images of a project lie, asked for case by case and only for answers that need it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, Ground | None] = {}

    def fit(self, item: Imported) -> Imported:
        """Return an answer on its image's grid; AnswerProblem where the two do not fit."""
        if item.lies is None and not item.contours and not item.in_patient:
            return item
        if item.case not in self._known:
            self._known[item.case] = ground_of(self._project, item.case)
        ground = self._known[item.case]
        if ground is None:
            raise AnswerProblem("no-image", "case", "The case has no image, so that the mask has no place.")
        return replace(item, value=fitted(item, ground), spacing_mm=None, in_patient=False)


def fitted(item: Imported, ground: Ground) -> dict[str, Any]:
    """Return the value of an answer that lies in the patient, on the grid of an image."""
    if item.in_patient:
        return pointed(item.value, ground)
    if item.lies is None:
        return traced(item.contours, ground)
    return placed(item.value, item.lies, ground)


def ground_of(project: Project, case: str) -> Ground | None:
    """Return the grid of a case's image; None without one."""
    image = Image.objects.filter(case__project=project, case__key=case).first()
    if image is None:
        return None
    z, y, x = image.shape
    if not (image.origin_mm and image.direction and image.spacing_mm):
        return Ground((z, y, x), None)
    axes = tuple(tuple(map(float, axis)) for axis in image.direction)
    steps = tuple(map(float, image.spacing_mm))
    return Ground((z, y, x), Lies(tuple(image.origin_mm), axes, steps))  # type: ignore[arg-type]


def traced(contours: Sequence[Contour], ground: Ground) -> dict[str, Any]:
    """Return the mask of closed lines on the grid of the image; nothing between two planes is made up."""
    try:
        mask = drawn([indices_of(contour, ground) for contour in contours], ground.shape)
    except LabelError as problem:
        raise AnswerProblem(problem.code, "value", problem.message) from problem
    return {"kind": "mask", "shape": list(ground.shape), "runs": _runs.encode(mask)}


def pointed(value: Mapping[str, Any], ground: Ground) -> dict[str, Any]:
    """Return landmarks or a box with its points in voxels (z, y, x), a voxel's centre at its index and a half."""
    if value["kind"] == "landmarks":
        points = {code: None if at is None else _voxels(at, ground) for code, at in value["points"].items()}
        return {**value, "points": points}
    if ground.lies is not None and not np.allclose(ground.lies.direction, np.eye(3), atol=MOST_TURN):
        raise AnswerProblem("turned", "value", "The image's axes are turned against the box's.")
    return {**value, "low": _voxels(value["low"], ground), "high": _voxels(value["high"], ground)}


def _voxels(at: Sequence[float], ground: Ground) -> list[float]:
    return [float(part) + 0.5 for part in indices_of(np.array([at], dtype=np.float64), ground)[0][::-1]]


def indices_of(points: Contour, ground: Ground) -> Contour:
    """Return points (n, 3) in millimetres as indices (x, y, z) of the image, whole at the centres of voxels."""
    if ground.lies is None:
        raise AnswerProblem("no-place", "value", NO_PLACE)
    axes, steps = np.array(ground.lies.direction), np.array(ground.lies.spacing_mm[::-1])
    # Axes that lean towards one another are no orthogonal base.
    inverse = np.linalg.inv(axes.T * steps)
    found: Contour = (points - np.array(ground.lies.origin_mm)) @ inverse.T
    return found


def placed(value: Mapping[str, Any], lies: Lies, ground: Ground) -> dict[str, Any]:
    """Return a mask on the grid of the image; nothing of it is resampled, and nothing of it may be lost."""
    if ground.lies is None:
        if tuple(value["shape"]) == ground.shape:
            return dict(value)
        raise AnswerProblem("no-place", "value", NO_PLACE)
    offset = offset_of(lies, ground.lies)
    small = _runs.decode(value["runs"], tuple(value["shape"]))
    marked = np.argwhere(small)
    if not len(marked):
        return {**value, "shape": list(ground.shape), "runs": _runs.encode(np.zeros(ground.shape, dtype=np.bool_))}
    low, high = marked.min(axis=0) + offset, marked.max(axis=0) + offset
    if (low < 0).any() or (high >= np.array(ground.shape)).any():
        raise AnswerProblem("outside", "value", "Part of the mask lies outside the image.")
    whole = np.zeros(ground.shape, dtype=np.bool_)
    whole[tuple((marked + offset).T)] = True
    return {**value, "shape": list(ground.shape), "runs": _runs.encode(whole)}


def offset_of(lies: Lies, ground: Lies) -> Sequence[int]:
    """Return by how many voxels along (z, y, x) a grid stands from another; AnswerProblem where they do not match."""
    refuse_other_steps(lies.spacing_mm, ground.spacing_mm)
    if not np.allclose(lies.direction, ground.direction, atol=MOST_TURN):
        raise AnswerProblem("turned", "value", "The mask's axes are turned against the image's.")
    axes, steps = np.array(ground.direction), np.array(ground.spacing_mm[::-1])
    apart = (np.array(lies.origin_mm) - np.array(ground.origin_mm)) @ axes.T / steps
    whole = np.rint(apart)
    if np.abs(apart - whole).max() > MOST_SHIFT:
        raise AnswerProblem("between", "value", "The mask's voxels stand between those of the image.")
    return [int(part) for part in whole[::-1]]


def refuse_other_steps(mine: Sequence[float], its: Sequence[float]) -> None:
    """Refuse a mask whose voxels are not of the image's size: it was drawn on another grid."""
    if np.allclose(mine, its, rtol=SAME_STEP, atol=0):
        return
    own, image = (" × ".join(f"{step:g}" for step in steps) for steps in (mine, its))
    message = f"The mask's voxels are {own} mm along (z, y, x), the image's {image} mm."
    raise AnswerProblem("spacing-mismatch", "value/shape", message)
