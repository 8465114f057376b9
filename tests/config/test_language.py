import gettext
import io
import re
from datetime import datetime

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.template.defaultfilters import floatformat
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Preference
from accounts.preferring import COOKIE, ZONES, prefer
from annotations.errors import InvalidInput
from config.language import TRANSLATED
from tests.access.world import build
from tests.config.texts import ROOT, marked
from tests.factories import PASSWORD

LANGUAGES = ("de", "ja")
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def folder(language):
    return ROOT / "locale" / language / "LC_MESSAGES"


@pytest.fixture(scope="module", params=LANGUAGES)
def catalogue(request):
    with (folder(request.param) / "django.po").open("rb") as file:
        return read_po(file, locale=request.param)


def key(text):
    return text[0] if isinstance(text, tuple) else text


def test_many_texts_are_marked():
    assert len(marked()) > 130


def test_every_marked_text_is_translated_and_nothing_else_is(catalogue):
    with translation.override("en-gb"):
        asked = {key(text) for text in marked()}
    made = {key(message.id) for message in catalogue if message.id}
    assert asked - made == set(), "these lack a translation"
    assert made - asked == set(), "nobody shows these any more"
    empty = [message.id for message in catalogue if message.id and not all(forms(message.string))]
    assert not empty and not any(message.fuzzy for message in catalogue if message.id)


def test_a_translation_fills_the_same_gaps(catalogue):
    for message in catalogue:
        if not message.id:
            continue
        known = set().union(*(PLACEHOLDER.findall(text) for text in forms(message.id)))
        for text in forms(message.string):
            # A plural form may leave the number to the text beside it, never name a gap that is not filled.
            assert set(PLACEHOLDER.findall(text)) <= known, text
            assert known - {"n"} <= set(PLACEHOLDER.findall(text)), text
            assert '"' not in text, "texts stand in attributes too"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_the_written_one(language):
    with (folder(language) / "django.po").open("rb") as file:
        written = io.BytesIO()
        write_mo(written, read_po(file, locale=language))
    with (folder(language) / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    written.seek(0)
    assert compiled._catalog == gettext.GNUTranslations(written)._catalog


def forms(text):
    return text if isinstance(text, tuple | list) else (text,)


@pytest.fixture
def world(db):
    return build()


def speaking(language, user=None):
    client = Client()
    if user is not None:
        client.force_login(user)
    client.cookies[COOKIE] = language
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "word"), [("de", "Anmelden"), ("ja", "サインイン"), ("en-gb", "Sign in"), ("xx", "Sign in")]
)
def test_the_door_speaks_the_language_of_the_browser(language, word):
    answer = speaking(language).get(reverse("sign-in"))
    assert f"<h1>{word}</h1>" in answer.content.decode()
    assert translation.get_language() == "en-gb", "nothing is left for the next request"


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_reading_queue_and_workspace_say_nothing_marked_in_english(world, language):
    with translation.override("en-gb"):
        english = {text for text in marked() if isinstance(text, str) and len(text.split()) > 2 and "%" not in text}
    pages = {
        "ada": [("worklist", []), ("reading", [world.case("case-4").public_id])],
        "chen": [("queue", []), ("dispute", [world.dispute.public_id])],
    }
    for name, addresses in pages.items():
        client = speaking(language, world.cast.users[name])
        for address, more in addresses:
            page = client.get(reverse(address, args=["study", *more])).content.decode()
            assert f'<html lang="{language}"' in page
            assert "UNDEFINED" not in page
            assert not [text for text in english if text in page], address


@pytest.mark.django_db
def test_other_pages_stay_english_whole(world):
    client = speaking("de", world.cast.mira)
    for name in ("overview", "agreement", "releases"):
        page = client.get(reverse(name, args=["study"])).content.decode()
        assert '<html lang="en-gb"' in page and "Übersicht" not in page


def test_numbers_are_written_alike():
    assert {"sign-in", "queue", "worklist", "reading", "dispute"} <= TRANSLATED
    for language in LANGUAGES:
        with translation.override(language):
            assert (floatformat(1234.5, "1g"), floatformat(0.25, 2)) == ("1,234.5", "0.25")


@pytest.mark.django_db
def test_a_choice_is_kept_with_the_account_and_shown_after_the_next_sign_in(client, cast):
    client.force_login(cast.ada)
    sent = {"language": "ja", "time_zone": "Asia/Tokyo", "next": reverse("account")}
    assert client.post(reverse("language"), sent).url == reverse("account")
    assert "アカウント" in client.get(reverse("account")).content.decode()
    elsewhere = Client()
    elsewhere.post(reverse("sign-in"), {"username": "ada", "password": PASSWORD})
    assert elsewhere.cookies[COOKIE].value == "ja"
    assert elsewhere.get(reverse("account")).context["zone"] == "Asia/Tokyo"
    # Choosing the language alone keeps the time zone.
    elsewhere.post(reverse("language"), {"language": "de"})
    assert Preference.objects.get().time_zone == "Asia/Tokyo"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "shown"), [("UTC", "12:00 UTC"), ("Asia/Tokyo", "21:00 JST"), ("Europe/Berlin", "13:00 CET")]
)
def test_times_are_those_of_the_person_and_say_so(client, cast, zone, shown):
    at = datetime(2026, 11, 27, 12, tzinfo=timezone.get_default_timezone())
    cast.ada.account_events.create(actor=cast.ada, action="password.changed", at=at)
    client.force_login(cast.ada)
    client.post(reverse("language"), {"language": "en-gb", "time_zone": zone})
    assert shown in client.get(reverse("account")).content.decode()
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "zone", "code"), [("xx", "UTC", "unknown-language"), ("de", "Mars/Olympus", "unknown-time-zone")]
)
def test_what_is_no_choice_is_refused_and_changes_nothing(client, cast, language, zone, code):
    with pytest.raises(InvalidInput) as refusal:
        prefer(cast.ada, language, zone)
    assert refusal.value.errors[0]["code"] == code
    client.force_login(cast.ada)
    assert client.post(reverse("language"), {"language": language, "time_zone": zone}).status_code == 422
    assert not Preference.objects.exists()
    assert "UTC" in ZONES


@pytest.mark.django_db
def test_a_language_leads_to_no_other_host(client):
    answer = client.post(reverse("language"), {"language": "de", "next": "https://elsewhere.example/"})
    assert answer.url == reverse("sign-in")
    assert client.cookies[COOKIE].value == "de"
