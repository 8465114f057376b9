"""What every exporter shares: the bundle it renders, the specification and the refusal."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.labels.base import canonical

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
    """

    title: str
    suffix: str
    media_type: str
    function: Callable[[GoldBundle], bytes]
    kinds: frozenset[str] | None = None


def export(exporter: Exporter, bundle: GoldBundle) -> bytes:
    """Return the file, or ExportProblem when the schema asks for a kind that the format cannot hold."""
    if exporter.kinds is not None:
        asked = {str(question["kind"]) for question in bundle.schema["questions"]}
        foreign = sorted(asked - exporter.kinds)
        if foreign:
            known = ", ".join(sorted(exporter.kinds))
            message = f"{exporter.title} cannot hold {', '.join(foreign)}; it holds {known}."
            raise ExportProblem("kind-not-supported", message)
    return exporter.function(bundle)


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
