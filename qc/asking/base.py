"""Reads that somebody posts to have a statistic or a consensus computed: one row a read, whatever the answers are."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from qc.readings.base import ReadingError

# A question asked in passing: what is larger belongs into a project, where it is stored and resampled in the worker.
MOST_READS = 50_000
MOST_REPLICATES = 10_000
LONGEST_NAME = 200
READ_MEMBERS = ("unit", "patient", "reader", "answer", "stratum", "repeat")


class AskError(ValueError):
    """What was posted cannot be computed with.

    Parameters
    ----------
    code : str
        Stable, hyphenated name of the fault, for machines.
    pointer : str
        JSON pointer to the offending member (``#/reads/3/answer``).
    message : str
        One sentence for people.
    """

    def __init__(self, code: str, pointer: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer
        self.message = message


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a reading or a function refuses into AskError; what is one already stays as it is."""
    try:
        yield
    except AskError:
        raise
    except ReadingError as error:
        raise AskError(error.code, "#/reads", error.message) from error
    except ValueError as error:
        raise AskError("bad-option", "#/options", str(error)) from error


@dataclass(frozen=True, slots=True)
class Row:
    """One read.

    Parameters
    ----------
    unit, reader : str
        What was read and who read it.
    answer : object
        Plain JSON value, in the form of the reading that is asked for.
    patient : str or None
        Cluster of the unit; None when unknown.
    stratum : str or None
        Site, scanner, age band … of the unit, or the name of a reader whose two looks are compared.
    repeat : int
        0 for the first look, 1 for the second …
    at : str
        JSON pointer to the row.
    """

    unit: str
    reader: str
    answer: Any
    patient: str | None
    stratum: str | None
    repeat: int
    at: str


@dataclass(frozen=True, slots=True)
class Asked:
    """The reads by unit, in the order in which units first occur.

    Parameters
    ----------
    rows : tuple of Row
        All reads, as they were given.
    units : tuple of str
        Distinct units.
    facts : mapping
        Everything beside the reads: scale, unit, spacing …
    """

    rows: tuple[Row, ...]
    units: tuple[str, ...]
    facts: Mapping[str, Any]

    @property
    def clusters(self) -> tuple[str, ...] | None:
        """Patient of each unit; None when no read names one."""
        patients = {row.unit: row.patient for row in self.rows if row.patient is not None}
        return tuple(patients[unit] for unit in self.units) if patients else None

    def by_unit(self) -> list[dict[str, Any]]:
        """Return for each unit the answer of each reader."""
        found: dict[str, dict[str, Any]] = {unit: {} for unit in self.units}
        for row in self.rows:
            found[row.unit][row.reader] = row.answer
        return list(found.values())

    def fact(self, name: str) -> Any:
        """Return a declared fact; AskError where it is missing."""
        if name not in self.facts:
            raise AskError("required", f"#/{name}", f"{name!r} must be given for this.")
        return self.facts[name]


def asked(body: Mapping[str, Any], facts: Sequence[str]) -> Asked:
    """Return the reads of a posted body.

    Parameters
    ----------
    body : mapping
        ``reads``: rows of unit, reader and answer, with patient, stratum and repeat where they are known; beside
        them the members named in ``facts``.
    facts : sequence of str
        Other members that the reading has.

    Raises
    ------
    AskError
        For members that nothing uses, rows that are none, and two answers of one reader to one unit.
    """
    unknown = sorted(set(body) - {"reads", "options", *facts})
    if unknown:
        raise AskError("unknown-member", f"#/{unknown[0]}", f"Nothing here uses {unknown[0]!r}.")
    given = body.get("reads")
    if not isinstance(given, list) or not given:
        raise AskError("required", "#/reads", "'reads' is a list of at least one read.")
    if len(given) > MOST_READS:
        raise AskError("too-many", "#/reads", f"At most {MOST_READS} reads are computed in one request.")
    rows = tuple(_row(value, f"#/reads/{place}") for place, value in enumerate(given))
    _check_distinct(rows)
    units = tuple(dict.fromkeys(row.unit for row in rows))
    _check_patients(rows)
    return Asked(rows, units, {name: body[name] for name in facts if name in body})


def _row(value: object, at: str) -> Row:
    if not isinstance(value, Mapping):
        raise AskError("not-an-object", at, "A read is an object with unit, reader and answer.")
    unknown = sorted(set(value) - set(READ_MEMBERS))
    if unknown:
        raise AskError("unknown-member", f"{at}/{unknown[0]}", f"A read has no {unknown[0]!r}.")
    if "answer" not in value:
        raise AskError("required", f"{at}/answer", "A read has an answer; leave the read out where there is none.")
    repeat = value.get("repeat", 0)
    if isinstance(repeat, bool) or not isinstance(repeat, int) or not 0 <= repeat < 100:
        raise AskError("bad-repeat", f"{at}/repeat", "A repeat is a whole number from 0 to 99.")
    return Row(
        unit=_name(value, "unit", at),
        reader=_name(value, "reader", at),
        answer=value["answer"],
        patient=_name(value, "patient", at) if value.get("patient") is not None else None,
        stratum=_name(value, "stratum", at) if value.get("stratum") is not None else None,
        repeat=repeat,
        at=at,
    )


def _name(value: Mapping[str, Any], member: str, at: str) -> str:
    name = value.get(member)
    if isinstance(name, int) and not isinstance(name, bool):
        name = str(name)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise AskError("bad-name", f"{at}/{member}", f"{member!r} is a text of 1 to {LONGEST_NAME} characters.")
    return name


def _check_distinct(rows: tuple[Row, ...]) -> None:
    seen: set[tuple[str, str, int]] = set()
    for row in rows:
        key = (row.unit, row.reader, row.repeat)
        if key in seen:
            raise AskError("read-twice", row.at, f"{row.reader!r} answers {row.unit!r} twice; number repeats from 0.")
        seen.add(key)


def _check_patients(rows: tuple[Row, ...]) -> None:
    """Refuse patients known for a part of the units, and a unit of two patients."""
    patients: dict[str, set[str | None]] = {}
    for row in rows:
        patients.setdefault(row.unit, set()).add(row.patient)
    known = any(names != {None} for names in patients.values())
    for row in rows if known else ():
        if len(patients[row.unit]) > 1 or row.patient is None:
            message = "Give the same patient with every read of a unit, for all units or for none."
            raise AskError("bad-patient", f"{row.at}/patient", message)


def number(row: Row) -> float:
    """Return the answer of a read as a finite number."""
    if not is_finite(row.answer):
        raise AskError("not-a-number", f"{row.at}/answer", "The answer is a finite number.")
    return float(row.answer)


def is_finite(value: object) -> bool:
    """Say whether a JSON value is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def names(value: object, at: str) -> tuple[str, ...]:
    """Return a list of distinct texts."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise AskError("not-names", at, "This is a list of texts, at least one.")
    if len(set(value)) != len(value):
        raise AskError("not-distinct", at, "Each is named once.")
    return tuple(value)


def numbers(value: object, at: str, length: int | None = None) -> tuple[float, ...]:
    """Return a list of finite numbers, of the given length where there is one."""
    fits = isinstance(value, list) and (length is None or len(value) == length)
    if not fits or not isinstance(value, list):
        raise AskError("not-numbers", at, f"This is a list of {length if length is not None else 'finite'} numbers.")
    if not all(is_finite(item) for item in value):
        raise AskError("not-a-number", at, "This is a list of finite numbers.")
    return tuple(float(item) for item in value)
