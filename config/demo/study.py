"""What an example project consists of, before any verb has seen it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HEADER = ("case", "reader", "question", "mark", "value", "answer")
NOTHING_FOUND = "nothing found"


@dataclass(frozen=True, slots=True)
class StudyQuestion:
    """One question; the members are those that intake publishes."""

    code: str
    title: str
    kind: str
    scale: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True, slots=True)
class StudyCase:
    """One case.

    Parameters
    ----------
    key, subject : str
        Name of the case and pseudonym of the patient.
    shape : tuple of int
        Voxels along (z, y, x).
    spacing_mm : tuple of float
        Along (z, y, x), millimetres.
    strata : mapping
        Plain JSON values by which results may be split.
    voxels : bytes
        Canonical voxels (``annotations.images.wire``); empty where the data hold no pixels.
    window : tuple of float or None
        Centre and width of the first view.
    """

    key: str
    subject: str
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    strata: Mapping[str, Any] = field(default_factory=dict)
    voxels: bytes = b""
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class StudyExclusion:
    """A case that is taken out of the count before anything is computed."""

    case: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Study:
    """An example project.

    Parameters
    ----------
    slug, name, description, attribution, simulated_note, knows_readers
        As intake opens a project with them.
    guideline : str
        What the readers were told.
    questions : tuple of StudyQuestion
        In order.
    protocol : mapping
        The protocol document.
    panel, guests : tuple of str
        Codes of the readers who read every case, and of those who appear in single cases only.
    cases : tuple of StudyCase
        All of them.
    exclusions : tuple of StudyExclusion
        Cases that do not count, with reasons.
    table : bytes
        Every answer, as the CSV text that the importer takes.
    file_name : str
        Name of that file.
    notes : tuple of str
        Sentences about the conversion, with counts, for the person who starts the demo.
    people : mapping of str to str
        User name behind the code of a reader who is a person; every other reader has no user.
    """

    slug: str
    name: str
    description: str
    attribution: str
    simulated_note: str
    knows_readers: bool
    guideline: str
    questions: tuple[StudyQuestion, ...]
    protocol: Mapping[str, Any]
    panel: tuple[str, ...]
    guests: tuple[str, ...]
    cases: tuple[StudyCase, ...]
    exclusions: tuple[StudyExclusion, ...]
    table: bytes
    file_name: str
    notes: tuple[str, ...]
    people: Mapping[str, str] = field(default_factory=dict)
