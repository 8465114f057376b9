"""A model's stored read beside the read of one person: two readers, as long as nobody else has read."""

from dataclasses import replace

from qc.settling.base import ACCEPT, CaseOutcome, CaseReads

SECOND = "second_reader"
# What a unit says of itself in ``details`` and a label in its provenance.
ACCEPTED_BY = "accepted_by"
HUMAN_AI_PAIR = "human_ai_pair"


def with_second(reads: CaseReads) -> CaseReads:
    """Return a case with the model's read among those of its readers; as it was once a second person has read.

    Agreement is still measured on people alone.

    Parameters
    ----------
    reads : CaseReads
        Reads of people, and in ``second`` the model's.
    """
    second = reads.second
    if second is None or len(reads.readers) != 1:
        return reads
    return replace(
        reads,
        readers=tuple(sorted({*reads.readers, second.reader})),
        reads=(*reads.reads, *second.reads),
        block=frozenset(reads.readers) if reads.block is None else reads.block,
        second=None,
    )


def said_of_pair(outcome: CaseOutcome) -> CaseOutcome:
    """Return an outcome in which every label that a person and a model agree on says so."""
    return replace(
        outcome,
        units=tuple(
            replace(unit, details={**unit.details, ACCEPTED_BY: HUMAN_AI_PAIR})
            if unit.verdict == ACCEPT and unit.label is not None
            else unit
            for unit in outcome.units
        ),
    )
