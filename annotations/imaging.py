"""Verb: take images into a project. What identifies a patient stays at the door."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.utils.crypto import salted_hmac

from annotations import intake
from annotations.errors import InvalidInput
from annotations.images import deidentify, dicom, nifti, nrrd, raster
from annotations.images.base import ImageProblem, Slices, Volume
from annotations.images.dicom import Header, Opener
from annotations.images.wire import voxel_bytes
from annotations.models import Project
from annotations.storing import store_bytes

HEAD = 352
MOST_FILES = dicom.MAX_FILES
LARGEST_FILE = 2**31
KEY_CHARACTERS = 12
# The first window holds what lies between these percentiles of the grey values.
WINDOW = (1.0, 99.0)
_GZIP, _NIFTI = b"\x1f\x8b", (b"n+1\0", b"n+2\0", b"ni1\0", b"ni2\0")


@dataclass(frozen=True, slots=True)
class Handed:
    """One file as it was handed in; its name may hold a patient's and is used only where the sender says otherwise."""

    name: str
    opener: Opener


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the sender says of the files.

    Parameters
    ----------
    case : str
        Key of the case, for a single image; empty for a key made from the content.
    subject : str
        Pseudonym of the patient, for a single image without one.
    keeps_names : bool
        Whether file names are pseudonyms themselves and become the keys.
    is_clean : bool
        A person has looked: nothing that identifies is burnt into the pixels.
    takes_good : bool
        Whether good images are taken where others are refused.
    """

    case: str = ""
    subject: str = ""
    keeps_names: bool = False
    is_clean: bool = False
    takes_good: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """One image that can be taken: what will be stored, and what was left out of it."""

    files: tuple[int, ...]
    key: str
    subject: str
    volume: Volume
    strata: Mapping[str, Any] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    n_private: int = 0

    def form(self) -> dict[str, Any]:
        """Return plain JSON values for the sender."""
        return {
            "case": self.key,
            "subject": self.subject,
            "files": list(self.files),
            "shape": list(self.volume.shape),
            "spacing_mm": None if self.volume.spacing_mm is None else list(self.volume.spacing_mm),
            "notes": list(self.volume.notes),
            "kept": dict(self.strata),
            "removed": list(self.removed),
            "n_private": self.n_private,
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """One image that cannot be taken; ``files`` counts the files as they were handed in, from 1."""

    files: tuple[int, ...]
    code: str
    detail: str

    def form(self) -> dict[str, Any]:
        """Return plain JSON values for the sender."""
        return {"files": list(self.files), "code": self.code, "detail": self.detail}


def receive_images(
    *, actor: User, project: Project, files: Sequence[Handed], wishes: Wishes, dry_run: bool = False
) -> dict[str, Any]:
    """Take images as cases of a project, one at a time; each is stored before its case is written.

    Returns
    -------
    dict
        ``taken`` and ``refused``; read = taken + refused, and with ``dry_run`` nothing was written.
    """
    if not files:
        raise InvalidInput("There is no file.", errors=[{"pointer": "#/files", "code": "required", "detail": ""}])
    if len(files) > MOST_FILES:
        raise InvalidInput(f"At most {MOST_FILES} files are taken at once.")
    taken: list[dict[str, Any]] = []
    refused: list[Refused] = []
    writes = not dry_run and (wishes.takes_good or is_all_good(project, files, wishes))
    for one in images(project, files, wishes):
        if isinstance(one, Refused):
            refused.append(one)
            continue
        is_new = write(actor, project, one) if writes else None
        taken.append({**one.form(), "is_new": is_new})
        # The next image is read while this name would still hold the last.
        del one
    if refused and not dry_run and not writes:
        errors = [{"pointer": f"#/files/{one.files[0] - 1}", "code": one.code, "detail": one.detail} for one in refused]
        raise InvalidInput("Nothing was taken: some files cannot be.", errors=errors)
    return {"n_files": len(files), "taken": taken, "refused": [one.form() for one in refused], "dry_run": dry_run}


def is_all_good(project: Project, files: Sequence[Handed], wishes: Wishes) -> bool:
    """Look through all files before one is taken: all or nothing, and never more than one image held."""
    return not any(isinstance(one, Refused) for one in images(project, files, wishes))


def images(project: Project, files: Sequence[Handed], wishes: Wishes) -> Iterator[Taken | Refused]:
    """Yield the images of the files: series of slices together, others one by one; one is held at a time."""
    series: dict[str, list[tuple[int, Header]]] = {}
    others: list[int] = []
    for number, handed in enumerate(files, 1):
        try:
            with handed.opener() as stream:
                head = stream.read(HEAD)
            if not dicom.is_dicom(head):
                others.append(number)
                continue
            header = dicom.header_of(handed.opener)
            series.setdefault(header.series or f"file {number}", []).append((number, header))
        except ImageProblem as problem:
            yield Refused((number,), problem.code, problem.message)
    single = (
        wishes
        if len(series) + len(others) == 1
        else Wishes(keeps_names=wishes.keeps_names, is_clean=wishes.is_clean, takes_good=wishes.takes_good)
    )
    for group in series.values():
        yield _of_series(project, group, files, single)
    for number in others:
        yield _of_file(project, number, files[number - 1], single)


def _of_series(
    project: Project, group: Sequence[tuple[int, Header]], files: Sequence[Handed], wishes: Wishes
) -> Taken | Refused:
    numbers = tuple(number for number, _ in group)
    dataset = group[0][1].dataset
    burnt_in = "" if wishes.is_clean else deidentify.burnt_in(dataset)
    if burnt_in:
        return Refused(numbers, "burnt-in", f"A person must confirm that the pixels are clean: {burnt_in}.")
    key = secret_of(project)
    cleaned = deidentify.clean(dataset, key)
    name = wishes.case or (stem_of(files[numbers[0] - 1].name) if wishes.keeps_names and len(group) == 1 else "")
    uid = cleaned.uids.get("series") or cleaned.uids.get("instance", "")
    try:
        volume = dicom.read([header for _, header in group])
    except ImageProblem as problem:
        return Refused(numbers, problem.code, problem.message)
    case = name or "S-" + hashlib.sha256(uid.encode()).hexdigest()[:KEY_CHARACTERS]
    subject = wishes.subject or cleaned.subject or case
    strata = {**cleaned.strata, "uids": dict(cleaned.uids)}
    return Taken(numbers, case, subject, volume, strata, cleaned.removed, cleaned.n_private)


def _of_file(project: Project, number: int, handed: Handed, wishes: Wishes) -> Taken | Refused:
    with handed.opener() as stream:
        content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        return Refused((number,), "too-large", "The file is larger than 2 GiB.")
    try:
        if raster.is_picture(content[:HEAD]):
            volume = raster.read(content)
        elif content.startswith(_GZIP) or content[344:348] in _NIFTI or content[4:8] in _NIFTI:
            volume = nifti.read(content)
        elif nrrd.is_nrrd(content):
            volume = nrrd.read(content)
        else:
            return Refused((number,), "unknown-format", "The file is no DICOM, NIfTI, NRRD, PNG, JPEG or TIFF image.")
    except ImageProblem as problem:
        return Refused((number,), problem.code, problem.message)
    name = wishes.case or (stem_of(handed.name) if wishes.keeps_names else "")
    case = name or "I-" + hashlib.sha256(content).hexdigest()[:KEY_CHARACTERS]
    return Taken((number,), case, wishes.subject or case, volume)


def secret_of(project: Project) -> bytes:
    """Return the key under which a project's pseudonyms are made; it is nowhere stored."""
    return salted_hmac("consilium.subjects", str(project.pk), algorithm="sha256").digest()


def stem_of(name: str) -> str:
    """Return a file name without folders and endings, as a key."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".nii.gz", ".nii", ".nrrd", ".dcm", ".png", ".jpg", ".jpeg", ".tiff", ".tif"):
        if stem.lower().endswith(ending):
            return stem[: -len(ending)][:120]
    return stem[:120]


def write(actor: User, project: Project, one: Taken) -> bool:
    """Store the voxels under their digest, then register the case; False where the key is there already."""
    case = intake.NewCase(
        key=one.key,
        subject=one.subject,
        strata=dict(one.strata),
        shape=one.volume.shape,
        spacing_mm=one.volume.spacing_mm,
        pixels=store_bytes(voxel_bytes(one.volume.voxels), "voxels"),
        window=window_of(one.volume),
        origin_mm=one.volume.origin_mm if one.volume.is_placed else None,
        direction=one.volume.direction if one.volume.is_placed else None,
        slices=None if one.volume.slices is None else slices_form(one.volume.slices, secret_of(project)),
    )
    return bool(intake.register_cases(actor=actor, project=project, cases=[case]))


def slices_form(slices: Slices, key: bytes) -> dict[str, Any]:
    """Return where the planes came from, with every instance replaced as the project's other UIDs are."""
    return {
        "axis": slices.axis,
        "classes": list(slices.classes),
        "instances": [deidentify.uid_of(uid, key) for uid in slices.instances],
        "frames": list(slices.frames) if any(slices.frames) else None,
    }


def window_of(volume: Volume) -> tuple[float, float]:
    """Return centre and width of the first view, in stored values."""
    sample = volume.voxels[:: max(1, volume.shape[0] // 16), ::2, ::2]
    low, high = np.percentile(sample, WINDOW)
    return float(low + high) / 2, float(max(high - low, 1.0))
