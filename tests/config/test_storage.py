import re
from urllib.parse import urljoin

import pytest
from django.conf import settings as settings_of_all
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings

IMPORT = re.compile(
    r"""(?:^|[\s;}])(?:import|export)\s[^;"']*?from\s*["']([^"']+)["']|(?:^|[\s;])import\s*["']([^"']+)["']"""
)

# Closing an answer ends the request, which looks at the connection to the database.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


HASHED = {"BACKEND": "config.storage.ModuleManifestStorage"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every static file under its hash and packed, which takes half a minute: once for all tests here."""
    made = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=made, STORAGES={**settings_of_all.STORAGES, "staticfiles": HASHED}):
        call_command("collectstatic", interactive=False, verbosity=0)
    return made


@pytest.fixture
def collected(settings, folder):
    settings.STATIC_ROOT = folder
    settings.STORAGES = {**settings.STORAGES, "staticfiles": HASHED}
    return Client()


def body_of(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = b"".join(answer.streaming_content).decode()
    answer.close()
    return text


def test_every_file_that_a_page_names_is_served_under_its_hash_and_cached_for_good(collected):
    page = render_to_string("errors/404.html", request=RequestFactory().get("/"))
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) >= 5
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.", address), address
        answer = collected.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer["Cache-Control"]
        answer.close()


def test_our_modules_import_one_another_by_hashed_names(collected):
    modules = [name for name in staticfiles_storage.hashed_files if name.startswith("js/") and name.endswith(".js")]
    assert modules
    for name in modules:
        address = staticfiles_storage.url(name)
        for found in IMPORT.findall(body_of(collected, address)):
            target = next(filter(None, found))
            assert re.search(r"\.[0-9a-f]{12}\.js$", target), f'{name} imports {target}: end the line with .js";'
            body_of(collected, urljoin(address, target))


def test_foreign_scripts_are_left_as_they_came(collected):
    names = [name for name in staticfiles_storage.hashed_files if name.startswith("django_htmx/")]
    assert any(name.endswith(".js") for name in names)
