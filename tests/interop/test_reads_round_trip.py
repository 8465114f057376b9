"""What a package holds of the reads comes back equal through the importer of our own lines."""

import pytest

from annotations import importing
from annotations.models import Annotation, Assignment, ImportBatch
from reports.evidence import evidence_of
from tests.factories import GRADE, LESION, NODULE, SUSPICION, box_mask, level, read, square, study, work
from tests.personas import ADA, CODES


@pytest.fixture
def projects(cast):
    questions = [GRADE, LESION, NODULE, SUSPICION]
    return [study(cast.mira, {CODES[ADA]: cast.ada}, slug=slug, questions=questions) for slug in ("one", "two")]


def standing(project):
    rows = Annotation.objects.filter(case__project=project)
    return sorted(rows.values_list("case__key", "question__code", "reader__code", "mark", "digest"))


def test_reads_of_a_package_come_back_equal(cast, projects):
    one, two = projects
    outline, mask = square(1, 2, 2, 5), box_mask(0, 1, 0, 2, 0, 2)
    read(one, cast.ada, "case-1", grade=level(2), lesion=mask, nodule__n1=outline, suspicion__n1=level(3))
    unclear = {"kind": "cannot_assess", "reason": "motion"}
    read(one, cast.ada, "case-2", grade=unclear, lesion=mask, nodule={"kind": "nothing_found"})
    exported = evidence_of(one, {}, {}).files["reads.jsonl"]
    batch = importing.receive_import(
        actor=cast.mira, project=two, content=exported, file_name="reads.jsonl", importer="jsonl", options={}
    )
    work(ImportBatch)
    batch.refresh_from_db()
    assert batch.problems == []
    assert batch.n_committed == 7
    assert standing(one) == standing(two)
    assert not Assignment.objects.filter(case__project=two, finished_at__isnull=True).exists()
