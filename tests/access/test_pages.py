"""Every page, asked by everybody. A new page fails until it has its line here."""

from django.db import transaction
from django.test import Client, TestCase
from django.urls import get_resolver, reverse

from tests.access.world import build
from tests.personas import NOBODY, PEOPLE

ROWS = [
    # Method, name, arguments after the project; the answer to
    #                                                       mira ada  ben  chen vera oz   root nobody
    ("GET", "projects", None,                               "200  200  200  200  200  200  200  302"),
    ("GET", "overview", [],                                 "200  200  200  200  200  404  200  302"),
    ("GET", "project-row", [],                              "200  200  200  200  200  404  200  302"),
    ("GET", "progress", [],                                 "200  200  200  200  200  404  200  302"),
    ("GET", "agreement", [],                                "200  403  403  403  403  404  403  302"),
    ("GET", "agreement-question", ["effusion"],             "200  403  403  403  403  404  403  302"),
    ("GET", "history", ["effusion"],                        "200  403  403  403  403  404  403  302"),
    ("GET", "paper", [],                                    "200  403  403  403  403  404  403  302"),
    ("GET", "comparison", [],                               "200  403  403  403  403  404  403  302"),
    ("GET", "checks", [],                                   "200  403  403  403  403  404  403  302"),
    ("GET", "protocol", [],                                 "200  403  403  403  403  404  403  302"),
    ("GET", "new-project", None,                            "200  403  403  403  403  403  200  302"),
    ("GET", "setup", [],                                    "200  403  403  403  403  404  200  302"),
    ("GET", "setup-questions", [],                          "200  403  403  403  403  404  200  302"),
    ("GET", "setup-cases", [],                              "200  403  403  403  403  404  200  302"),
    ("GET", "setup-images", [],                             "200  403  403  403  403  404  200  302"),
    ("GET", "channels", [],                                 "200  403  403  403  403  404  200  302"),
    ("POST", "channels", [],                                "422  403  403  403  403  404  422  302"),
    ("GET", "setup-people", [],                             "200  403  403  403  403  404  200  302"),
    ("GET", "account", None,                                "200  200  200  200  200  200  200  302"),
    ("GET", "password", None,                               "200  200  200  200  200  200  200  302"),
    ("GET", "second-factor", None,                          "200  200  200  200  200  200  200  302"),
    ("POST", "second-factor-change", None,                  "422  422  422  422  422  422  422  302"),
    ("GET", "prove", None,                                  "404  404  404  404  404  404  404  302"),
    ("GET", "accounts", None,                               "403  403  403  403  403  403  200  302"),
    ("POST", "accounts", None,                              "403  403  403  403  403  403  404  302"),
    ("GET", "seen", [],                                     "200  403  403  403  403  404  200  302"),
    ("GET", "seen-file", [],                                "200  403  403  403  403  404  200  302"),
    ("GET", "setup-seats", [],                              "200  403  403  403  403  404  200  302"),
    ("POST", "new-project", None,                           "200  403  403  403  403  403  200  302"),
    ("POST", "setup-questions", [],                         "200  403  403  403  403  404  200  302"),
    ("POST", "setup-people", [],                            "422  403  403  403  403  404  422  302"),
    ("POST", "setup-seats", [],                             "200  403  403  403  403  404  200  302"),
    ("POST", "setup-file", lambda w: [w.batch.public_id],   "302  403  403  403  403  404  403  302"),
    ("GET", "setup-file", lambda w: [w.batch.public_id],    "200  403  403  403  403  404  403  302"),
    ("GET", "setup-reads", [],                              "200  403  403  403  403  404  403  302"),
    ("GET", "requirements", [],                             "200  403  403  403  403  404  403  302"),
    ("GET", "own", [],                                      "403  200  200  403  403  404  403  302"),
    ("POST", "reader-decide", lambda w: [w.project.readers.first().code], "422  403  403  403  403  404  403  302"),
    ("GET", "study-file", [],                               "404  403  403  403  403  404  403  302"),
    ("GET", "outlook", [],                                  "200  403  403  403  403  404  403  302"),
    ("GET", "readers", [],                                  "200  403  403  403  403  404  403  302"),
    ("GET", "reader", lambda w: [w.project.readers.first().code], "200  403  403  403  403  404  403  302"),
    ("GET", "case", lambda w: [w.case("case-1").public_id], "200  403  403  403  403  404  403  302"),
    ("GET", "worklist", [],                                 "403  200  200  403  403  404  403  302"),
    ("POST", "next-case", [],                               "403  302  302  403  403  404  403  302"),
    ("GET", "reading", lambda w: [w.case("case-4").public_id], "403  200  200  403  403  404  403  302"),
    ("GET", "reading-voxels", lambda w: [w.case("case-4").public_id], "403  200  200  403  403  404  403  302"),
    ("PUT", "reading-answers", lambda w: [w.case("case-4").public_id], "403  422  422  403  403  404  403  403"),
    ("POST", "reading-withdraw", lambda w: [w.case("case-4").public_id], "403  404  404  403  403  404  403  403"),
    ("POST", "reading-finish", lambda w: [w.case("case-4").public_id], "403  422  422  403  403  404  403  403"),
    ("GET", "queue", [],                                    "200  403  403  200  403  404  403  302"),
    ("POST", "next-dispute", [],                            "403  403  403  302  403  404  403  302"),
    ("GET", "dispute", lambda w: [w.dispute.public_id],     "403  403  403  200  403  404  403  302"),
    ("POST", "dispute-decision", lambda w: [w.dispute.public_id], "403  403  403  422  403  404  403  403"),
    ("POST", "dispute-look", lambda w: [w.dispute.public_id], "403  403  403  409  403  404  403  403"),
    ("POST", "dispute-refer", lambda w: [w.dispute.public_id], "403  403  403  422  403  404  403  403"),
    ("PUT", "dispute-draft", lambda w: [w.dispute.public_id], "403  403  403  200  403  404  403  403"),
    ("POST", "dispute-renew", lambda w: [w.dispute.public_id], "403  403  403  200  403  404  403  403"),
    ("POST", "dispute-give-back", lambda w: [w.dispute.public_id], "403  403  403  200  403  404  403  403"),
    ("GET", "what-if", [],                                  "200  403  403  403  403  404  403  302"),
    ("POST", "what-if", [],                                 "422  403  403  403  403  404  422  302"),
    ("GET", "releases", [],                                 "200  403  403  403  200  404  403  302"),
    ("GET", "release", [1],                                 "200  403  403  403  200  404  403  302"),
    ("GET", "releases-progress", [],                        "200  403  403  403  403  404  403  302"),
    ("GET", "release-progress", [1],                        "200  403  403  403  200  404  403  302"),
    ("GET", "release-package", [1],                         "200  403  403  403  200  404  403  302"),
]  # fmt: skip
BEHIND_A_PAGE = {
    "dispute-decision", "dispute-look", "dispute-refer", "dispute-draft", "dispute-renew", "dispute-give-back",
    "reading-answers", "reading-withdraw", "reading-finish",
}  # fmt: skip
# Addresses that ask for nobody's role.
FOR_ALL = {
    "sign-in",
    "second-step",
    "oidc-begin",
    "oidc-back",
    "language",
    "sign-out",
    "theme",
    "healthz",
    "readyz",
    "metrics",
    "problem",
    "api-docs",
}


def ask(client, world, row):
    method, name, arguments = row[:3]
    arguments = arguments(world) if callable(arguments) else arguments
    path = reverse(name, args=[] if arguments is None else [world.project.slug, *arguments])
    with transaction.atomic():
        answer = client.generic(method, path, b"{}" if method != "GET" else b"", content_type="application/json")
        if answer.streaming:
            assert b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


class PagesTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.world = build()

    def test_everybody_gets_exactly_what_their_role_allows(self):
        wrong = []
        for row in ROWS:
            for name, status in zip(PEOPLE, row[3].split(), strict=True):
                client = Client()
                if name != NOBODY:
                    client.force_login(self.world.cast.users[name])
                answer = ask(client, self.world, row)
                if answer.status_code != int(status):
                    wrong.append(f"{row[0]} {row[1]} {name}: {answer.status_code}, not {status}")
        assert not wrong, "\n".join(wrong)

    def test_nobody_is_sent_to_the_door(self):
        for row in ROWS:
            answer = ask(Client(), self.world, row)
            if row[1] in BEHIND_A_PAGE:
                # A form that saves in the background must hear that the session ended, not be led to a page.
                assert "signed out" in answer.json()["detail"], row[:2]
            else:
                assert answer["Location"].startswith("/sign-in/?next="), row[:2]

    def test_every_page_has_its_line(self):
        names = {pattern.name for pattern in pages(get_resolver().url_patterns, "")}
        assert names == {row[1] for row in ROWS} | FOR_ALL


def pages(patterns, prefix):
    """Yield the patterns of everything but the API."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from pages(pattern.url_patterns, path)
        elif not path.startswith("api/v1/"):
            yield pattern
