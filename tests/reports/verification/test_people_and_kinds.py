"""Packages with a panel's votes, a third reader and every kind of question, verified offline."""

import pytest

from qc.models import Adjudication
from reports import release
from reports.verification.verify import verify_package
from tests.factories import MAJORITY, code, person, work
from tests.qc import test_kinds
from tests.qc.test_extra_readers import answer, project_of
from tests.qc.test_panels_and_looks import PANEL, disputed, physicians, referred, vote
from tests.reports.verification.archives import changed, forged, packed, unpacked

pytestmark = pytest.mark.django_db
kinds = test_kinds.project


def package(cast, project, tmp_path):
    """Freeze everything and return the package that a vendor downloads."""
    made = release.freeze_release(actor=cast.mira, project=project)
    work()
    path = tmp_path / "package.zip"
    with release.package_zip(made) as stream:
        path.write_bytes(stream.read())
    return path


def faults(path):
    return {item.name: item.differences for item in verify_package(path).items if item.outcome != "reproduced"}


def decided_by_a_panel(cast):
    project = disputed(cast, **PANEL)
    dispute, doctors = referred(cast, project), physicians(cast, project, 3)
    for doctor, says in zip(doctors, ("yes", "no", "yes"), strict=True):
        vote(doctor, dispute, says)
    work()
    return project


def test_a_panels_label_is_traced_to_its_votes(cast, tmp_path):
    path = package(cast, decided_by_a_panel(cast), tmp_path)
    assert faults(path) == {}
    files = unpacked(path)
    text = files["adjudications.jsonl"].decode()
    assert text.count('"voter":') == 3
    assert "doctor" not in text.lower()
    assert '"disposition":"panel"' in files["gold.jsonl"].decode()


def test_a_forged_vote_is_named(cast, tmp_path):
    path = package(cast, decided_by_a_panel(cast), tmp_path)
    assert Adjudication.objects.get().decision == "panel"

    def change(line):
        for one in line["votes"]:
            one["label"] = code("no")

    forged_path = packed(forged(changed(unpacked(path), "adjudications.jsonl", change)), tmp_path / "forged.zip")
    (found,) = faults(forged_path)["labels by a person"]
    assert "the votes of the panel have no majority for this label" in found


def test_labels_by_a_third_reader_are_reproduced_also_while_another_reads(cast, tmp_path):
    readers = {f"R-{n}": person(f"reader{n}") for n in range(3)}
    project = project_of(cast, readers, {"protocol": "third_reader", "questions": {"effusion": MAJORITY}})
    answer(project, "case-1", ["yes", "no"])
    answer(project, "case-1", ["yes"])
    answer(project, "case-2", ["yes", "no"])
    answer(project, "case-3", ["no", "no"])
    path = package(cast, project, tmp_path)
    assert faults(path) == {}
    gold = unpacked(path)["gold.jsonl"].decode()
    assert '"case":"case-1"' in gold
    assert '"case":"case-2"' not in gold


def test_every_kind_of_question_is_reproduced(cast, kinds, tmp_path):
    path = package(cast, kinds, tmp_path)
    assert faults(path) == {}
    gold = unpacked(path)["gold.jsonl"].decode()
    for kind in ("multilabel", "ranking", "interval", "box", "landmarks"):
        assert f'"kind":"{kind}"' in gold
