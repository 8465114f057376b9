"""Measure agreement again from the units settled again, with the stored seed."""

from collections.abc import Iterator, Mapping
from typing import Any

from qc.settling.measure import material_of, measure
from reports.verification.base import Item, compared
from reports.verification.content import Content, Json
from reports.verification.units import Settled, alike

Key = tuple[str, str, str, tuple[str, ...]]


def check_statistics(content: Content, settled: Settled) -> Item:
    """Compare every estimate: counts, reasons and seeds exactly, numbers to a relative 1e-9."""
    stored = content.statistics["statistics"]
    again, facts = measured(content, settled)
    # A later program knows more statistics; a package is held to those that it gives for any question.
    given = {row["statistic"] for row in stored}
    n_newer = len({key[1] for key in again} - given)
    again = {key: estimate for key, estimate in again.items() if key[1] in given}
    detail = f"{len(stored)} estimates computed again"
    detail += f"; this program knows {n_newer} statistics that the package does not give" if n_newer else ""
    differences = [*statistic_differences(stored, again), *fact_differences(content.statistics["measured"], facts)]
    return compared("statistics", differences, detail)


def measured(content: Content, settled: Settled) -> tuple[dict[Key, Json], dict[str, dict[str, int]]]:
    """Return every estimate by question, statistic, population and pair, and what was counted for each question."""
    again: dict[Key, Json] = {}
    facts: dict[str, dict[str, int]] = {}
    n_seats = content.protocol["document"]["seats"]
    knows_readers = bool(content.manifest["project"]["knows_readers"])
    for question in content.questions:
        material = material_of(settled.comparable[question.code])
        facts[question.code] = material.facts()
        for one in measure(question, material, n_seats=n_seats, knows_readers=knows_readers):
            again[question.code, one.statistic, one.population, one.pair] = one.estimate.as_dict()
    return again, facts


def statistic_differences(stored: list[Json], again: Mapping[Key, Json]) -> Iterator[str]:
    """Yield each estimate that is missing, added or different."""
    known = {
        (row["question"], row["statistic"], row["population"], tuple(row["pair"])): row["estimate"] for row in stored
    }
    for key in sorted(again.keys() - known.keys()):
        yield f"{named(key)}: follows from the reads and is not in stats.json"
    for key, estimate in sorted(known.items()):
        if key not in again:
            yield f"{named(key)}: does not follow from the reads"
            continue
        for member in sorted(estimate.keys() | again[key].keys()):
            if not alike(estimate.get(member), again[key].get(member)):
                yield f"{named(key)}: {member} is {estimate.get(member)!r}, computed again {again[key].get(member)!r}"


def fact_differences(stored: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[str]:
    """Yield each question of which another number of units was measured."""
    for code in sorted(stored.keys() | again.keys()):
        if stored.get(code) != again.get(code):
            yield f"{code}: measured {stored.get(code)}, computed again {again.get(code)}"


def named(key: Key) -> str:
    """Return an estimate's name in words."""
    question, statistic, population, pair = key
    return " / ".join([question, statistic, population, *pair])
