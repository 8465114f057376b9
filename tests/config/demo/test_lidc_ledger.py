"""The ledger of the real LIDC-IDRI: every cell in exactly one disposition, before, during and after evaluation."""

from collections import Counter

import numpy as np
import pytest

from annotations import due
from annotations.models import Case, ImportBatch
from config.demo import opening, people
from config.demo.distributions import DataMissing, data_file
from config.demo.lidc_study import DATABASE, DISTRIBUTION, build
from qc import selectors
from qc.settling.forecast import forecast
from tests.factories import WORK, work

N_CELLS = 1018 * 10
N_EXCLUDED = 18 * 10
# One case in so many is evaluated: the counts must close in the middle of the work as well as at its end.
EVERY = 6


@pytest.mark.slow
@pytest.mark.django_db
def test_the_ledger_of_lidc_closes_at_every_step() -> None:
    try:
        study = build(data_file(DISTRIBUTION, DATABASE))
    except DataMissing as missing:
        pytest.skip(str(missing))
    people.create_people()
    project = opening.open_study(study, lambda words: None)
    assert counts(project) == {"collecting": N_CELLS - N_EXCLUDED, "excluded": N_EXCLUDED}

    work(ImportBatch)
    batch = project.imports.get()
    assert (batch.n_lines, batch.n_committed, batch.n_problems) == (69_631, 69_631, 0)
    assert counts(project) == {"collecting": N_CELLS - N_EXCLUDED, "excluded": N_EXCLUDED}

    chosen = list(project.cases.order_by("key").values_list("pk", flat=True)[::EVERY])
    project.cases.exclude(pk__in=chosen).update(due_at=None)
    for _ in range(3):
        due.run(Case, due.claim_due(Case, 2000, "test"), WORK[Case])
    found = counts(project)
    assert {"auto_accepted", "in_dispute", "excluded", "collecting"} == set(found)
    assert found["auto_accepted"] > 0
    assert found["in_dispute"] > 0
    assert found["excluded"] > N_EXCLUDED
    assert share_foretold(project) >= 0.85


def share_foretold(project) -> float:
    """Return in how many of 40 random pilots the forecast holds what the other patients then bring.

    A pilot is a tenth of the study; it foretells the disputes of every other scan that was evaluated.
    """
    rows = selectors.current_results(project)
    cases = dict(rows.values_list("case__key", "case__subject").distinct())
    referred = Counter(rows.filter(verdict="refer").values_list("case__subject", flat=True))
    pairs = np.array([(number, referred[subject]) for subject, number in sorted(Counter(cases.values()).items())])
    generator = np.random.default_rng(20261126)
    held = 0
    for _ in range(40):
        order = generator.permutation(len(pairs))
        pilot, rest = pairs[order[:102]], pairs[order[102:]]
        found = forecast([tuple(pair) for pair in pilot.tolist()], n_ahead=int(rest[:, 0].sum()))
        held += found.low <= rest[:, 1].sum() <= found.high
    return held / 40


def counts(project) -> dict[str, int]:
    """Return the dispositions that occur, after checking that they close to N in total and for each question."""
    ledger = selectors.ledger(project)
    assert ledger.is_closed, ledger
    assert ledger.n_cells == N_CELLS == sum(ledger.counts.values())
    return {name: count for name, count in ledger.counts.items() if count}
