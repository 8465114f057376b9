"""The story of one disputed label, told through the API as five people.

Mira leads the study. Ada and Ben read blind and disagree. Ben, a physician, is made an adjudicator later and
is refused, because he read the case. Chen settles it. Vera downloads the release and verifies it.
"""

import io
import zipfile

import pytest

from annotations import audit
from annotations.models import Annotation, Exposure, Project
from qc.models import Dispute
from reports.models import ReleaseOrder
from reports.verification.verify import verify_package
from tests.factories import EFFUSION, PASSWORD, code, document, work
from tests.personas import ADA, BEN, CHEN, CODES, MIRA, VERA

API = "/api/v1/projects"
HERE = f"{API}/effusions"


def post(client, path, body=None, status=201, **headers):
    answer = client.post(path, body if body is not None else {}, format="json", headers=headers)
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def get(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.content
    return answer.json()


def ledger_counts(client):
    ledger = get(client, f"{HERE}/ledger")
    assert ledger["is_closed"]
    assert sum(ledger["counts"].values()) == ledger["n_cells"] == ledger["n_cases"] * ledger["n_questions"]
    return {name: count for name, count in ledger["counts"].items() if count}


@pytest.fixture
def people(cast):
    return {name: cast.client(name) for name in (MIRA, ADA, BEN, CHEN, VERA)}


def open_study(people):
    mira = people[MIRA]
    post(mira, API, {"slug": "effusions", "name": "Effusions of the knee"})
    for name, role in ((ADA, "annotator"), (BEN, "annotator"), (CHEN, "adjudicator"), (VERA, "vendor")):
        answer = mira.put(f"{HERE}/members/{name}", {"role": role}, format="json")
        assert answer.json() == {"username": name, "role": role}
    question = {name: getattr(EFFUSION, name) for name in ("code", "title", "kind", "scale", "definition")}
    assert post(mira, f"{HERE}/schemas", {"questions": [question]})["version"] == 1
    cases = [{"key": f"knee-{n}", "subject": f"patient-{n}"} for n in (1, 2)]
    assert post(mira, f"{HERE}/cases", {"cases": cases}) == {"n_new": 2, "n_there": 0}
    for name in (ADA, BEN):
        post(mira, f"{HERE}/readers", {"code": CODES[name], "username": name})
    post(mira, f"{HERE}/protocols", {"document": document([EFFUSION])})
    assert ledger_counts(mira) == {"collecting": 2}
    work()


def read_all(client, answers):
    seats = get(client, f"{HERE}/worklist")["items"]
    assert {seat["case"] for seat in seats} == set(answers)
    batch = [{"case": case, "question": "effusion", "value": code(value)} for case, value in answers.items()]
    assert post(client, f"{HERE}/annotations:batch", batch, 200)["n_saved"] == len(answers)
    for seat in seats:
        post(client, seat["finish_url"], status=200)
    assert get(client, f"{HERE}/worklist")["items"] == []


def test_from_two_blinded_reads_to_a_verified_release(people, cast, tmp_path):
    mira, ada, ben, chen, vera = (people[name] for name in (MIRA, ADA, BEN, CHEN, VERA))
    open_study(people)

    # Ada and Ben read alone: neither sees the other's answer, and they differ on the second knee.
    read_all(ada, {"knee-1": "yes", "knee-2": "yes"})
    assert get(ben, f"{HERE}/annotations")["items"] == []
    read_all(ben, {"knee-1": "yes", "knee-2": "no"})
    assert {item["reader"] for item in get(ada, f"{HERE}/annotations")["items"]} == {CODES[ADA]}
    work()
    assert ledger_counts(mira) == {"auto_accepted": 1, "in_dispute": 1}

    # Ben is a physician and becomes an adjudicator; his own case stays closed to him.
    (dispute,) = get(mira, f"{HERE}/disputes")["items"]
    assert dispute["case"] == "knee-2"
    mira.put(f"{HERE}/members/{BEN}", {"role": "adjudicator"}, format="json")
    assert get(ben, f"{HERE}/disputes")["items"] == []
    post(ben, f"{HERE}/disputes:claim-next", status=204)
    refusal = post(ben, f"{HERE}/disputes/{dispute['id']}/claim", status=403)
    assert refusal["code"] == "not-independent"

    # Chen takes it, sees letters and nobody's name, and signs.
    (waiting,) = get(chen, f"{HERE}/disputes")["items"]
    assert set(waiting) == {"id", "question", "question_title", "kind", "finding", "is_mine"}
    held = post(chen, f"{HERE}/disputes:claim-next", status=200)
    view = get(chen, held["url"])
    assert sorted(read["letter"] for read in view["reads"]) == ["A", "B"]
    assert sorted(read["summary"] for read in view["reads"]) == ["Absent", "Present"]
    assert view["consensus_summary"] is None
    assert Exposure.objects.filter(viewer=cast.chen, stage="adjudication").count() == 2
    letter = next(read["letter"] for read in view["reads"] if read["summary"] == "Present")
    decision = {
        "decision": "reader",
        "letter": letter,
        "rationale": "Fluid in the recess on both views.",
        "cause": "oversight",
        "confidence": "high",
        "shown_digest": view["shown_digest"],
        "fence": view["fence"],
    }
    signing = f"{HERE}/disputes/{view['id']}/decision"
    assert post(chen, signing, {**decision, "password": "a guess"}, 403)["code"] == "wrong-password"
    signed = post(chen, signing, {**decision, "password": PASSWORD}, **{"Idempotency-Key": "sign-1"})
    assert signed["signed_name"] == "Chen Weiming"
    assert post(chen, signing, {**decision, "password": PASSWORD}, **{"Idempotency-Key": "sign-1"}) == signed
    assert post(chen, signing, {**decision, "password": PASSWORD}, 409)["code"] == "dispute-closed"
    work()
    assert ledger_counts(mira) == {"auto_accepted": 1, "adjudicated": 1}

    # Mira freezes; the package holds the decision and both reads, one of them as the minority report.
    order = post(mira, f"{HERE}/releases", {"note": "First."}, 202)
    assert (order["work"]["state"], order["release"]) == ("waiting", None)
    work(ReleaseOrder)
    frozen = get(mira, get(mira, order["url"])["release_url"])
    assert get(vera, frozen["package_url"], 409)["code"] == "package-not-ready"
    work()
    assert get(mira, frozen["url"])["work"]["state"] == "done"
    package = b"".join(vera.get(frozen["package_url"]).streaming_content)
    path = tmp_path / "release.zip"
    path.write_bytes(package)
    check_contents(package)

    report = verify_package(path)
    assert report.is_equal, [item for item in report.items if item.outcome != "reproduced"]

    # One byte of one file changed: verify says which.
    path.write_bytes(with_one_byte_changed(package, "gold.jsonl", b"Fluid", b"Flued"))
    broken = verify_package(path)
    assert not broken.is_equal
    differences = [text for item in broken.items for text in item.differences]
    assert any(text.startswith("gold.jsonl") for text in differences), differences
    assert any("knee-2" in text and "rationale" in text for text in differences), differences

    # Nothing was overwritten on the way, and the chain of events is whole.
    assert Annotation.objects.count() == 4
    assert Dispute.objects.get().adjudication.source.reader.code == CODES[ADA]
    assert audit.first_break(Project.objects.get()) is None
    actions = [event["action"] for event in get(mira, f"{HERE}/audit?limit=500")["items"]]
    assert actions[0] == "project.opened"
    assert {"dispute.claimed", "dispute.resolved", "release.frozen", "release.built"} <= set(actions)


def check_contents(package):
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        gold = archive.read("gold.jsonl").decode()
        reads = archive.read("reads.jsonl").decode()
    (settled,) = [line for line in gold.splitlines() if '"knee-2"' in line]
    assert "Fluid in the recess on both views." in settled
    assert CODES[BEN] in settled  # the minority report
    assert '"code":"no"' in settled.replace(" ", "")
    assert sum(CODES[name] in line for line in reads.splitlines() for name in (ADA, BEN)) == 4
    assert "chen" not in (gold + reads).lower()


def with_one_byte_changed(package, name, old, new):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as archive, zipfile.ZipFile(out, "w") as copy:
        for entry in archive.infolist():
            content = archive.read(entry)
            if entry.filename == name:
                assert old in content
                content = content.replace(old, new, 1)
            copy.writestr(entry, content)
    return out.getvalue()
