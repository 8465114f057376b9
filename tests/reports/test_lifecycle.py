"""A release after it is frozen: versions, signatures of two persons, notices, deliveries, splits, exposure."""

import json

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from annotations import intake
from annotations.errors import Forbidden, InvalidInput
from annotations.models import Image
from qc import evaluation
from qc.errors import WrongPassword
from reports import lifecycle, release
from reports.errors import AlreadySigned, LeakySplit, NotSigned, PackageNotReady
from reports.models import Delivery, GoldRelease, ReleaseNotice, ReleaseSignature
from reports.splits import dealt
from reports.verification.verify import verify_package
from tests.factories import EFFUSION, PASSWORD, code, document, person, read, study, work
from tests.personas import ADA, BEN, CODES
from tests.reports.verification.archives import changed, forged, packed, unpacked

TWO = {**document([EFFUSION]), "signatures": 2}


def project_of(cast, protocol=None, n_cases=3):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, n_cases=n_cases)
    if protocol is not None:
        evaluation.adopt_protocol(actor=cast.mira, project=project, document=protocol)
    intake.set_role(actor=cast.mira, project=project, user=cast.vera, role="vendor")
    agree(cast, project, "case-1")
    return project


def agree(cast, project, case, says="yes"):
    for user in (cast.ada, cast.ben):
        read(project, user, case, effusion=code(says))
    work()


def frozen(cast, project, **options):
    made = release.freeze_release(actor=cast.mira, project=project, **options)
    work()
    made.refresh_from_db()
    return made


def package(made, path):
    with release.package_zip(made) as stream:
        path.write_bytes(stream.read())
    return path


@pytest.mark.django_db
class TestVersion:
    def test_the_first_is_one_and_a_label_more_is_a_minor_change(self, cast):
        project = project_of(cast)
        assert frozen(cast, project).version == "1.0.0"
        agree(cast, project, "case-2")
        assert frozen(cast, project).version == "1.1.0"

    def test_a_label_that_goes_is_a_major_change(self, cast):
        project = project_of(cast)
        frozen(cast, project)
        intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-1"), reason="duplicate")
        agree(cast, project, "case-2")
        assert frozen(cast, project).version == "2.0.0"

    def test_a_person_may_raise_it_and_never_lower_it(self, cast):
        project = project_of(cast)
        frozen(cast, project)
        agree(cast, project, "case-2")
        assert frozen(cast, project, extra=release.Extra(raise_to="major")).version == "2.0.0"
        intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-1"), reason="duplicate")
        agree(cast, project, "case-3")
        assert frozen(cast, project, extra=release.Extra(raise_to="patch")).version == "3.0.0"


@pytest.mark.django_db
class TestSignatures:
    def test_nothing_is_made_or_handed_out_before_another_person_signed(self, cast, tmp_path):
        made = frozen(cast, project_of(cast, TWO))
        assert not made.files.exists()
        assert not lifecycle.is_signed(made)
        with pytest.raises(PackageNotReady):
            release.package_zip(made)
        with pytest.raises(NotSigned):
            lifecycle.hand_out(receiver=cast.vera, release=made, file="gold.csv")
        with pytest.raises(AlreadySigned):
            lifecycle.sign_release(actor=cast.mira, release=made, password=PASSWORD)
        with pytest.raises(WrongPassword):
            lifecycle.sign_release(actor=cast.vera, release=made, password="guess")
        lifecycle.sign_release(actor=cast.vera, release=made, password=PASSWORD)
        work()
        path = package(made, tmp_path / "package.zip")
        report = verify_package(path)
        assert report.is_equal, report.lines()
        manifest = json.loads(unpacked(path)["manifest.json"])
        assert [one["meaning"] for one in manifest["signatures"]] == [lifecycle.FROZE, lifecycle.APPROVED]
        assert manifest["version"] == "1.0.0"
        with pytest.raises(AlreadySigned):
            lifecycle.sign_release(actor=cast.vera, release=made, password=PASSWORD)

    def test_one_signature_suffices_where_the_protocol_asks_for_no_more(self, cast):
        made = frozen(cast, project_of(cast))
        assert lifecycle.is_signed(made)
        assert made.files.exists()

    def test_who_reads_cannot_sign(self, cast):
        made = frozen(cast, project_of(cast, TWO))
        with pytest.raises(Forbidden):
            lifecycle.sign_release(actor=cast.ada, release=made, password=PASSWORD)

    def test_the_page_signs(self, cast):
        made = frozen(cast, project_of(cast, TWO))
        client, address = cast.client("vera"), reverse("release", args=["study", made.number])
        assert "not handed out before another person has signed" in client.get(address).content.decode()
        assert "password is wrong" in client.post(address, {"password": "guess"}).content.decode().lower()
        assert client.post(address, {"password": PASSWORD}).status_code == 302
        work()
        assert "Download package" in client.get(address).content.decode()


@pytest.mark.django_db
class TestNotices:
    def test_an_erratum_names_labels_and_the_release_stays_as_it_is(self, cast, tmp_path):
        made = frozen(cast, project_of(cast))
        before = package(made, tmp_path / "package.zip").read_bytes()
        with pytest.raises(InvalidInput) as refusal:
            give(cast, made, units=[["case-9", "effusion"]])
        assert refusal.value.errors[0] == {
            "pointer": "#/units/0",
            "code": "unknown-unit",
            "detail": "The release holds no such unit.",
        }
        give(cast, made, units=[["case-1", "effusion"]])
        assert package(made, tmp_path / "package.zip").read_bytes() == before
        page = cast.client("vera").get(reverse("release", args=["study", 1])).content.decode()
        assert "Case 1 was mixed up." in page
        assert "has an erratum" in cast.client("vera").get(reverse("releases", args=["study"])).content.decode()

    def test_a_withdrawn_release_is_told_by_verify(self, cast, tmp_path):
        made = frozen(cast, project_of(cast))
        path = package(made, tmp_path / "package.zip")
        give(cast, made, kind="withdrawal")
        answer = cast.client("vera").get(reverse("api-notices", args=["study", 1]))
        report = verify_package(path, notices=answer.content)
        (item,) = [one for one in report.items if one.name == "notices"]
        assert item.outcome == "differs"
        assert item.detail.endswith("the release is withdrawn")
        assert item.differences == ("withdrawal 1: Case 1 was mixed up.",)
        assert verify_package(path).is_equal

    def test_forged_notices_are_named(self, cast, tmp_path):
        made = frozen(cast, project_of(cast))
        path = package(made, tmp_path / "package.zip")
        body = {**lifecycle.notices_file(made), "notices": [{"number": 1, "kind": "withdrawal", "text": "Buy ours."}]}
        report = verify_package(path, notices=json.dumps(body).encode())
        (item,) = [one for one in report.items if one.name == "notices"]
        assert "not signed" in item.detail

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"signature": "zz"}'])
    def test_what_are_no_notices_is_said(self, cast, tmp_path, body):
        path = package(frozen(cast, project_of(cast)), tmp_path / "package.zip")
        (item,) = [one for one in verify_package(path, notices=body).items if one.name == "notices"]
        assert item.outcome not in ("reproduced",)


def give(cast, made, kind="erratum", units=()):
    return lifecycle.give_notice(
        actor=cast.mira, release=made, kind=kind, text="Case 1 was mixed up.", units=units, password=PASSWORD
    )


@pytest.mark.django_db
def test_whoever_is_handed_a_file_stands_in_the_register(cast):
    made = frozen(cast, project_of(cast))
    vendor = cast.client("vera")
    answer = vendor.get(reverse("release-package", args=["study", 1]))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)
    assert vendor.get(reverse("api-format", args=["study", 1, "csv_wide"])).status_code == 200
    files = [row.file for row in Delivery.objects.order_by("pk")]
    assert files == ["study-release-1.zip", "study-release-1-csv-wide.csv"]
    items = cast.client("mira").get(reverse("api-deliveries", args=["study", made.number])).json()["items"]
    assert {one["name"] for one in items} == {cast.vera.get_full_name()}


@pytest.mark.django_db
@pytest.mark.parametrize("model", [ReleaseSignature, Delivery, ReleaseNotice])
def test_what_was_signed_said_and_handed_out_is_never_changed(cast, model):
    made = frozen(cast, project_of(cast))
    give(cast, made)
    lifecycle.hand_out(receiver=cast.vera, release=made, file="gold.csv")
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(release=made)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()


SHARES = {"shares": {"train": 0.6, "validation": 0.2, "test": 0.2}}


class TestSplits:
    def test_shares_are_filled_as_evenly_as_they_can_be(self):
        found = dealt([f"p{n}" for n in range(50)], SHARES["shares"], "1", {})
        counts = {name: list(found.values()).count(name) for name in SHARES["shares"]}
        assert counts == {"train": 30, "validation": 10, "test": 10}
        # The order in which patients are given has no effect.
        assert dealt([f"p{n}" for n in reversed(range(50))], SHARES["shares"], "1", {}) == found
        assert dealt([f"p{n}" for n in range(50)], SHARES["shares"], "2", {}) != found

    @pytest.mark.django_db
    def test_a_later_release_keeps_the_split_of_every_patient(self, cast, tmp_path):
        project = project_of(cast, n_cases=12)
        made = frozen(cast, project, extra=release.Extra(splits=SHARES))
        first = dict(made.facts["splits"]["subjects"])
        assert set(first) == {f"subject-{n}" for n in range(1, 13)}
        path = package(made, tmp_path / "package.zip")
        assert verify_package(path).is_equal
        new = [intake.NewCase(f"late-{n}", f"late-{n}", {}, (4, 16, 16), None, ("", ""), None) for n in range(5)]
        intake.register_cases(actor=cast.mira, project=project, cases=new)
        agree(cast, project, "case-2")
        second = frozen(cast, project).facts["splits"]["subjects"]
        assert {name: second[name] for name in first} == first
        assert len(second) == 17

    @pytest.mark.django_db
    def test_equal_images_on_both_sides_stop_the_release(self, cast):
        project = project_of(cast, n_cases=12)
        Image.objects.filter(case__project=project).update(digest="d" * 64)
        with pytest.raises(LeakySplit) as refusal:
            release.freeze_release(actor=cast.mira, project=project, extra=release.Extra(splits=SHARES))
        assert "have the same image" in refusal.value.errors[0]["detail"]

    @pytest.mark.django_db
    def test_a_patient_moved_to_another_split_is_named(self, cast, tmp_path):
        project = project_of(cast, n_cases=12)
        path = package(frozen(cast, project, extra=release.Extra(splits=SHARES)), tmp_path / "package.zip")
        files = unpacked(path)
        rows = files["splits.csv"].decode().splitlines(keepends=True)
        forged_path = packed(forged({**files, "splits.csv": "".join(rows[:-1]).encode()}), tmp_path / "forged.zip")
        (item,) = [one for one in verify_package(forged_path).items if one.name == "splits"]
        assert "has no split" in item.differences[0]

    @pytest.mark.django_db
    @pytest.mark.parametrize("shares", [{"train": 0.5}, {"train": 0.5, "dev": 0.5}, {"train": "x"}, {}])
    def test_shares_that_do_not_add_up_are_refused(self, cast, shares):
        project_of(cast)
        answer = cast.client("mira").post(
            reverse("api-releases", args=["study"]), {"splits": {"shares": shares}}, format="json"
        )
        assert answer.status_code == 422
        assert not GoldRelease.objects.exists()


@pytest.mark.django_db
def test_who_saw_what_is_in_the_package_and_a_look_aside_is_named(cast, tmp_path):
    project = project_of(cast)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    read(project, cast.ada, "case-2", effusion=code("yes"))
    read(project, cast.ben, "case-2", effusion=code("no"))
    work()
    client = cast.client("chen")
    dispute = project.disputes.get()
    client.get(reverse("dispute", args=["study", dispute.public_id]))
    dispute.refresh_from_db()
    body = {
        "decision": "own", "value": code("yes"), "rationale": "Plain.", "cause": "oversight", "confidence": "high",
        "password": PASSWORD, "fence": dispute.fence,
        "shown_digest": client.get(reverse("api-dispute", args=["study", dispute.public_id])).json()["shown_digest"],
    }  # fmt: skip
    answer = client.post(reverse("api-decision", args=["study", dispute.public_id]), body, format="json")
    assert answer.status_code == 201, answer.content
    work()
    path = package(frozen(cast, project), tmp_path / "package.zip")
    assert verify_package(path).is_equal
    files = unpacked(path)
    lines = [json.loads(line) for line in files["exposure.jsonl"].decode().splitlines()]
    assert {(one["viewer"], one["case"], one["stage"]) for one in lines} == {
        ("adjudicator-1", "case-2", "adjudication")
    }
    assert json.loads(files["audit-head.json"])["number"] > 0
    assert person("nobody-else").pk

    def change(line):
        line["stage"] = "report"

    report = verify_package(packed(forged(changed(files, "exposure.jsonl", change)), tmp_path / "forged.zip"))
    (item,) = [one for one in report.items if one.name == "blinding"]
    assert "saw an answer outside the queue" in item.differences[0]
