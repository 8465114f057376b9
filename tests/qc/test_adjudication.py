from datetime import timedelta

import pytest
from django.urls import reverse

from annotations import intake, locking, submission
from annotations.errors import Forbidden, InvalidInput, NotFound, PreconditionFailed
from annotations.models import Annotation, AuditEvent, Case, Exposure
from annotations.permissions import letters
from qc import adjudication
from qc.adjudication import NewDecision
from qc.errors import (
    DisputeClosed,
    DisputeTaken,
    LeaseLost,
    NotIndependent,
    SigningLocked,
    StaleView,
    TooManyHeld,
    WrongPassword,
)
from qc.models import Adjudication, Dispute, Draft
from qc.presentation import shown_digest
from qc.selectors import queue_for
from tests.factories import EFFUSION, LESION, PASSWORD, box_mask, code, person, read, study, work
from tests.personas import ADA, BEN, CODES


@pytest.fixture
def project(cast):
    return disputed(cast)


def disputed(cast, questions=(EFFUSION,), n_cases=4, slug="study"):
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}
    project = study(cast.mira, readers, questions=questions, n_cases=n_cases, slug=slug)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    mask = {"lesion": box_mask(0, 2, 2, 8, 2, 8)} if LESION in questions else {}
    other = {"lesion": box_mask(0, 2, 5, 11, 2, 8)} if LESION in questions else {}
    for number in range(1, n_cases + 1):
        read(project, cast.ada, f"case-{number}", effusion=code("yes"), **mask)
        read(project, cast.ben, f"case-{number}", effusion=code("no"), **other)
    work()
    return project


@pytest.fixture
def second(cast, project):
    """A second physician."""
    user = person("dora", full_name="Dora Nilsson")
    intake.set_role(actor=cast.mira, project=project, user=user, role="adjudicator")
    return user


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        shift = timedelta()

        def move(self, **span):
            self.shift += timedelta(**span)

    moved, real = Clock(), locking.now
    monkeypatch.setattr(locking, "now", lambda: real() + moved.shift)
    return moved


def claim(user, dispute):
    return adjudication.claim_dispute(actor=user, dispute=dispute)


def decision(dispute, **given):
    plain = {
        "decision": "own",
        "value": code("yes"),
        "rationale": "Fluid on both views.",
        "root_cause": "oversight",
        "confidence": "high",
        "password": PASSWORD,
        "shown_digest": shown_digest(dispute),
        "fence": dispute.fence,
    }
    return NewDecision(**{**plain, **given})


def sign(user, dispute, **given):
    return adjudication.resolve_dispute(actor=user, dispute=dispute, new=decision(dispute, **given))


class TestClaim:
    def test_holds_for_half_an_hour_and_raises_the_fence(self, cast, project):
        dispute = project.disputes.first()
        held = claim(cast.chen, dispute)
        assert held.held_by == cast.chen
        assert held.held_until - held.held_since == timedelta(minutes=30)
        assert held.fence == dispute.fence + 1

    def test_nobody_else_may_take_what_is_held(self, cast, project, second):
        dispute = project.disputes.first()
        claim(cast.chen, dispute)
        with pytest.raises(DisputeTaken):
            claim(second, dispute)
        assert dispute not in queue_for(second, project)
        assert dispute in queue_for(cast.chen, project)

    def test_is_extended_by_claiming_again_up_to_two_hours(self, cast, project, clock):
        held = claim(cast.chen, project.disputes.first())
        for _ in range(4):
            clock.move(minutes=25)
            again = claim(cast.chen, held)
        assert (again.held_since, again.fence) == (held.held_since, held.fence)
        assert again.held_until - again.held_since == timedelta(hours=2)
        clock.move(minutes=21)
        anew = claim(cast.chen, held)
        assert (anew.fence, anew.held_since > held.held_since) == (held.fence + 1, True)

    def test_a_hold_that_ended_goes_to_whoever_asks(self, cast, project, second, clock):
        dispute = project.disputes.first()
        first = claim(cast.chen, dispute)
        clock.move(minutes=31)
        taken = claim(second, dispute)
        assert (taken.held_by, taken.fence) == (second, first.fence + 1)
        with pytest.raises(LeaseLost):
            sign(cast.chen, first)
        assert not Adjudication.objects.exists()

    def test_no_more_than_three_at_a_time(self, cast, project):
        for dispute in project.disputes.order_by("pk")[:3]:
            claim(cast.chen, dispute)
        with pytest.raises(TooManyHeld):
            claim(cast.chen, project.disputes.latest("pk"))
        adjudication.release_dispute(actor=cast.chen, dispute=project.disputes.earliest("pk"), reason="Later.")
        assert claim(cast.chen, project.disputes.latest("pk"))

    def test_the_next_one_is_the_one_that_is_held_already(self, cast, project):
        first = adjudication.claim_next(actor=cast.chen, project=project)
        assert first == queue_for(cast.chen, project).first()
        assert adjudication.claim_next(actor=cast.chen, project=project) == first

    def test_what_was_passed_over_comes_last(self, cast, project):
        seen = []
        for _ in range(5):
            held = adjudication.claim_next(actor=cast.chen, project=project, passing=seen)
            seen.append(str(held.public_id))
            adjudication.release_dispute(actor=cast.chen, dispute=held)
        assert len(set(seen[:4])) == 4
        assert seen[4] in seen[:4]

    def test_nothing_waits_when_all_is_settled(self, cast, project):
        for dispute in project.disputes.all():
            sign(cast.chen, claim(cast.chen, dispute))
        assert adjudication.claim_next(actor=cast.chen, project=project) is None


class TestIndependence:
    def test_whoever_read_the_case_is_refused_at_every_door(self, cast, project):
        intake.set_role(actor=cast.mira, project=project, user=cast.ben, role="adjudicator")
        dispute = project.disputes.first()
        assert not queue_for(cast.ben, project).exists()
        assert adjudication.claim_next(actor=cast.ben, project=project) is None
        with pytest.raises(NotIndependent):
            claim(cast.ben, dispute)
        with pytest.raises(NotIndependent):
            adjudication.save_draft(actor=cast.ben, dispute=dispute, body={})
        Dispute.objects.filter(pk=dispute.pk).update(held_by=cast.ben, held_until=locking.now() + timedelta(hours=1))
        dispute.refresh_from_db()
        with pytest.raises(NotIndependent):
            sign(cast.ben, dispute)
        client = cast.client("ben")
        for name in ("api-dispute", "api-decision", "api-claim"):
            path = reverse(name, args=[project.slug, dispute.public_id])
            answer = (
                client.get(path)
                if name == "api-dispute"
                else client.post(
                    path, {"decision": "nothing", "password": PASSWORD, "shown_digest": "x", "fence": 0}, format="json"
                )
            )
            assert (answer.status_code, answer.json()["code"]) == (403, "not-independent"), name

    def test_whoever_saw_an_answer_elsewhere_is_refused(self, cast, project):
        dispute = project.disputes.first()
        row = Annotation.objects.filter(case=dispute.case).first()
        Exposure.objects.create(
            viewer=cast.chen, case=dispute.case, annotation=row, stage="report", shown_at=locking.now()
        )
        with pytest.raises(NotIndependent):
            claim(cast.chen, dispute)
        assert queue_for(cast.chen, project).count() == 3

    def test_seeing_the_reads_of_the_queue_itself_is_no_conflict_and_is_recorded_once(self, cast, project):
        held = claim(cast.chen, project.disputes.first())
        for _ in range(2):
            adjudication.record_exposure(actor=cast.chen, dispute=held)
        assert Exposure.objects.filter(viewer=cast.chen).count() == 2
        assert claim(cast.chen, held)

    def test_roles_without_the_right_are_refused(self, cast, project):
        for user in (cast.mira, cast.vera, cast.oz):
            with pytest.raises((Forbidden, NotFound)):
                claim(user, project.disputes.first())


class TestDecision:
    def test_closes_the_dispute_and_keeps_every_read(self, cast, project):
        dispute = claim(cast.chen, project.disputes.first())
        letter = adjudication.letters_of(dispute)[CODES[BEN]]
        row = sign(cast.chen, dispute, decision="reader", letter=letter, value=None)
        assert row.source.reader.code == CODES[BEN]
        assert (row.label, row.signed_name) == (code("no"), "Chen Weiming")
        dispute.refresh_from_db()
        assert (dispute.closed_at is not None, dispute.held_by) == (True, None)
        assert Annotation.objects.filter(case=dispute.case).count() == 2
        assert Case.objects.get(pk=dispute.case_id).due_at is not None
        assert AuditEvent.objects.filter(action="dispute.resolved").count() == 1
        again = adjudication.signature_digest(row, row.adjudicator)
        assert again == row.digest

    def test_only_one_decision_a_dispute(self, cast, project):
        dispute = claim(cast.chen, project.disputes.first())
        sign(cast.chen, dispute)
        with pytest.raises(DisputeClosed):
            sign(cast.chen, dispute)

    @pytest.mark.parametrize(
        ("given", "pointer"),
        [
            ({"decision": "reader", "letter": "Z", "value": None}, "#/letter"),
            ({"decision": "consensus", "value": None}, "#/decision"),
            ({"decision": "own", "value": code("perhaps")}, "#/value/code"),
            ({"decision": "own", "value": None}, "#/value/kind"),
            ({"decision": "coin"}, "#/decision"),
            ({"rationale": "  "}, "#/rationale"),
            ({"root_cause": "weather"}, "#/cause"),
            ({"confidence": "somewhat"}, "#/confidence"),
        ],
    )
    def test_an_incomplete_decision_is_refused_with_a_pointer(self, cast, project, given, pointer):
        dispute = claim(cast.chen, project.disputes.first())
        with pytest.raises(InvalidInput) as refusal:
            sign(cast.chen, dispute, **given)
        assert refusal.value.errors[0]["pointer"] == pointer
        assert not Adjudication.objects.exists()

    def test_another_view_or_an_old_fence_signs_nothing(self, cast, project, clock):
        dispute = claim(cast.chen, project.disputes.first())
        with pytest.raises(StaleView):
            sign(cast.chen, dispute, shown_digest="0" * 64)
        with pytest.raises(LeaseLost):
            sign(cast.chen, dispute, fence=dispute.fence - 1)
        clock.move(minutes=31)
        with pytest.raises(LeaseLost):
            sign(cast.chen, dispute)
        assert not Adjudication.objects.exists()

    def test_five_wrong_passwords_close_signing_for_a_while(self, cast, project):
        dispute = claim(cast.chen, project.disputes.first())
        for _ in range(5):
            with pytest.raises(WrongPassword):
                sign(cast.chen, dispute, password="a guess")
        with pytest.raises(SigningLocked):
            sign(cast.chen, dispute)
        assert not Adjudication.objects.exists()

    def test_a_region_of_ones_own_is_checked_against_the_grid(self, cast):
        project = disputed(cast, [EFFUSION, LESION], n_cases=1, slug="masks")
        dispute = claim(cast.chen, project.disputes.get(question__code="lesion"))
        with pytest.raises(InvalidInput) as refusal:
            sign(cast.chen, dispute, value=box_mask(0, 1, 0, 2, 0, 2, (2, 8, 8)))
        assert refusal.value.errors[0]["pointer"] == "#/value/shape"
        row = sign(cast.chen, dispute, value=box_mask(0, 1, 0, 2, 0, 2))
        assert row.label == box_mask(0, 1, 0, 2, 0, 2)


class TestDraft:
    def test_outlives_the_hold_and_goes_with_the_decision(self, cast, project, clock):
        dispute = claim(cast.chen, project.disputes.first())
        adjudication.save_draft(actor=cast.chen, dispute=dispute, body={"rationale": "half"})
        clock.move(minutes=40)
        assert Draft.objects.get().body == {"rationale": "half"}
        sign(cast.chen, claim(cast.chen, dispute))
        assert not Draft.objects.exists()

    def test_an_older_window_does_not_overwrite_a_newer_one(self, cast, project):
        dispute = claim(cast.chen, project.disputes.first())
        client, path = cast.client("chen"), reverse("api-draft", args=[project.slug, dispute.public_id])

        def save(text, etag):
            return client.put(path, {"rationale": text}, format="json", headers={"If-Match": etag})

        assert client.put(path, {}, format="json").status_code == 428
        first = save("a", '"0"')
        assert (first.status_code, first["ETag"]) == (200, '"1"')
        assert save("b", first["ETag"])["ETag"] == '"2"'
        assert save("c", '"1"').status_code == 412
        assert save("d", "nonsense").status_code == 412
        shown = client.get(reverse("api-dispute", args=[project.slug, dispute.public_id]))
        assert shown.json()["draft"] == {"rationale": "b"}
        assert shown["ETag"] == '"2"'

    def test_the_password_is_never_kept(self, cast, project):
        dispute = claim(cast.chen, project.disputes.first())
        client, path = cast.client("chen"), reverse("api-draft", args=[project.slug, dispute.public_id])
        client.put(path, {"fence": dispute.fence, "password": PASSWORD, "rationale": "a"}, format="json")
        assert Draft.objects.get().body == {"rationale": "a"}

    def test_expectation_is_checked_by_the_verb(self, cast, project):
        dispute = project.disputes.first()
        with pytest.raises(PreconditionFailed):
            adjudication.save_draft(actor=cast.chen, dispute=dispute, body={}, expected=3)


def test_a_given_back_dispute_is_free_again(cast, project, second):
    dispute = claim(cast.chen, project.disputes.first())
    adjudication.release_dispute(actor=cast.chen, dispute=dispute, reason="Not my field.")
    assert claim(second, dispute).held_by == second
    with pytest.raises(LeaseLost):
        adjudication.release_dispute(actor=cast.chen, dispute=dispute)


def test_a_reopened_unit_gets_a_new_round_with_new_letters(cast, project):
    dispute = claim(cast.chen, project.disputes.get(case__key="case-1"))
    sign(cast.chen, dispute)
    row = Annotation.objects.get(case__key="case-1", reader__user=cast.ben)
    submission.withdraw_annotation(actor=cast.mira, annotation=row, reason="Wrong knee.")
    work()
    again = Dispute.objects.get(case__key="case-1", closed_at__isnull=True)
    assert again.round == 2
    assert adjudication.letters_of(again) == letters(project, again.case, 2, CODES.values())
    assert Adjudication.objects.get().dispute == dispute


class TestCombining:
    @pytest.fixture
    def dispute(self, cast):
        project = disputed(cast, questions=(EFFUSION, LESION), n_cases=1, slug="regions")
        return Dispute.objects.get(project=project, question__code="lesion")

    @pytest.mark.parametrize(("way", "box"), [("union", (0, 2, 2, 11, 2, 8)), ("intersection", (0, 2, 5, 8, 2, 8))])
    def test_a_region_of_all_is_made_by_the_server_and_signed_as_such(self, cast, dispute, way, box):
        claim(cast.chen, dispute)
        dispute.refresh_from_db()
        made = sign(cast.chen, dispute, decision=way, value=None)
        assert (made.decision, made.source) == (way, None)
        assert made.label == Dispute.objects.get(pk=dispute.pk).adjudication.label == box_mask(*box)

    def test_answers_that_are_no_regions_cannot_be_combined(self, cast, project):
        dispute = Dispute.objects.filter(project=project).first()
        claim(cast.chen, dispute)
        dispute.refresh_from_db()
        with pytest.raises(InvalidInput) as refusal:
            sign(cast.chen, dispute, decision="union", value=None)
        assert refusal.value.errors[0]["code"] == "nothing-combined"

    def test_the_page_draws_what_the_signature_will_hold(self, cast, dispute):
        claim(cast.chen, dispute)
        page = cast.client("chen").get(reverse("dispute", args=[dispute.project.slug, dispute.public_id]))
        view = page.context["view"]
        assert [one["decision"] for one in view.combined] == ["union", "intersection"]
        form = view.case_data["combined"]["intersection"]
        assert form["box"] == [0, 2, 5, 8, 2, 8]
        bits = cast.client("chen").get(form["url"])
        assert (bits.status_code, bin(int.from_bytes(bits.content)).count("1")) == (200, 2 * 3 * 6)
