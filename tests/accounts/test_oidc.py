import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from joserfc import jwt
from joserfc.jwk import OctKey

from accounts import oidc
from accounts.models import AccountEvent, ForeignName
from accounts.proving import proves
from annotations import locking
from annotations.models import Membership
from tests.accounts.devices import digits, equip
from tests.accounts.service import CLIENT, SECRET, ec_key, running
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
NONE = {"alg": "none", "typ": "JWT"}
VOUCHED = {"email": "ada@clinic.example", "email_verified": True, "name": "Ada Okafor"}


@pytest.fixture(scope="module")
def one_service():
    with running() as made:
        yield made


@pytest.fixture
def service(one_service, settings, cast):
    key, published = one_service.key, one_service.published
    one_service.now = int(locking.now().timestamp())
    one_service.asked.clear()
    settings.OIDC = {
        "issuer": one_service.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "name": "the clinic",
        "opens_accounts": False,
    }
    cast.ada.email = "Ada@Clinic.example"
    cast.ada.save()
    yield one_service
    one_service.key, one_service.published = key, published
    one_service.discovery, one_service.algorithm = {}, "RS256"


def go(client, name="oidc-begin", then=""):
    return client.get(reverse(name), {"next": then} if then else {})["Location"]


def come_back(client, query):
    return client.get(reverse("oidc-back"), query)


def sign_in(client, service, then="", **claims):
    return come_back(client, service.issue(go(client, then=then), **{**VOUCHED, **claims}))


def who(client):
    answer = client.get(reverse("account"))
    return answer.wsgi_request.user.username if answer.status_code == 200 else ""


def code_of(answer):
    return answer.context["code"] if answer.status_code != 302 else ""


def test_the_way_there_holds_state_nonce_and_challenge_and_the_door_shows_it(client, service):
    assert "Sign in by the clinic" in client.get(reverse("sign-in")).content.decode()
    asked = parse_qs(urlsplit(go(client)).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert asked["client_id"] == [CLIENT] and asked["redirect_uri"] == ["http://testserver/sign-in/service/back"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys() and "prompt" not in asked


def test_a_verified_address_opens_the_account_and_the_subject_does_from_then_on(client, service):
    assert sign_in(client, service, then=reverse("account")).url == reverse("account")
    assert who(client) == "ada"
    assert ForeignName.objects.get().subject == "subject-1"
    assert AccountEvent.objects.get().action == "foreign_name.linked"
    again = Client()
    sign_in(again, service, email="married@clinic.example", email_verified=None)
    assert who(again) == "ada"
    assert not Membership.objects.exists()


def test_the_way_back_leads_nowhere_else(client, service):
    assert sign_in(client, service, then="https://elsewhere.example/").url == reverse("projects")


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://elsewhere.example"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"azp": "somebody-else"},
        {"exp": 1_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 256},
        {"sub": "a\0b"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(client, service, claims):
    answer = sign_in(client, service, **claims)
    assert (answer.status_code, code_of(answer)) == (403, "sign-in-service-refused")
    assert not who(client) and not ForeignName.objects.exists()


@pytest.mark.parametrize("state", ["", "another", "äö", None])
def test_a_wrong_state_is_refused_and_uses_the_question_up(client, service, state):
    query = service.issue(go(client), **VOUCHED)
    changed = {**query, "state": state} if state is not None else {"code": query["code"]}
    assert come_back(client, changed).status_code == 403
    assert come_back(client, query).status_code == 403
    assert not who(client)


def test_an_answer_is_for_the_browser_that_asked_and_for_once(client, service):
    query = service.issue(go(client), **VOUCHED)
    assert come_back(Client(), query).status_code == 403
    assert come_back(client, query).status_code == 302
    client.post(reverse("sign-out"))
    assert come_back(client, query).status_code == 403


def test_a_code_from_another_browser_does_not_fit_the_verifier(client, service):
    theirs = service.issue(go(Client()), **VOUCHED)
    mine = service.issue(go(client), **VOUCHED)
    assert come_back(client, {**mine, "code": theirs["code"]}).status_code == 403
    assert not who(client)


def test_a_refusal_of_the_service_is_one_of_ours(client, service):
    query = service.issue(go(client), **VOUCHED)
    answer = come_back(client, {"error": "access_denied", "state": query["state"]})
    assert code_of(answer) == "sign-in-service-refused"


def test_new_keys_are_fetched_once_and_foreign_ones_refused(client, service):
    sign_in(client, service)
    client.post(reverse("sign-out"))
    service.renew_key()
    assert sign_in(client, service).status_code == 302
    assert service.asked.count("/keys") == 2
    client.post(reverse("sign-out"))
    known = service.published
    service.renew_key()
    service.published = known
    assert sign_in(client, service).status_code == 403
    assert service.asked.count("/keys") == 2, "nobody makes us ask without end"


def test_an_elliptic_key_is_taken(client, service):
    service.renew_key(ec_key())
    service.algorithm = "ES256"
    assert sign_in(client, service).status_code == 302


def test_a_token_signed_by_the_client_secret_or_by_nobody_is_refused(client, service):
    address = go(client)
    nonce = parse_qs(urlsplit(address).query)["nonce"][0]
    asked = oidc.Asked("state", nonce, "verifier", "", is_fresh=False)
    claims = {
        "iss": service.issuer,
        "aud": CLIENT,
        "sub": "s",
        "nonce": nonce,
        "iat": service.now,
        "exp": service.now + 9,
    }
    by_secret = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"])
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (NONE, claims))
    for token in (by_secret, f"{head}.{body}.", "no.token.at-all", ""):
        with pytest.raises(oidc.ServiceRefused):
            oidc.checked_claims(token, asked)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_a_service_that_names_unsafe_addresses_is_not_used(client, service, discovery):
    service.discovery = discovery
    answer = client.get(reverse("oidc-begin"))
    assert (answer.status_code, code_of(answer)) == (503, "sign-in-service-unreachable")


def test_a_service_that_is_not_there_says_so(client, service, settings):
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    assert client.get(reverse("oidc-begin")).status_code == 503


def test_without_a_service_there_is_no_way(client, db):
    assert client.get(reverse("oidc-begin")).status_code == 404
    assert "Sign in by" not in client.get(reverse("sign-in")).content.decode()


@pytest.mark.parametrize(
    ("claims", "change"),
    [
        ({"email": "nobody@clinic.example"}, {}),
        ({"email_verified": False}, {}),
        ({"email_verified": "true"}, {}),
        ({"email_verified": None}, {}),
        ({"email": "ada@clinic.example\0"}, {}),
        ({"email": ["ada@clinic.example"]}, {}),
        ({}, {"is_active": False}),
        ({}, {"is_superuser": True}),
    ],
    ids=str,
)
def test_what_opens_no_account(client, service, cast, claims, change):
    User.objects.filter(pk=cast.ada.pk).update(**change)
    assert sign_in(client, service, **claims).status_code == 403
    assert not who(client) and not ForeignName.objects.exists()


def test_two_accounts_of_one_address_and_a_second_subject_of_one_account(client, service, cast):
    sign_in(client, service)
    assert sign_in(Client(), service, sub="subject-2").status_code == 403
    cast.ben.email = "ben@clinic.example"
    cast.ben.save()
    User.objects.filter(pk=cast.chen.pk).update(email="BEN@clinic.example")
    assert sign_in(Client(), service, sub="subject-3", email="ben@clinic.example").status_code == 403


def test_a_closed_account_stays_closed(client, service, cast):
    sign_in(client, service)
    User.objects.filter(pk=cast.ada.pk).update(is_active=False)
    assert sign_in(Client(), service).status_code == 403


def test_accounts_open_by_themselves_only_where_that_is_wanted_and_without_any_role(client, service, settings):
    settings.OIDC = {**settings.OIDC, "opens_accounts": True}
    sign_in(client, service, email="new.one@clinic.example", name="New One")
    user = User.objects.get(email="new.one@clinic.example")
    assert who(client) == user.username
    assert (user.first_name, user.last_name, user.has_usable_password()) == ("New", "One", False)
    assert not user.memberships.exists() and not user.is_superuser


def test_a_device_here_is_asked_for_unless_the_service_asked_for_one(client, service, cast):
    equip(cast.ada)
    assert sign_in(client, service).url == reverse("second-step")
    assert not who(client)
    client.post(reverse("second-step"), {"code": digits(cast.ada)})
    assert who(client) == "ada"
    strong = Client()
    sign_in(strong, service, amr=["pwd", "otp"])
    assert who(strong) == "ada"


@pytest.mark.parametrize(("age", "is_taken"), [(0, True), (200, True), (400, False), (-400, False), (None, False)])
def test_a_signature_is_proved_by_a_fresh_sign_in(client, service, cast, age, is_taken):
    sign_in(client, service)
    address = go(client, "prove")
    asked = parse_qs(urlsplit(address).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    auth_time = {} if age is None else {"auth_time": service.now - age}
    answer = come_back(client, service.issue(address, **VOUCHED, **auth_time))
    assert answer.status_code == (200 if is_taken else 403)
    if is_taken:
        cast.ada.set_unusable_password()
        cast.ada.save()
        code = answer.context["code"]
        assert proves(cast.ada, code) and not proves(cast.ada, code)


def test_somebody_else_at_the_service_proves_nothing(client, service):
    sign_in(client, service)
    query = service.issue(go(client, "prove"), **VOUCHED, auth_time=service.now) | {}
    service.codes[query["code"]][2]["sub"] = "subject-9"
    assert come_back(client, query).status_code == 403


def test_signing_in_by_password_goes_on_working(client, service, cast):
    cache.clear()
    client.post(reverse("sign-in"), {"username": "ada", "password": PASSWORD})
    assert who(client) == "ada"
