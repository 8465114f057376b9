"""Every address of the API, asked by everybody. A new address fails until it has its lines here."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import TestCase
from django.urls import get_resolver, reverse
from PIL import Image
from rest_framework.test import APIClient

from qc.presentation import shown_digest
from tests.access.world import CSV, build
from tests.factories import EFFUSION, PASSWORD, code, document
from tests.personas import MIRA, PEOPLE

UNKNOWN = "00000000-0000-4000-8000-000000000000"

QUESTION = {name: getattr(EFFUSION, name) for name in ("code", "title", "kind", "scale", "definition")}
ANSWER = {"case": "case-3", "question": "effusion", "value": code("no")}
ASKED = {
    "scale": {"kind": "nominal", "codes": ["yes", "no"]},
    "reads": [{"unit": "1", "reader": reader, "answer": "yes"} for reader in ("a", "b")],
}


def decision(world):
    return {
        "decision": "nothing",
        "rationale": "Neither is a lesion.",
        "cause": "interpretation",
        "confidence": "low",
        "password": PASSWORD,
        "shown_digest": shown_digest(world.dispute),
        "fence": world.dispute.fence,
    }


def upload(world):
    return {"file": SimpleUploadedFile("reads.csv", CSV), "format": "csv_table"}


def picture(world):
    made = io.BytesIO()
    Image.new("L", (8, 8), 7).save(made, "PNG")
    return {"files": SimpleUploadedFile("picture.png", made.getvalue())}


# Method, name of the address, its arguments after the project, body; the answer to
#                                                                   mira ada  ben  chen vera oz   root nobody
ROWS = [
    ("GET", "api-projects", None, None,                             "200  200  200  200  200  200  200  401"),
    ("POST", "api-projects", None, {"slug": "new", "name": "New"},  "201  403  403  403  403  403  201  401"),
    ("GET", "api-project", [], None,                                "200  200  200  200  200  404  200  401"),
    ("PUT", "api-member", ["ada"], {"role": "annotator"},           "200  403  403  403  403  404  200  401"),
    ("POST", "api-schemas", [], {"questions": [QUESTION]},          "201  403  403  403  403  404  201  401"),
    ("GET", "api-schema", [], None,                                 "200  200  200  200  200  404  200  401"),
    ("GET", "api-audit", [], None,                                  "200  403  403  403  403  404  403  401"),
    ("GET", "api-cases", [], None,                                  "200  200  200  403  403  404  403  401"),
    ("POST", "api-cases", [], {"cases": [{"key": "c", "subject": "s"}]},
                                                                    "201  403  403  403  403  404  201  401"),
    ("POST", "api-finish", lambda w: [w.case("case-3").public_id], None,
                                                                    "403  409  422  403  403  404  403  401"),
    ("POST", "api-exclude", lambda w: [w.case("case-3").public_id], {"reason": "duplicate"},
                                                                    "201  403  403  403  403  404  403  401"),
    ("GET", "api-readers", [], None,                                "200  403  403  403  403  404  403  401"),
    ("POST", "api-readers", [], {"code": "model-1", "kind": "model"},
                                                                    "201  403  403  403  403  404  201  401"),
    ("GET", "api-members", [], None,                                "200  403  403  403  403  404  200  401"),
    ("DELETE", "api-member", ["vera"], None,                        "204  403  403  403  403  404  204  401"),
    ("PATCH", "api-reader-detail", ["reader-borealis"], {"is_active": False},
     "200  403  403  403  403  404  200  401"),
    ("POST", "api-assignments", [], {"readers": ["reader-aquila"]}, "201  403  403  403  403  404  201  401"),
    ("POST", "api-assignments", [], {"readers": ["reader-aquila", "reader-borealis"], "n_readers": 1},
     "201  403  403  403  403  404  201  401"),
    ("GET", "api-worklist", [], None,                               "403  200  200  403  403  404  403  401"),
    ("GET", "api-annotations", [], None,                            "200  200  200  403  403  404  403  401"),
    ("POST", "api-annotations", [], ANSWER,                         "403  409  201  403  403  404  403  401"),
    ("POST", "api-annotation-batch", [], [ANSWER],                  "403  409  200  403  403  404  403  401"),
    ("POST", "api-withdraw", lambda w: [w.annotation.public_id], {"reason": "Wrong knee."},
                                                                    "201  201  404  403  403  404  403  401"),
    ("UPLOAD", "api-images", [], picture,                            "201  403  403  403  403  404  201  401"),
    ("POST", "api-uploads", [], {"file_name": "x.dcm", "size": 3, "sha256": "a" * 64},
                                                                    "201  403  403  403  403  404  403  401"),
    ("GET", "api-upload", lambda w: [w.upload.public_id], None,     "200  403  403  403  403  404  403  401"),
    ("PUT", "api-upload", lambda w: [w.upload.public_id], None,     "422  403  403  403  403  404  403  401"),
    ("DELETE", "api-upload", lambda w: [w.upload.public_id], None,  "204  403  403  403  403  404  403  401"),
    ("GET", "api-imports", [], None,                                "200  403  403  403  403  404  403  401"),
    ("UPLOAD", "api-imports", [], upload,                           "202  403  403  403  403  404  403  401"),
    ("GET", "api-import", lambda w: [w.batch.public_id], None,      "200  403  403  403  403  404  403  401"),
    ("POST", "api-import-cancel", lambda w: [w.batch.public_id], None,
                                                                    "409  403  403  403  403  404  403  401"),
    ("POST", "api-protocols", [], {"document": document([EFFUSION])},
                                                                    "422  403  403  403  403  404  422  401"),
    ("GET", "api-protocol", [], None,                               "200  200  200  200  200  404  200  401"),
    ("GET", "api-ledger", [], None,                                 "200  403  403  403  403  404  403  401"),
    ("GET", "api-agreement", [], None,                              "200  403  403  403  403  404  403  401"),
    ("POST", "api-repeats", [], {"share": 2.0},                      "422  403  403  403  403  404  422  401"),
    ("GET", "api-reader-results", [], None,                         "200  403  403  403  403  404  403  401"),
    ("GET", "api-subgroups", [], None,                              "200  403  403  403  403  404  403  401"),
    ("GET", "api-channels", [], None,                               "200  403  403  403  403  404  200  401"),
    ("POST", "api-channels", [], {"kind": "mail", "address": "a@example.org"},
                                                                    "201  403  403  403  403  404  201  401"),
    ("POST", "api-channel-test", lambda w: [w.channel.public_id], None,
                                                                    "200  403  403  403  403  404  200  401"),
    ("DELETE", "api-channel", lambda w: [w.channel.public_id], None, "204  403  403  403  403  404  204  401"),
    ("GET", "api-compare", [], None,                                "200  403  403  403  403  404  403  401"),
    ("GET", "api-disputes", [], None,                               "200  403  403  200  403  404  403  401"),
    ("POST", "api-claim-next", [], None,                            "403  403  403  200  403  404  403  401"),
    ("POST", "api-claim", lambda w: [w.waiting.public_id], None,    "403  403  403  200  403  404  403  401"),
    ("GET", "api-dispute", lambda w: [w.dispute.public_id], None,   "403  403  403  200  403  404  403  401"),
    ("GET", "api-dispute", lambda w: [w.waiting.public_id], None,   "403  403  403  409  403  404  403  401"),
    ("PUT", "api-draft", lambda w: [w.dispute.public_id], {"rationale": "so far"},
                                                                    "403  403  403  428  403  404  403  401"),
    ("PUT", "api-draft", lambda w: [w.dispute.public_id], lambda w: {"fence": w.dispute.fence},
                                                                    "403  403  403  200  403  404  403  401"),
    ("POST", "api-give-back", lambda w: [w.dispute.public_id], None, "403  403  403  204  403  404  403  401"),
    ("POST", "api-give-back", lambda w: [w.waiting.public_id], None, "403  403  403  409  403  404  403  401"),
    ("POST", "api-decision", lambda w: [w.dispute.public_id], decision,
                                                                    "403  403  403  201  403  404  403  401"),
    ("POST", "api-first-look", lambda w: [w.dispute.public_id],
        lambda w: {"decision": "exclude", "fence": w.dispute.fence},
                                                                    "403  403  403  201  403  404  403  401"),
    ("POST", "api-refer", lambda w: [w.dispute.public_id], lambda w: {"reason": "Rare.", "fence": w.dispute.fence},
                                                                    "403  403  403  409  403  404  403  401"),
    ("GET", "voxels", lambda w: [w.pixels_name], None,              "404  404  404  200  404  404  404  401"),
    ("GET", "mask-bits", lambda w: [w.mask_name], None,             "404  404  404  200  404  404  404  401"),
    ("GET", "mask-bits", lambda w: [w.mask_name + "x"], None,       "404  404  404  404  404  404  404  401"),
    ("GET", "api-outlook", [], None,                                "200  403  403  403  403  404  403  401"),
    ("GET", "api-paper", [], None,                                  "200  403  403  403  403  404  403  401"),
    ("GET", "api-comparison", ["effusion"], None,                   "422  403  403  403  403  404  403  401"),
    ("POST", "api-benchmark", [], {"n_readers": 1},                 "409  403  403  403  403  404  409  401"),
    ("GET", "api-checks", [], None,                                 "200  403  403  403  403  404  403  401"),
    ("POST", "api-controls", [], {"share": 2.0},                    "422  403  403  403  403  404  422  401"),
    ("GET", "api-requirements", [], None,                           "200  403  403  403  403  404  403  401"),
    ("GET", "api-reader-decisions", ["reader-aquila"], None,        "200  403  403  403  403  404  403  401"),
    ("POST", "api-reader-decisions", ["reader-aquila"], {"what": "paused", "reason": "On leave."},
                                                                    "201  403  403  403  403  404  403  401"),
    ("GET", "api-imrmc", [], None,                                  "404  403  403  403  403  404  403  401"),
    ("GET", "api-history", ["effusion"], None,                      "200  403  403  403  403  404  403  401"),
    ("GET", "api-releases", [], None,                               "200  403  403  403  200  404  403  401"),
    ("POST", "api-releases", [], {"note": ""},                      "202  403  403  403  403  404  403  401"),
    ("GET", "api-release-order", [UNKNOWN], None,                   "404  403  403  403  403  404  403  401"),
    ("POST", "api-order-cancel", [UNKNOWN], {},                     "404  403  403  403  403  404  403  401"),
    ("POST", "api-order-retry", [UNKNOWN], {},                      "404  403  403  403  403  404  403  401"),
    ("GET", "api-preflight", [], None,                              "200  403  403  403  403  404  403  401"),
    ("GET", "api-release", [1], None,                               "200  403  403  403  200  404  403  401"),
    ("GET", "api-release", [2], None,                               "404  403  403  403  404  404  403  401"),
    ("GET", "api-package", [1], None,                               "200  403  403  403  200  404  403  401"),
    ("POST", "api-signatures", [1], {"password": "x"},              "403  403  403  403  403  404  403  401"),
    ("GET", "api-notices", [1], None,                               "200  403  403  403  200  404  403  401"),
    ("POST", "api-notices", [1], {"kind": "erratum", "text": "Wrong.", "password": "x"},
                                                                    "403  403  403  403  403  404  403  401"),
    ("GET", "api-deliveries", [1], None,                            "200  403  403  403  403  404  403  401"),
    ("GET", "api-formats", [1], None,                               "200  403  403  403  200  404  403  401"),
    ("GET", "api-format", [1, "coco"], None,                        "200  403  403  403  200  404  403  401"),
    ("GET", "api-format", [1, "yolo"], None,                        "422  403  403  403  422  404  403  401"),
    ("GET", "api-format", [1, "nothing"], None,                     "404  403  403  403  404  404  403  401"),
    ("GET", "api-diff", [1, 1], None,                               "200  403  403  403  200  404  403  401"),
    ("GET", "api-statistics", None, None,                           "200  200  200  200  200  200  200  401"),
    ("POST", "api-statistic", ["percent"], ASKED,                   "200  200  200  200  200  200  200  401"),
    ("GET", "api-methods", None, None,                              "200  200  200  200  200  200  200  401"),
    ("POST", "api-method", ["majority"], ASKED,                     "200  200  200  200  200  200  200  401"),
    ("GET", "api-plans", None, None,                                "200  200  200  200  200  200  200  401"),
    ("POST", "api-plan", ["clean_controls"], {"rate": 0.05},        "200  200  200  200  200  200  200  401"),
    ("GET", "api-tokens", None, None,                               "200  200  200  200  200  200  200  401"),
    ("POST", "api-tokens", None, {"name": "laptop"},                "201  201  201  201  201  201  201  401"),
    ("DELETE", "api-token", lambda w: [w.token.pk], None,           "404  204  404  404  404  404  404  401"),
    ("GET", "schema", None, None,                                   "200  200  200  200  200  200  200  200"),
]  # fmt: skip

WITHOUT_PROJECT = {
    "api-projects", "api-statistics", "api-statistic", "api-methods", "api-method", "api-plans", "api-plan",
    "api-tokens", "api-token", "voxels", "mask-bits", "schema",
}  # fmt: skip
# Addresses of one thing: a thing of another project is not found under this project.
FOREIGN = [
    ("POST", "api-exclude", lambda w: w.case("case-1", w.other).public_id, {"reason": "duplicate"}),
    ("POST", "api-withdraw", lambda w: w.other.cases.get().annotations.first().public_id, {"reason": "Wrong."}),
    ("POST", "api-claim", lambda w: w.foreign.public_id, None),
    ("GET", "api-dispute", lambda w: w.foreign.public_id, None),
    ("POST", "api-decision", lambda w: w.foreign.public_id, decision),
]


def called(value, world):
    return value(world) if callable(value) else value


def ask(client, world, row):
    """Send one request and take back whatever it changed."""
    method, name, arguments, body = row[:4]
    arguments = called(arguments, world) or []
    slug = [] if name in WITHOUT_PROJECT else [world.project.slug]
    path = reverse(name, args=[*slug, *arguments])
    body = called(body, world)
    with transaction.atomic():
        if method == "UPLOAD":
            answer = client.post(path, body, format="multipart")
        elif method == "GET":
            answer = client.get(path)
        else:
            answer = getattr(client, method.lower())(path, body, format=None if body is None else "json")
        if answer.streaming:
            assert b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


class MatrixTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.world = build()

    def test_everybody_gets_exactly_what_their_role_allows(self):
        clients = {name: self.world.cast.client(name) for name in PEOPLE}
        wrong = []
        for row in ROWS:
            for name, status in zip(PEOPLE, row[4].split(), strict=True):
                answer = ask(clients[name], self.world, row)
                if answer.status_code != int(status):
                    said = b"a file" if answer.streaming else answer.content
                    wrong.append(f"{row[0]} {row[1]} {name}: {answer.status_code}, not {status}: {said[:300]}")
        assert not wrong, "\n".join(wrong)

    def test_every_refusal_is_a_problem_document(self):
        client = APIClient()
        for row in ROWS:
            answer = ask(client, self.world, row)
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/problem+json", row[:2]
                assert {"type", "title", "status", "code", "instance"} <= set(answer.json()), row[:2]

    def test_a_thing_of_another_project_is_not_found(self):
        self.world.other.memberships.filter(user=self.world.cast.mira).update(role="qa_lead")
        cast = self.world.cast
        for method, name, thing, body in FOREIGN:
            for person in (MIRA, "chen"):
                answer = ask(cast.client(person), self.world, (method, name, lambda w, t=thing: [t(w)], body))
                role_refuses = person == MIRA and name in {"api-claim", "api-dispute", "api-decision"}
                role_refuses = role_refuses or (person == "chen" and name in {"api-exclude", "api-withdraw"})
                assert answer.status_code == (403 if role_refuses else 404), (name, person, answer.content)

    def test_every_address_of_the_api_has_its_lines(self):
        assert api_names() == {row[1] for row in ROWS}


def api_names():
    """Return the names of all addresses under /api/v1/."""
    found = set()

    def walk(patterns, prefix):
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, path)
            elif path.startswith("api/v1/"):
                assert pattern.name, f"{path} has no name"
                found.add(pattern.name)

    walk(get_resolver().url_patterns, "")
    return found
