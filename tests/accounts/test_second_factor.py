import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts import second_factor
from accounts.errors import CodesLocked, SecondFactorNeeded, WrongCode
from accounts.models import AccountEvent, RecoveryCode, SecondFactor
from accounts.proving import proves, signing_code
from accounts.sealing import seal, unseal
from annotations import intake
from annotations.errors import Forbidden
from tests.accounts.devices import digits, equip
from tests.factories import PASSWORD, study

pytestmark = pytest.mark.django_db
EVERYBODY = {"mira", "ada", "chen", "vera", "root", "oz"}


def sign_in(client, username, then=""):
    return client.post(reverse("sign-in"), {"username": username, "password": PASSWORD, "next": then})


def second(client, code):
    return client.post(reverse("second-step"), {"code": code})


def test_setting_up_shows_a_picture_then_the_recovery_codes_once(client, cast):
    client.force_login(cast.ada)
    page = client.get(reverse("second-factor")).content.decode()
    assert "<svg" in page and "style=" not in page
    assert second_factor.typed_secret(cast.ada.second_factor) in page
    assert client.get(reverse("second-factor")).context["secret"] in page, "a reload keeps the secret"
    wrong = client.post(reverse("second-factor"), {"code": "000000"})
    assert "Is its clock right?" in wrong.content.decode()
    codes = client.post(reverse("second-factor"), {"code": digits(cast.ada)}).context["codes"]
    assert len(set(codes)) == second_factor.N_CODES
    assert client.get(reverse("second-factor")).url == reverse("account")
    account = client.get(reverse("account")).content.decode()
    assert "10 recovery codes left" in account and codes[0] not in account


def test_nothing_that_opens_an_account_lies_readable_in_the_database(cast):
    codes = equip(cast.ada)
    row = SecondFactor.objects.get()
    assert unseal(row.secret) not in row.secret
    assert not RecoveryCode.objects.filter(digest__in=[*codes, *(code.replace("-", "") for code in codes)]).exists()


def test_the_password_alone_no_longer_opens(client, cast):
    equip(cast.ada)
    answer = sign_in(client, "ada", reverse("projects"))
    assert answer.url == reverse("second-step")
    assert client.get(reverse("projects")).status_code == 302
    assert "no unused recovery code" in second(client, "123").content.decode()
    assert second(client, digits(cast.ada)).url == reverse("projects")
    assert client.get(reverse("projects")).status_code == 200


def test_digits_are_good_once_and_a_recovery_code_too(client, cast):
    first, *_ = equip(cast.ada)
    now = digits(cast.ada)
    second_factor.check(cast.ada, f"{now[:3]} {now[3:]}")
    with pytest.raises(WrongCode):
        second_factor.check(cast.ada, now)
    second_factor.check(cast.ada, first.upper())
    with pytest.raises(WrongCode):
        second_factor.check(cast.ada, first)
    assert AccountEvent.objects.filter(user=cast.ada, action="recovery_code.used").count() == 1


@pytest.mark.parametrize("steps", [-20, -2, 2, 20])
def test_digits_of_another_time_are_none(cast, steps):
    equip(cast.ada)
    with pytest.raises(WrongCode):
        second_factor.check(cast.ada, digits(cast.ada, steps))


@pytest.mark.parametrize("code", ["", " ", "000000x", "１２３４５６", "-1", "9" * 40])
def test_what_is_no_code_is_refused(cast, code):
    equip(cast.ada)
    with pytest.raises(WrongCode):
        second_factor.check(cast.ada, code)


def test_five_wrong_codes_close_the_step_even_for_the_right_one(client, cast):
    equip(cast.ada)
    sign_in(client, "ada")
    for _ in range(5):
        second(client, "000000")
    assert "fifteen minutes" in second(client, digits(cast.ada)).content.decode()
    with pytest.raises(CodesLocked):
        second_factor.check(cast.ada, digits(cast.ada))


def test_another_ones_digits_and_codes_open_nothing(cast):
    codes = equip(cast.ada)
    equip(cast.ben)
    for code in (codes[0], digits(cast.ada)):
        with pytest.raises(WrongCode):
            second_factor.check(cast.ben, code)


def test_who_waits_for_the_second_step_starts_anew_after_a_change_of_password(client, cast):
    equip(cast.ada)
    assert client.get(reverse("second-step")).url == reverse("sign-in")
    sign_in(client, "ada")
    cast.ada.set_password("another long one of theirs")
    cast.ada.save()
    assert second(client, digits(cast.ada)).url == reverse("sign-in")


def test_codes_are_renewed_and_the_factor_taken_away_with_digits_only(client, cast):
    old, *_ = equip(cast.ada)
    client.force_login(cast.ada)
    change = reverse("second-factor-change")
    client.post(change, {"do": "remove", "code": "000000"})
    assert second_factor.in_force(cast.ada)
    new = client.post(change, {"do": "renew", "code": digits(cast.ada)}).context["codes"]
    assert old not in new
    assert client.post(change, {"do": "remove", "code": old}).url == reverse("account")
    assert second_factor.in_force(cast.ada)
    client.post(change, {"do": "remove", "code": new[0]})
    assert not second_factor.in_force(cast.ada) and not RecoveryCode.objects.exists()


def test_the_administrator_resets_a_lost_device_and_it_is_written_down_twice(client, cast):
    project = study(cast.mira, {"reader-aquila": cast.ada})
    intake.set_role(actor=cast.mira, project=project, user=cast.ada, role="annotator")
    equip(cast.ada)
    client.force_login(cast.root)
    assert "in force" in client.get(reverse("accounts")).content.decode()
    assert client.post(reverse("accounts"), {"username": "ada"}).url == reverse("accounts")
    assert not second_factor.in_force(cast.ada)
    event = AccountEvent.objects.filter(user=cast.ada).latest("pk")
    assert (event.action, event.actor) == ("second_factor.taken_away", cast.root)
    assert project.audit_events.latest("number").action == "second_factor.taken_away"


def test_a_reset_of_nobody_is_refused(client, cast):
    client.force_login(cast.root)
    for name in ("", "nobody", "root", "\0"):
        assert client.post(reverse("accounts"), {"username": name}).status_code == 404


def test_nobody_else_resets_anything(cast, capsys):
    equip(cast.ada)
    with pytest.raises(Forbidden):
        second_factor.take_away(actor=cast.mira, user=cast.ada)
    with pytest.raises(CommandError):
        call_command("second_factor", "reset", "ada", "--as", "mira")
    call_command("second_factor", "reset", "ada", "--as", "root", "--json")
    assert json.loads(capsys.readouterr().out) == {"reset": "ada"}


def test_events_of_an_account_are_append_only(cast):
    equip(cast.ada)
    for act in (
        lambda: AccountEvent.objects.update(action="nothing"),
        lambda: AccountEvent.objects.all()._raw_delete(using="default"),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("setting", "owing"),
    [
        ("off", set()),
        ("signers", {"mira", "chen", "vera", "root"}),
        ("all", {"mira", "ada", "chen", "vera", "root", "oz"}),
    ],
)
def test_of_whom_it_is_asked(cast, settings, setting, owing):
    project = study(cast.mira, {"reader-aquila": cast.ada})
    for name, role in (("chen", "adjudicator"), ("vera", "vendor")):
        intake.set_role(actor=cast.mira, project=project, user=cast.users[name], role=role)
    settings.SECOND_FACTOR = setting
    assert {name for name in EVERYBODY if second_factor.is_required(cast.users[name])} == owing


def test_who_owes_one_is_led_to_it_and_the_api_says_so(client, cast, settings):
    study(cast.mira, {})
    settings.SECOND_FACTOR = "signers"
    sign_in(client, "mira")
    assert client.get(reverse("overview", args=["study"])).url == reverse("second-factor")
    refused = client.get("/api/v1/projects")
    assert (refused.status_code, refused.json()["code"]) == (403, "second-factor-needed")
    client.get(reverse("second-factor"))
    client.post(reverse("second-factor"), {"code": digits(cast.mira)})
    assert client.get(reverse("overview", args=["study"])).status_code == 200
    assert client.get("/api/v1/projects").status_code == 200


def test_a_session_from_before_the_factor_ends(client, cast, settings):
    study(cast.mira, {})
    client.force_login(cast.mira)
    settings.SECOND_FACTOR = "signers"
    equip(cast.mira)
    assert client.get(reverse("overview", args=["study"])).url == reverse("sign-in")
    assert client.get(reverse("account")).status_code == 302


def test_a_signature_takes_password_and_digits_each_time(cast):
    assert proves(cast.ada, PASSWORD)
    first, *_ = equip(cast.ada)
    assert not proves(cast.ada, PASSWORD)
    assert not proves(cast.ada, f"wrong {digits(cast.ada)}")
    assert proves(cast.ada, f"{PASSWORD} {digits(cast.ada)}"), "a wrong password uses no digits up"
    assert not proves(cast.ada, f"{PASSWORD} {digits(cast.ada)}")
    assert proves(cast.ada, f"{PASSWORD} {first}")


def test_who_owes_a_factor_signs_nothing(cast, settings):
    settings.SECOND_FACTOR = "all"
    with pytest.raises(SecondFactorNeeded):
        proves(cast.ada, PASSWORD)


def test_who_has_no_password_here_signs_by_a_fresh_code_once(cast):
    cast.ada.set_unusable_password()
    cast.ada.save()
    assert not proves(cast.ada, "") and not proves(cast.ada, PASSWORD)
    old, code = signing_code(cast.ada), signing_code(cast.ada)
    assert not proves(cast.ada, old)
    assert not proves(cast.ben, code)
    assert proves(cast.ada, code) and not proves(cast.ada, code)


def test_a_secret_opens_with_the_key_that_sealed_it_only(settings):
    sealed = seal("a secret")
    assert unseal(sealed) == "a secret"
    settings.FIELD_KEY = "another key"
    with pytest.raises(ImproperlyConfigured):
        unseal(sealed)
