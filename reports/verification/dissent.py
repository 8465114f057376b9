"""Whether every read that differs from a gold label stands in the minority report of its record."""

from collections.abc import Iterator

from qc.settling.base import Read
from reports.exporters.base import digest_of
from reports.exporters.dissent import CANNOT_ASSESS, REGIONS, ReadFacts, dissent_of
from reports.verification.base import Item, compared, written
from reports.verification.content import Content, Json, Reference, Unit
from reports.verification.units import Settled


def check_dissent(content: Content, settled: Settled) -> Item:
    """Write the minority report of every gold label again from the reads, and compare."""
    gold = {
        unit: record
        for unit, record in sorted(content.records.items())
        if record["label"] is not None and unit in settled.units
    }
    n_entries = sum(len(record["dissent"]) for record in gold.values())
    detail = f"{n_entries} entries beside {len(gold)} gold labels"
    return compared("minority report", dissent_differences(gold, content, settled), detail)


def dissent_differences(gold: dict[Unit, Json], content: Content, settled: Settled) -> Iterator[str]:
    """Yield each record whose minority report leaves out, adds or changes what a reader said."""
    parents = {question.code: question.about for question in content.questions}
    answers: dict[tuple[str, str], list[Read]] = {}
    for case in content.cases.values():
        for read in case.reads:
            answers.setdefault((case.key, read.question), []).append(read)
    for unit, record in gold.items():
        again = settled.units[unit]
        others = answers.get(unit[:2], [])
        parent = settled.units.get((unit[0], parents[unit[1]], unit[2]))
        if parents[unit[1]]:
            marks = {(read.reader, read.mark) for read in parent.reads} if parent is not None else set()
            others = [
                read for read in others if (read.reader, read.mark) in marks and read.label["kind"] == CANNOT_ASSESS
            ]
        expected = dissent_of(
            record["label"],
            digest_of(record["label"]),
            [facts_of(read, content.references) for read in again.reads],
            [facts_of(read, content.references) for read in others],
            again.details.get("voxels", {}),
        )
        if expected != record["dissent"]:
            n_found = len(record["dissent"])
            yield f"{written(unit)}: the minority report has {n_found} entries, not those {len(expected)} of the reads"


def facts_of(read: Read, references: list[Reference]) -> ReadFacts:
    """Return a read as the minority report needs it."""
    _, _, revision, digest = references[read.ref]
    kind = str(read.label["kind"])
    return ReadFacts(read.reader, read.mark, revision, digest, kind, None if kind in REGIONS else read.label)
