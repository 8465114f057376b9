import json
import subprocess
import sys

import pytest

from reports.signing import public_pem, signing_key
from reports.verification.__main__ import main
from reports.verification.verify import verify_package
from tests.architecture.source import ROOT
from tests.reports.verification.archives import changed, forged, lines, packed, unpacked, with_lines

# Marked for the one test that tells the story; which of them it is depends on their order.
pytestmark = pytest.mark.django_db

NAMES = [
    "signature of the manifest",
    "files against the manifest",
    "digests inside the files",
    "ledger closes",
    "labels by rule",
    "labels by a person",
    "minority report",
    "statistics",
    "blinding",
    "splits",
]


# The story is told once: a package is bytes, and checking it asks no database.
MADE = {}


@pytest.fixture
def path(request, tmp_path):
    """A package with labels by rule, by a person, and open units."""
    if not MADE:
        story = request.getfixturevalue("story")
        story.settle("case-3", "grade", decision="reader", letter=story.letter("case-3", "grade", "cyd"))
        story.settle("case-4", "lesion", decision="reader", letter=story.letter("case-4", "lesion", "ada"))
        story.work()
        made = story.package(story.released(), tmp_path)
        MADE[made.name] = made.read_bytes()
    ((name, content),) = MADE.items()
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def outcomes(report):
    return {item.name: item.outcome for item in report.items}


def differences(report, name):
    (item,) = [item for item in report.items if item.name == name]
    assert item.outcome == "differs", item
    return item.differences


def verified(files, path):
    return verify_package(packed(files, path.with_name("changed.zip")))


def tampered(path, name, change):
    """Verify the package after a change that somebody signed with a key of their own."""
    return verified(forged(changed(unpacked(path), name, change)), path)


def test_an_honest_package_is_reproduced(path, tmp_path):
    report = verify_package(path, public_pem(signing_key()))
    assert [item.name for item in report.items] == NAMES
    assert report.is_equal, report.lines()
    assert report.title.startswith("Lesions, release 1, content ")
    details = {item.name: item.detail for item in report.items}
    assert "the key given" in details["signature of the manifest"]
    assert details["ledger closes"] == "9 cases × 4 questions = 36 cells"
    assert details["labels by a person"] == "2 units traced to 2 signed decisions"
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in unpacked(path).items():
        (folder / name).write_bytes(content)
    assert verify_package(folder).is_equal


@pytest.mark.parametrize("name", ["gold.jsonl", "reads.jsonl", "cases.csv", "datasheet.md", "gold.csv", "stats.json"])
def test_one_byte_names_the_file(path, name):
    files = unpacked(path)
    place = len(files[name]) // 2
    files[name] = files[name][:place] + bytes([files[name][place] ^ 1]) + files[name][place + 1 :]
    report = verified(files, path)
    assert differences(report, "files against the manifest") == (f"{name}: not the bytes that were signed",)
    assert not report.is_equal


def test_a_file_that_is_missing_or_added_is_named(path):
    files = unpacked(path)
    del files["gold.csv"]
    report = verified({**files, "extra.txt": b"x"}, path)
    assert differences(report, "files against the manifest") == (
        "gold.csv: missing",
        "extra.txt: not listed in the manifest",
    )


def test_a_changed_manifest_is_not_what_was_signed(path):
    files = unpacked(path)
    files["manifest.json"] = files["manifest.json"].replace(b'"number":1', b'"number":2')
    assert outcomes(verified(files, path))["signature of the manifest"] == "differs"


def test_another_hand_is_known_by_its_key(path):
    files = forged(unpacked(path))
    assert verified(files, path).is_equal
    report = verify_package(packed(files, path), public_pem(signing_key()))
    assert outcomes(report)["signature of the manifest"] == "differs"
    assert {outcome for name, outcome in outcomes(report).items() if name != NAMES[0]} == {"reproduced"}


def test_a_forged_label_is_named_by_case_and_question(path):
    def change(record):
        if (record["case"], record["question"]) == ("case-1", "quality"):
            record["label"] = {"kind": "category", "code": "=poor"}

    report = tampered(path, "gold.jsonl", change)
    (found,) = differences(report, "labels by rule")
    assert found.startswith("case-1 / quality: label is ")
    assert outcomes(report)["files against the manifest"] == "reproduced"


def test_a_forged_label_of_a_finding_is_named_by_the_finding(path):
    def change(record):
        if record["case"] == "case-1" and record["question"] == "grade":
            record["label"] = {"kind": "grade", "level": "4"}

    (found,) = differences(tampered(path, "gold.jsonl", change), "labels by rule")
    case, question, finding = found.partition(":")[0].split(" / ")
    assert (case, question, len(finding)) == ("case-1", "grade", 16)


def test_votes_support_and_inputs_are_compared(path):
    def change(record):
        if (record["case"], record["question"]) == ("case-2", "quality"):
            record["votes"], record["support"], record["inputs"] = {"good": 9}, 0.9, []

    found = differences(tampered(path, "gold.jsonl", change), "labels by rule")
    assert [one.partition(" is ")[0] for one in found] == [
        "case-2 / quality: votes",
        "case-2 / quality: inputs",
        "case-2 / quality: support",
    ]


def test_a_hidden_unit_is_found(path):
    files = unpacked(path)
    kept = [record for record in lines(files, "gold.jsonl") if record["case"] != "case-5"]
    report = verified(forged(with_lines(files, "gold.jsonl", kept)), path)
    assert len(differences(report, "labels by rule")) == 3
    assert all("in neither gold.jsonl nor open.jsonl" in one for one in differences(report, "labels by rule"))


def test_a_settled_unit_cannot_be_called_open(path):
    files = unpacked(path)
    gold = lines(files, "gold.jsonl")
    (hidden,) = [one for one in gold if (one["case"], one["question"]) == ("case-2", "size")]
    rest = [one for one in gold if one is not hidden]
    hidden.update(label=None, disposition="in_dispute", dissent=[], provenance={"by": "nobody"})
    files = with_lines(with_lines(files, "gold.jsonl", rest), "open.jsonl", [*lines(files, "open.jsonl"), hidden])
    report = verified(forged(files), path)
    assert "case-2 / size: in_dispute, but the rules say accept" in differences(report, "labels by rule")


def test_a_changed_read_changes_the_labels_that_rest_on_it(path):
    def change(read):
        if (read["case"], read["question"], read["reader"]) == ("case-2", "quality", "ada"):
            read["label"] = {"kind": "category", "code": "=poor"}

    report = tampered(path, "reads.jsonl", change)
    assert differences(report, "digests inside the files") == (
        "reads.jsonl: case-2 / quality by ada, revision 1: another label was signed",
    )
    assert any(one.startswith("case-2 / quality: votes") for one in differences(report, "labels by rule"))
    assert outcomes(report)["statistics"] == "differs"


def test_a_label_that_no_question_allows_is_named(path):
    def change(read):
        if (read["case"], read["question"], read["reader"]) == ("case-2", "quality", "ada"):
            read["label"] = {"kind": "category", "code": "unheard of"}

    found = differences(tampered(path, "reads.jsonl", change), "labels by rule")
    assert found[0].startswith("case-2: a label is none of its question's kind")


def test_a_decision_that_nobody_signed_is_found(path):
    def change(record):
        if record["provenance"]["by"] == "adjudication":
            record["provenance"]["signature"] = "0" * 64

    found = differences(tampered(path, "gold.jsonl", change), "labels by a person")
    assert len(found) == 2
    assert all("signature is not that of the signed decision" in one for one in found)


def test_a_decision_cannot_claim_a_read_that_says_something_else(path):
    label = {"kind": "grade", "level": "2"}

    def change(line):
        if line["case"] == "case-3":
            line["label"] = label

    report = tampered(path, "adjudications.jsonl", change)
    assert len(differences(report, "labels by a person")) == 2
    files = changed(unpacked(path), "adjudications.jsonl", change)

    def follow(record):
        if (record["case"], record["question"]) == ("case-3", "grade"):
            record["label"] = label

    report = verified(forged(changed(files, "gold.jsonl", follow)), path)
    (found,) = differences(report, "labels by a person")
    assert "is not the reader that it says it took" in found


def test_a_minority_cannot_be_left_out(path):
    def change(record):
        if (record["case"], record["question"]) == ("case-1", "quality"):
            record["dissent"] = []

    found = differences(tampered(path, "gold.jsonl", change), "minority report")
    assert found == ("case-1 / quality: the minority report has 0 entries, not those 1 of the reads",)


def test_a_statistic_cannot_be_embellished(path):
    def change(body):
        (row,) = [
            one
            for one in body["statistics"]
            if (one["question"], one["statistic"], one["population"]) == ("quality", "percent", "all")
        ]
        row["estimate"]["value"] += 1e-6

    found = differences(tampered(path, "stats.json", change), "statistics")
    assert [one.partition(" is ")[0] for one in found] == ["quality / percent / all: value"]


def test_a_statistic_that_is_newer_than_the_package_is_no_difference(path):
    def without(question):
        files = unpacked(path)
        body = json.loads(files["stats.json"])
        body["statistics"] = [
            row for row in body["statistics"] if row["statistic"] != "percent" or row["question"] not in question
        ]
        return verified(forged({**files, "stats.json": json.dumps(body).encode()}), path)

    report = without({"grade", "quality", "size"})
    assert outcomes(report)["statistics"] == "reproduced"
    (item,) = [item for item in report.items if item.name == "statistics"]
    assert item.detail.endswith("this program knows 1 statistics that the package does not give")
    hidden = differences(without({"quality"}), "statistics")
    assert [one.partition(":")[0] for one in hidden] == ["quality / percent / all", "quality / percent / complete"]


def test_a_ledger_that_does_not_close_is_found(path):
    files = unpacked(path)
    rows = files["ledger.csv"].splitlines(keepends=True)
    short = verified(forged({**files, "ledger.csv": b"".join(rows[:-1])}), path)
    assert "case-9 / size: missing in ledger.csv" in differences(short, "ledger closes")
    renamed = files["ledger.csv"].replace(
        b"case-4,patient-2,grade,auto_accepted", b"case-4,patient-2,grade,adjudicated"
    )
    moved = verified(forged({**files, "ledger.csv": renamed}), path)
    assert "case-4 / grade: adjudicated, but a unit is auto_accepted" in differences(moved, "ledger closes")


def test_a_seat_that_was_never_finished_changes_the_result(path):
    files = unpacked(path)
    files["seats.csv"] = files["seats.csv"].replace(b"case-1,cyd,1,1", b"case-1,cyd,1,0")
    found = differences(verified(forged(files), path), "labels by rule")
    assert found[0].startswith("case-1 / grade / ")
    assert "does not follow from the reads" in found[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gold.jsonl", b"{\n"),
        ("reads.jsonl", b'{"case":NaN}\n'),
        ("schema.json", b"[]"),
        ("protocol.json", b"{}"),
        ("cases.csv", b"case\r\nc\r\n"),
        ("seats.csv", b"case,reader,round,finished\r\ncase-1,ada,x,1\r\n"),
        ("adjudications.jsonl", b'{"case":"no such","question":"q","finding":"","decision":"own"}\n'),
        ("manifest.json", b"{}"),
        ("stats.json", b'{"statistics":{},"measured":[]}'),
        ("key.pub", b"no key"),
    ],
)
def test_a_broken_file_is_a_difference_and_no_crash(path, name, content):
    files = {**unpacked(path), name: content}
    assert not verified(files, path).is_equal
    report = verify_package(packed(files, path), public_pem(signing_key()))
    assert report.items


def test_another_code_version_cannot_be_decided(path):
    files = unpacked(path)
    body = json.loads(files["manifest.json"])
    body["software"]["code_version"] = "0"
    report = verified(forged({**files, "manifest.json": json.dumps(body).encode()}), path)
    assert outcomes(report)["labels by rule"] == "cannot"
    assert not report.is_equal


def test_what_is_no_package_is_said(tmp_path):
    target = tmp_path / "x.zip"
    target.write_bytes(b"nothing")
    (item,) = verify_package(target).items
    assert (item.name, item.outcome) == ("package", "differs")


def test_many_differences_are_counted(path):
    report = tampered(path, "reads.jsonl", lambda read: read.update(digest="0" * 64))
    found = differences(report, "digests inside the files")
    assert len(found) == 51
    assert found[-1].startswith("and ")


def test_the_program_needs_no_settings_and_its_exit_code_tells(path, tmp_path):
    key = tmp_path / "key.pem"
    key.write_bytes(public_pem(signing_key()))
    command = [sys.executable, "-m", "reports.verification", str(path), "--key", str(key), "--json"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={"PATH": ""})
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["is_equal"] is True
    packed(forged(unpacked(path)), path)
    assert main([str(path), "--key", str(key)]) == 3
    with pytest.raises(SystemExit) as leaving:
        main([str(tmp_path / "absent.zip")])
    assert leaving.value.code == 2


def test_a_union_is_made_again_from_the_reads_that_were_shown(story, tmp_path):
    story.settle("case-4", "lesion", decision="union")
    story.work()
    made = story.package(story.released(), tmp_path)
    assert outcomes(verify_package(made, public_pem(signing_key())))["labels by a person"] == "reproduced"

    def smaller(line):
        line["decision"] = line["decision"].replace("union", "intersection")
        line["label"] = {**line["label"], "runs": line["label"]["runs"][::-1]}

    found = differences(tampered(made, "adjudications.jsonl", smaller), "labels by a person")
    assert "case-4" in found[0]
    assert any("the signed label is not the intersection that it says it took" in one for one in found)
