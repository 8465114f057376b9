import zipfile
from collections import Counter

import pytest
from django.core.files.storage import default_storage

from annotations import due, intake
from annotations.errors import Forbidden, NotFound
from annotations.models import AuditEvent, Case, ImportBatch
from qc.errors import WrongPassword
from qc.models import ConsensusResult, Dispute
from qc.selectors import ledger
from reports import comparing, preflight, release
from reports.errors import BusyProject, NotReleasable, PackageNotReady, SameContent
from reports.models import GoldRecord, GoldRelease, ReleaseFile
from tests.reports.conftest import PASSWORD, SQUARE

pytestmark = pytest.mark.django_db


def record_of(row, case, question):
    return GoldRecord.objects.get(release=row, case=case, question=question).record


def test_the_story_goes_every_way_a_unit_can(story):
    causes = dict(Dispute.objects.values_list("case__key", "cause"))
    assert causes == {"case-3": "grade-distance", "case-4": "boundary", "case-6": "missed"}
    assert ConsensusResult.objects.filter(case__key="case-5", label__kind="nothing_found").exists()


def test_preflight_counts_what_is_in_and_what_stays_open(story):
    ahead = preflight.draft_preflight(story.project)
    assert ahead.is_ready
    assert ahead.ledger.is_closed
    assert ahead.n_open_disputes == 3
    assert ahead.n_open_cells == 3 + 1 + 8
    assert ahead.n_gold_units == 18


def test_a_release_holds_one_record_a_unit_and_the_ledger_of_the_moment(story):
    row = story.freeze(note=" first ")
    assert (row.number, row.note, row.parent) == (1, "first", None)
    assert row.due_at is not None
    assert row.ledger["counts"] == ledger(story.project).counts
    assert sum(row.ledger["counts"].values()) == 36
    assert row.records.count() == ConsensusResult.objects.count() == 28
    dispositions = Counter(row.records.values_list("disposition", flat=True))
    assert dispositions == {"auto_accepted": 18, "in_dispute": 3, "collecting": 1, "excluded": 6}
    assert AuditEvent.objects.filter(action="release.frozen").get().body["digest"] == row.digest


def test_only_settled_units_that_are_not_excluded_have_a_label(story):
    row = story.freeze()
    for record in row.records.values_list("record", flat=True):
        assert (record["label"] is not None) == (record["disposition"] in {"auto_accepted", "adjudicated"})
    excluded = row.records.filter(case="case-7")
    assert {(one["disposition"], one["reason"]) for one in excluded.values_list("record", flat=True)} == {
        ("excluded", "duplicate")
    }


def test_a_record_says_which_rule_and_which_reads_made_the_label(story):
    record = record_of(story.freeze(), "case-1", "quality")
    assert record["label"] == {"kind": "category", "code": "good"}
    assert record["provenance"] == {"by": "rule", "method": "majority", "rules": ["no_majority"]}
    assert record["votes"] == {"=poor": 1, "good": 2}
    assert record["soft"] == {"=poor": pytest.approx(1 / 3), "good": pytest.approx(2 / 3)}
    assert [read["reader"] for read in record["inputs"]] == ["ada", "ben", "cyd"]


def test_the_minority_stands_beside_the_label(story):
    row = story.freeze()
    dissent = record_of(row, "case-1", "quality")["dissent"]
    assert [(one["reader"], one["says"], one["label"]["code"]) for one in dissent] == [("cyd", "other", "=poor")]
    present = record_of(row, "case-5", "lesion")["dissent"]
    assert [(one["reader"], one["says"]) for one in present] == [("cyd", "present")]
    outlines = record_of(row, "case-1", "lesion")["dissent"]
    assert {(one["says"], one["n_voxels"]) for one in outlines} == {("outline", 81)}
    assert "label" not in outlines[0]


def test_a_decision_is_released_under_a_pseudonym_with_its_reasons(story):
    letter = story.letter("case-3", "grade", "cyd")
    signed = story.settle("case-3", "grade", decision="reader", letter=letter)
    story.work()
    row = story.released()
    record = record_of(row, "case-3", "grade")
    assert record["label"] == {"kind": "grade", "level": "5"}
    assert record["provenance"]["adjudicator"] == "adjudicator-1"
    assert record["provenance"]["signature"] == signed.digest
    assert record["provenance"]["rationale"] == "The margin is plain on slice 2."
    assert record["provenance"]["source"]["reader"] == "cyd"
    assert [(one["reader"], one["label"]["level"]) for one in record["dissent"]] == [("ada", "1"), ("ben", "1")]
    for name, content in release.package_files(row).items():
        if name in {"manifest.sig", "key.pub"} or name.endswith(".zip"):
            # Random letters, in which two of a short name meet now and then.
            continue
        assert b"Chen" not in content, name
        assert b"Wu" not in content, name
        assert b"physician" not in content.replace(b"by a physician", b""), name


def test_a_case_that_the_physician_cannot_assess_is_excluded_with_the_signature(story):
    story.settle("case-6", "lesion", decision="exclude")
    story.work()
    record = record_of(story.freeze(), "case-6", "lesion")
    assert (record["disposition"], record["reason"], record["label"]) == ("excluded", "cannot be assessed", None)
    assert record["provenance"]["decision"] == "exclude"


def test_the_same_content_is_the_same_release(story):
    first = story.freeze()
    with pytest.raises(SameContent) as refusal:
        story.freeze(note="again")
    assert refusal.value.detail == "Same content as release 1."
    assert refusal.value.data == {"release": 1, "digest": first.digest}
    assert GoldRelease.objects.count() == 1


def test_the_next_release_names_its_parent_and_the_cause_of_each_change(story):
    first = story.released()
    story.settle("case-3", "grade", decision="own", value={"kind": "grade", "level": "2"})
    story.settle("case-6", "lesion", decision="nothing")
    story.work()
    second = story.released()
    assert (second.number, second.parent) == (2, first)
    found = comparing.diff_releases(first, second)
    changes = {(one.case, one.question): (one.what, one.cause) for one in found.changes}
    assert changes == {
        ("case-3", "grade"): ("label", "adjudication"),
        ("case-6", "lesion"): ("label", "adjudication"),
        ("case-6", "grade"): ("disposition", "finding"),
    }
    assert found.n_same == 25
    assert found.bump == "minor"
    assert comparing.diff_releases(second, second).changes == ()
    assert "diff.json" in set(second.files.values_list("name", flat=True))


def test_an_exclusion_after_a_release_takes_the_label_away_and_is_named(story):
    first = story.freeze()
    intake.exclude_case(actor=story.lead, case=story.case("case-1"), reason="consent withdrawn")
    story.work()
    found = comparing.diff_releases(first, story.freeze())
    assert {(one.case, one.what, one.cause) for one in found.changes} == {("case-1", "label", "exclusion")}
    assert found.bump == "major"


def test_open_cells_forbid_only_a_complete_release(story):
    with pytest.raises(NotReleasable) as refusal:
        story.freeze(require_complete=True)
    assert [error["code"] for error in refusal.value.errors] == ["cells-open"]
    assert story.freeze().number == 1


def test_work_that_waits_forbids_a_release(story):
    due.mark(story.case("case-1"))
    with pytest.raises(NotReleasable) as refusal:
        story.freeze()
    assert [error["code"] for error in refusal.value.errors] == ["cases-due"]


def test_statistics_of_other_reads_forbid_a_release(story):
    intake.exclude_case(actor=story.lead, case=story.case("case-1"), reason="duplicate")
    Case.objects.update(due_at=None)
    with pytest.raises(NotReleasable) as refusal:
        story.freeze()
    assert [error["code"] for error in refusal.value.errors] == ["statistics-stale"]


def test_an_import_that_runs_forbids_a_release(story):
    ImportBatch.objects.create(
        project=story.project, importer="csv_table", file_name="reads.csv", digest="0" * 64, path="none",
        received_by=story.lead, received_at=story.project.created_at,
    )  # fmt: skip
    assert [reason["code"] for reason in preflight.draft_preflight(story.project).blockers] == ["imports-running"]


def test_an_empty_project_has_nothing_to_release(story):
    other = intake.open_project(actor=story.lead, new=intake.NewProject("other", "Other"))
    with pytest.raises(NotReleasable) as refusal:
        release.freeze_release(actor=story.lead, project=other)
    assert [error["code"] for error in refusal.value.errors] == ["nothing-to-release"]


def test_only_the_lead_releases_and_the_password_is_hers(story):
    with pytest.raises(Forbidden):
        release.freeze_release(actor=story.physician, project=story.project)
    stranger = type(story.lead).objects.create_user("oz")
    with pytest.raises(NotFound):
        release.freeze_release(actor=stranger, project=story.project)
    with pytest.raises(WrongPassword):
        story.freeze(password="not hers")
    assert story.freeze(password=PASSWORD).frozen_by == story.lead


def test_a_project_that_changes_all_the_time_is_not_frozen_half_way(story, monkeypatch):
    moments = iter(range(100))
    monkeypatch.setattr(release, "state_of", lambda project: next(moments))
    with pytest.raises(BusyProject):
        story.freeze()
    assert not GoldRelease.objects.exists()


def test_the_package_is_the_same_bytes_each_time_and_stored_under_its_digests(story):
    row = story.freeze()
    with pytest.raises(PackageNotReady):
        release.package_zip(row)
    first = release.package_files(row)
    assert first == release.package_files(row)
    story.build(row)
    stored = {file.name: file for file in row.files.all()}
    assert stored.keys() == first.keys()
    for name, file in stored.items():
        assert release.stored_bytes(file.path) == first[name]
        assert (file.size, default_storage.size(file.path)) == (len(first[name]),) * 2
        assert file.path.endswith(file.digest)


def test_a_package_is_built_once(story):
    row = story.released()
    built = list(row.files.values_list("pk", "digest"))
    due.mark(row)
    story.build(row)
    assert list(row.files.values_list("pk", "digest")) == built
    assert AuditEvent.objects.filter(action="release.built").count() == 1


def test_the_archive_holds_every_other_file(story, tmp_path):
    row = story.released()
    path = story.package(row, tmp_path)
    assert path.name == "lesions-release-1.zip"
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None
    assert set(names) == set(ReleaseFile.objects.values_list("name", flat=True)) - {path.name}
    assert set(names) >= {
        "manifest.json", "manifest.sig", "key.pub", "gold.csv", "gold.jsonl", "reads.jsonl", "adjudications.jsonl",
        "cases.csv", "ledger.csv", "protocol.json", "schema.json", "stats.json", "datasheet.md",
    }  # fmt: skip


def test_the_files_come_from_the_frozen_rows_alone(story):
    row = story.freeze()
    before = release.package_files(row)
    story.read("case-9", "ada", outlines=[SQUARE])
    story.project.name = "Another name"
    story.project.save()
    assert release.package_files(GoldRelease.objects.get(pk=row.pk)) == before
