"""Alerts that leave the house: what is told and what never is, once, signed, and never into the own network."""

import base64
import http.server
import json
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from annotations import due, locking
from annotations.errors import Conflict, InvalidInput
from qc.models import Dispute
from reports import channels, posting, release
from reports.errors import NotSent
from reports.models import Channel, Message
from reports.signing import signing_key
from reports.tasks import tell_one
from tests.factories import EFFUSION, code, read, study, work
from tests.personas import ADA, BEN, CODES

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast, settings):
    settings.CAN_MAIL = True
    settings.ADDRESS = "https://consilium.example.org"
    made = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION], n_cases=2)
    read(made, cast.ada, "case-1", effusion=code("yes"))
    read(made, cast.ben, "case-1", effusion=code("no"))
    work()
    return made


def opened(cast, project, kind="mail", address="lead@example.org", rules=()):
    return channels.open_channel(actor=cast.mira, project=project, kind=kind, address=address, rules=rules)


def look(channel):
    """Let the worker look once, as the pump would have it."""
    Channel.objects.filter(pk=channel.pk).update(due_at=locking.now(), claim="", claimed_until=None)
    due.run(Channel, due.claim_due(Channel, 1, "here"), tell_one)
    channel.refresh_from_db()


def make_old(project):
    Dispute.objects.filter(project=project).update(opened_at=locking.now() - timedelta(days=60))


def test_what_holds_is_told_once_and_again_when_it_came_back(cast, project):
    channel = opened(cast, project)
    look(channel)
    assert mail.outbox == []
    make_old(project)
    for _ in range(2):
        look(channel)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["lead@example.org"], f"{project.name}: Disputes wait too long")
    assert "https://consilium.example.org/p/study/outlook/" in sent.body
    assert channel.due_at > locking.now()
    Dispute.objects.filter(project=project).update(opened_at=locking.now())
    look(channel)
    make_old(project)
    look(channel)
    assert len(mail.outbox) == 2
    assert [one.codes for one in channel.messages.order_by("pk")] == [["dispute-waits"]] * 2


def test_a_message_names_nobody_and_no_case(cast, project):
    channel = opened(cast, project)
    make_old(project)
    look(channel)
    text = mail.outbox[0].subject + mail.outbox[0].body
    for secret in (CODES[ADA], CODES[BEN], "case-1", "ada", "effusion", "Effusion"):
        assert secret not in text


def test_only_the_rules_that_were_asked_for_and_only_new_releases(cast, project):
    release.freeze_release(actor=cast.mira, project=project, note="First.")
    news, quiet = (
        opened(cast, project, rules=["release"]),
        opened(cast, project, address="b@example.org", rules=["notice"]),
    )
    make_old(project)
    look(news)
    assert mail.outbox == []
    read(project, cast.ada, "case-2", effusion=code("yes"))
    read(project, cast.ben, "case-2", effusion=code("yes"))
    work()
    release.freeze_release(actor=cast.mira, project=project, note="Second.")
    look(news)
    look(quiet)
    (sent,) = mail.outbox
    assert sent.subject.endswith("Release 2 was frozen")


def test_what_was_not_taken_is_kept_and_tried_again(cast, project, settings):
    settings.CAN_MAIL = False
    channel = opened(cast, project)
    make_old(project)
    look(channel)
    assert "no mail" in channel.messages.get().fault
    settings.CAN_MAIL = True
    look(channel)
    assert len(mail.outbox) == 1


class Hook(http.server.BaseHTTPRequestHandler):
    """The other end; keeps what it got."""

    got: list = []
    answer = 204

    def do_POST(self):
        self.got.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.answer)
        if self.answer == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def hook():
    Hook.got, Hook.answer = [], 204
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook?team=1"
    server.shutdown()
    server.server_close()


def test_a_webhook_is_signed_with_the_key_of_releases(cast, project, settings, hook):
    settings.PRIVATE_HOOKS = True
    channel = opened(cast, project, "hook", hook)
    make_old(project)
    look(channel)
    ((path, headers, body),) = Hook.got
    assert path == "/hook?team=1"
    said = json.loads(body)
    assert said["project"] == "study"
    assert said["events"] == [
        {
            "code": "dispute-waits",
            "title": "Disputes wait too long",
            "url": "https://consilium.example.org/p/study/outlook/",
        }
    ]
    signature = base64.b64decode(headers["Consilium-Signature"].removeprefix("ed25519="))
    signing_key().public_key().verify(signature, headers["Consilium-Timestamp"].encode() + b"." + body)
    Hook.answer = 302
    assert channels.send_test(actor=cast.mira, channel=channel).fault == "The other end answered 302."
    assert len(Hook.got) == 2  # the redirect was not followed


def test_a_webhook_never_goes_into_the_own_network(cast, project, hook):
    for address in (
        hook,
        "http://example.org/",
        "https://user:pw@example.org/",
        "https://",
        "ftp://example.org",
        "https://a b/",
    ):
        with pytest.raises(InvalidInput) as refused:
            opened(cast, project, "hook", address)
        assert refused.value.errors[0]["code"] == "bad-address"
    channel = opened(cast, project, "hook", hook.replace("http://", "https://"))
    assert "not public" in channels.send_test(actor=cast.mira, channel=channel).fault
    assert Hook.got == []


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.1",
            "100.64.0.1",
            "224.0.0.1",
        ),
        *("::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1"),
    ],
)
def test_addresses_that_are_not_public(address):
    assert not posting.is_public(address)


def test_public_addresses_and_names_that_lead_to_both():
    assert posting.is_public("93.184.216.34")
    assert posting.is_public("2606:2800:220:1:248:1893:25c8:1946")
    with pytest.raises(NotSent):
        posting.public_address("localhost", 443)


def test_wrong_channels_are_refused(cast, project):
    for wrong, field in (({"kind": "pigeon"}, "kind"), ({"rules": ["x"]}, "rules"), ({"address": "nobody"}, "address")):
        with pytest.raises(InvalidInput) as refused:
            opened(cast, project, **wrong)
        assert refused.value.errors[0]["pointer"] == f"#/{field}"
    channel = opened(cast, project)
    with pytest.raises(Conflict):
        opened(cast, project)
    channels.close_channel(actor=cast.mira, channel=channel)
    with pytest.raises(Conflict):
        channels.close_channel(actor=cast.mira, channel=channel)
    opened(cast, project)


def test_a_closed_channel_is_silent(cast, project):
    channel = opened(cast, project)
    channels.close_channel(actor=cast.mira, channel=channel)
    make_old(project)
    work(Channel)
    assert mail.outbox == []
    assert not Channel.objects.filter(due_at__isnull=False).exists()


def test_the_page_opens_tests_and_closes(cast, project):
    client, page = Client(), reverse("channels", args=["study"])
    client.force_login(cast.mira)
    assert "No channel yet" in client.get(page).content.decode()
    bad = client.post(page, {"do": "open", "kind": "hook", "address": "http://10.0.0.1/"})
    assert (bad.status_code, "https://" in bad.content.decode()) == (422, True)
    client.post(page, {"do": "open", "kind": "mail", "address": "lead@example.org", "rules": ["release"]})
    channel = Channel.objects.get()
    client.post(page, {"do": "test", "channel": str(channel.public_id)})
    assert "This is a test" in mail.outbox[0].body
    shown = client.get(page).content.decode()
    assert "lead@example.org" in shown
    assert "A release was frozen" in shown
    client.post(page, {"do": "close", "channel": str(channel.public_id)})
    assert "No channel yet" in client.get(page).content.decode()
    assert Message.objects.count() == 1


def test_the_api_opens_lists_tests_and_closes(cast, project):
    client, path = cast.client("mira"), "/api/v1/projects/study/channels"
    made = client.post(path, {"kind": "mail", "address": "lead@example.org"}, format="json")
    assert made.status_code == 201, made.content
    one = f"{path}/{made.json()['id']}"
    assert client.post(f"{one}/test").json()["fault"] == ""
    (listed,) = client.get(path).json()["items"]
    assert (listed["address"], listed["last_fault"]) == ("lead@example.org", "")
    assert client.delete(one).status_code == 204
    assert client.get(path).json()["items"] == []
    wrong = client.post(path, {"kind": "hook", "address": "https://user@example.org"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "bad-address")
