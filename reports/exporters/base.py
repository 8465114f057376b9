"""What every exporter shares: the bundle it renders, the specification and the refusal."""

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.labels.base import Geometry, canonical

Record = Mapping[str, Any]

# Dispositions under which a unit has a gold label.
GOLD = frozenset({"auto_accepted", "adjudicated", "panel", "objective"})


class ExportProblem(ValueError):
    """A format cannot hold what a release contains.

    Parameters
    ----------
    code : str
        Stable, hyphenated name of the fault.
    message : str
        One sentence for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class GoldBundle:
    """One frozen release as plain data.

    Parameters
    ----------
    project : mapping
        slug, name, description, attribution, simulated_note, knows_readers.
    release : mapping
        number, digest, frozen_at (ISO 8601), note, parent ({number, digest} or None), software.
    schema : mapping
        version, digest, guideline and the questions in their order.
    protocol : mapping
        number, name, digest and the document.
    readers : sequence of mapping
        code and kind (human, model); never a name.
    ledger : mapping
        n_cases, n_questions, counts, by_question: every cell in one disposition.
    counts : mapping
        How many subjects, reads (counted and not), seats and adjudications stand behind it.
    statistics : sequence of mapping
        question, statistic, title, population, pair and the estimate.
    records : sequence of mapping
        One for each unit (case, question, finding), sorted; ``label`` is None where it is open or excluded.
    cases : mapping
        Case to its grid; a case whose grid is not known is not in it.
    places : mapping
        Case to ``origin_mm``, ``direction`` and ``slices``: how its voxels lie in the patient and which DICOM instance
        each plane was; only cases of which that is known.
    """

    project: Mapping[str, Any]
    release: Mapping[str, Any]
    schema: Mapping[str, Any]
    protocol: Mapping[str, Any]
    readers: Sequence[Mapping[str, Any]]
    ledger: Mapping[str, Any]
    counts: Mapping[str, Any]
    statistics: Sequence[Mapping[str, Any]]
    records: Sequence[Record]
    cases: Mapping[str, Geometry] = field(default_factory=dict)
    places: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def n_voxels(self) -> int:
        """Return the voxels of all cases whose grid is known."""
        return sum(math.prod(grid.shape) for grid in self.cases.values())

    def gold(self) -> tuple[Record, ...]:
        """Return the units that have a gold label."""
        return tuple(record for record in self.records if record["label"] is not None)

    def others(self) -> tuple[Record, ...]:
        """Return the units without one: open, excluded or not applicable."""
        return tuple(record for record in self.records if record["label"] is None)


@dataclass(frozen=True, slots=True)
class Exporter:
    """The catalogue entry of a format.

    Parameters
    ----------
    title : str
        Name for people.
    suffix, media_type : str
        Of the file.
    function : callable
        ``function(bundle)`` → bytes, the same each time: sorted, no clock, no locale.
    kinds : frozenset of str or None
        Label kinds that it can hold; None for every kind.
    refuse : callable or None
        ``refuse(question, bundle)``: why the format cannot hold a question of a kind that it knows, in one
        sentence; empty where it can. None where the kind alone decides.
    loses : tuple of str
        What the format cannot carry of what the release holds, a sentence each.
    is_whole : bool
        Whether the file describes the release as a whole, so that it cannot be had for some questions alone.
    is_heavy : bool
        Whether it writes every voxel of every case, which takes minutes where there are many.
    """

    title: str
    suffix: str
    media_type: str
    function: Callable[[GoldBundle], bytes]
    kinds: frozenset[str] | None = None
    refuse: Callable[[Mapping[str, Any], GoldBundle], str] | None = None
    loses: tuple[str, ...] = ()
    is_whole: bool = False
    is_heavy: bool = False


def export(exporter: Exporter, bundle: GoldBundle) -> bytes:
    """Return the file, or ExportProblem when the schema asks for something that the format cannot hold."""
    if exporter.kinds is not None:
        asked = {str(question["kind"]) for question in bundle.schema["questions"]}
        foreign = sorted(asked - exporter.kinds)
        if foreign:
            known = ", ".join(sorted(exporter.kinds))
            message = f"{exporter.title} cannot hold {', '.join(foreign)}; it holds {known}."
            raise ExportProblem("kind-not-supported", message)
    refused = refusals(exporter, bundle)
    if refused:
        raise ExportProblem("question-not-supported", " ".join(refused.values()))
    return exporter.function(bundle)


def refusals(exporter: Exporter, bundle: GoldBundle) -> dict[str, str]:
    """Return the questions that a format cannot hold, each with the reason in one sentence."""
    found: dict[str, str] = {}
    for question in bundle.schema["questions"]:
        code, kind = str(question["code"]), str(question["kind"])
        if exporter.kinds is not None and kind not in exporter.kinds:
            found[code] = f"{exporter.title} cannot hold {code}: its kind is {kind}."
        elif exporter.refuse is not None and (reason := exporter.refuse(question, bundle)):
            found[code] = reason
    return found


@dataclass(frozen=True, slots=True)
class Format:
    """A format as far as one release goes.

    Parameters
    ----------
    name : str
        In the catalogue.
    spec : Exporter
        What it is.
    questions : tuple of str
        Codes of the questions that it can hold, in the order of the schema; empty where it can hold none.
    refused : mapping
        Every other question with the reason.
    """

    name: str
    spec: Exporter
    questions: tuple[str, ...]
    refused: Mapping[str, str]


def format_of(name: str, spec: Exporter, bundle: GoldBundle) -> Format:
    """Return what a format can hold of a release; only the questions of the bundle are looked at."""
    refused = refusals(spec, bundle)
    codes = [str(question["code"]) for question in bundle.schema["questions"]]
    return Format(name, spec, tuple(code for code in codes if code not in refused), refused)


def narrowed(bundle: GoldBundle, codes: Collection[str]) -> GoldBundle:
    """Return the release as far as some of its questions go, or ExportProblem for a question that it has not.

    Parameters
    ----------
    bundle : GoldBundle
        The release.
    codes : collection of str
        Codes of the questions that stay; at least one.
    """
    known = [str(question["code"]) for question in bundle.schema["questions"]]
    foreign = sorted(set(codes) - set(known))
    if foreign or not codes:
        message = f"The release has no question {', '.join(foreign) or 'without a code'}; it has {', '.join(known)}."
        raise ExportProblem("unknown-question", message)
    kept = [question for question in bundle.schema["questions"] if question["code"] in codes]
    return replace(
        bundle,
        schema={**bundle.schema, "questions": kept},
        statistics=[row for row in bundle.statistics if row["question"] in codes],
        records=[record for record in bundle.records if record["question"] in codes],
    )


def json_lines(values: Iterable[Mapping[str, Any]]) -> bytes:
    """Return one canonical JSON text a line."""
    return "".join(canonical(value) + "\n" for value in values).encode()


def json_file(value: Mapping[str, Any]) -> bytes:
    """Return a canonical JSON text with a line end."""
    return (canonical(value) + "\n").encode()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a value's canonical JSON text."""
    return sha256(canonical(value).encode())


def unit_of(record: Record) -> tuple[str, str, str]:
    """Return what identifies a record: case, question and finding."""
    return str(record["case"]), str(record["question"]), str(record["finding"])


def release_digest(records: Iterable[tuple[tuple[str, str, str], str]], ledger: Mapping[str, Any]) -> str:
    """Return the address of a release: of its units' digests and its ledger; the same content, the same address.

    Parameters
    ----------
    records : iterable of (unit, digest)
        Case, question and finding of every record with the digest of the record.
    ledger : mapping
        The counts; they also name the cells that have no unit yet.
    """
    units = sorted([*unit, digest] for unit, digest in records)
    return digest_of({"units": units, "ledger": dict(ledger)})
