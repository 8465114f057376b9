"""Files of reads: taken whole, once; refused with file, line and field, and nothing half-written."""

import json
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotations import due, importing, locking
from annotations.due import Fenced
from annotations.importers.base import Imported
from annotations.labels import _runs
from annotations.labels.base import Geometry
from annotations.models import Annotation, Assignment, AuditEvent, Case, Image, ImportBatch
from annotations.submission import AnswerProblem
from annotations.tasks import run_one
from tests.annotations.importers.rtstruct_made import square_on, structure_set
from tests.annotations.importers.seg_made import AXES, ORIGIN, SHAPE, SPACING
from tests.factories import GRADE, LESION, NODULE, SUSPICION, box_mask, level, square, study, work
from tests.personas import ADA, BEN, CODES

HEADER = "case,reader,question,mark,value,answer\n"
ADA_CODE, BEN_CODE = CODES[ADA], CODES[BEN]


@pytest.fixture
def project(cast):
    readers = {ADA_CODE: cast.ada, BEN_CODE: cast.ben}
    return study(cast.mira, readers, questions=[GRADE, LESION, NODULE, SUSPICION], n_cases=2)


def cell(value):
    plain = {name: part for name, part in value.items() if name != "kind"}
    return '"' + json.dumps(plain).replace('"', '""') + '"'


def lines(*rows):
    return (HEADER + "".join(",".join(row) + "\n" for row in rows)).encode()


def hand_in(cast, project, content, name="reads.csv", **fields):
    """Hand a file in through the API, let the worker run, and return the import as the API shows it."""
    client = cast.client("mira")
    upload = importing_file(name, content)
    path = reverse("api-imports", args=[project.slug])
    answer = client.post(path, {"file": upload, "format": "csv_table", **fields}, format="multipart")
    assert answer.status_code == 202, answer.content
    assert answer["Location"] == answer.json()["url"]
    assert answer["Retry-After"]
    assert answer.json()["work"]["state"] == "waiting"
    work(ImportBatch)
    shown = client.get(answer["Location"]).json()
    assert shown["work"] == {"state": "done", "progress": 1.0, "attempts": 0, "problem": None}
    return shown


def importing_file(name, content):
    return SimpleUploadedFile(name, content)


def nothing_written(project):
    assert not Annotation.objects.filter(case__project=project).exists()
    assert not Assignment.objects.filter(case__project=project, finished_at__isnull=False).exists()
    assert not AuditEvent.objects.filter(project=project, action="annotations.imported").exists()
    return True


GOOD = ("case-1", ADA_CODE, "grade", "", "2", "")
BOWTIE = {
    "rule": "pixel_centre",
    "rings": [{"slice": 1, "hole": False, "points": [[1, 1], [9, 9], [9, 1], [1, 9]]}],
}
SMALL = box_mask(0, 1, 0, 2, 0, 2, (4, 8, 8))
COCO = {
    "images": [{"id": 1, "file_name": "case-1.png", "width": 16, "height": 16}],
    "categories": [{"id": 1, "name": "nodule"}],
    "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[2, 2, 8, 2, 8, 8, 2, 8]]},
        {"id": 2, "image_id": 1, "category_id": 1, "segmentation": [[1, 1, 5, 1, 5, 5, 1, 5]]},
    ],
}


def test_a_wrong_column_is_named(cast, project):
    content = b"case,reader,question,wert\ncase-1,reader-aquila,grade,2\n"
    shown = hand_in(cast, project, content, "wrong.csv")
    (problem,) = shown["problems"]
    assert problem["file"] == "wrong.csv"
    assert problem["line"] == 1
    assert problem["field"] == "wert"
    assert problem["code"] == "unknown-column"
    assert "case, reader, question, value" in problem["detail"]
    assert nothing_written(project)


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (("case-1", "reader-zeta", "grade", "", "2", ""), "reader", "unknown-reader"),
        (("case-9", ADA_CODE, "grade", "", "2", ""), "case", "unknown-case"),
        (("case-1", ADA_CODE, "grading", "", "2", ""), "question", "unknown-question"),
        (("case-1", ADA_CODE, "grade", "", "5", ""), "value/level", "unknown-level"),
        (("case-1", ADA_CODE, "nodule", "n1", cell(BOWTIE), ""), "value/rings/0", "self-crossing"),
        (("case-1", ADA_CODE, "lesion", "", cell(SMALL), ""), "value/shape", "shape-mismatch"),
        (("case-1", ADA_CODE, "nodule", "", cell(square(1, 2, 2, 5)), ""), "mark", "missing-mark"),
        (("case-1", ADA_CODE, "grade", "m1", "2", ""), "mark", "unwanted-mark"),
    ],
)  # fmt: skip
def test_one_bad_line_gets_one_error_and_nothing_is_half_written(cast, project, row, field, code):
    shown = hand_in(cast, project, lines(GOOD, row))
    (problem,) = shown["problems"]
    assert {name: problem[name] for name in ("file", "line", "code")} == {"file": "reads.csv", "line": 3, "code": code}
    assert problem["field"].startswith(field)
    assert problem["detail"]
    assert (shown["n_committed"], shown["n_problems"]) == (0, 1)
    assert nothing_written(project)


def test_a_coco_file_cut_in_half_says_where_it_breaks_off(cast, project):
    whole = json.dumps(COCO, indent=1)
    options = json.dumps({"reader": ADA_CODE, "question": "nodule"})
    half = whole[: len(whole) // 2].encode()
    shown = hand_in(cast, project, half, "half.json", format="coco", options=options)
    (problem,) = shown["problems"]
    assert problem["file"] == "half.json"
    assert problem["line"] == half.count(b"\n") + 1
    assert problem["code"] == "not-json"
    assert f"of a file of {len(half)} bytes" in problem["detail"]
    assert nothing_written(project)
    shown = hand_in(cast, project, whole.encode(), "whole.json", format="coco", options=options)
    assert (shown["n_committed"], shown["n_problems"]) == (2, 0)


def test_the_good_part_is_taken_only_when_it_is_asked_for(cast, project):
    content = lines(GOOD, ("case-2", ADA_CODE, "grade", "", "9", ""))
    assert hand_in(cast, project, content)["n_committed"] == 0
    shown = hand_in(cast, project, content, take="good")
    assert (shown["n_committed"], shown["n_problems"], shown["n_lines"]) == (1, 1, 2)
    assert Annotation.objects.get().label == level(2)


def test_the_same_file_again_is_the_same_import(cast, project):
    first = hand_in(cast, project, lines(GOOD))
    client = cast.client("mira")
    upload = importing_file("renamed.csv", lines(GOOD))
    answer = client.post(
        reverse("api-imports", args=[project.slug]), {"file": upload, "format": "csv_table"}, format="multipart"
    )
    assert answer.json()["id"] == first["id"]
    work(ImportBatch)
    assert Annotation.objects.count() == 1


def test_another_file_with_the_same_answer_doubles_nothing(cast, project):
    hand_in(cast, project, lines(GOOD))
    shown = hand_in(cast, project, lines(GOOD) + b"\n")
    assert (shown["n_committed"], shown["n_already_there"], shown["n_problems"]) == (0, 1, 0)


def test_a_finished_reading_is_not_changed_by_a_later_file(cast, project):
    hand_in(cast, project, lines(GOOD))
    shown = hand_in(cast, project, lines(("case-1", ADA_CODE, "grade", "", "3", "")))
    assert shown["problems"][0]["code"] == "reading-finished"
    assert Annotation.objects.get().label == level(2)


def test_unknown_formats_and_bad_options_are_refused_at_once(cast, project):
    client, path = cast.client("mira"), reverse("api-imports", args=[project.slug])
    for fields, pointer in (({"format": "xlsx"}, "#/format"), ({"format": "coco", "options": "[1]"}, "#/options")):
        answer = client.post(path, {"file": importing_file("a", b"x"), **fields}, format="multipart")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert not ImportBatch.objects.exists()


def test_a_worker_that_dies_between_chunks_loses_and_doubles_nothing(cast, project, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    rows = [(case, code, "grade", "", "2", "") for case in ("case-1", "case-2") for code in (ADA_CODE, BEN_CODE)]
    batch = importing.receive_import(
        actor=cast.mira, project=project, content=lines(*rows), file_name="r.csv", importer="csv_table", options={}
    )
    written = importing.write_chunk
    calls = []

    def dies_after_the_first(**given):
        if calls:
            raise ConnectionError("killed")
        calls.append(written(**given))

    monkeypatch.setattr(importing, "write_chunk", dies_after_the_first)
    pairs = due.claim_due(ImportBatch, 1, "first")
    assert due.run(ImportBatch, pairs, run_one) == 0
    assert Annotation.objects.count() == 2
    monkeypatch.setattr(importing, "write_chunk", written)
    ImportBatch.objects.update(due_at=locking.now())
    work(ImportBatch)
    batch.refresh_from_db()
    assert Annotation.objects.count() == 4
    assert (batch.n_lines, batch.n_problems, batch.is_stuck) == (4, 0, False)
    assert batch.n_committed + batch.n_already_there == 4
    assert Assignment.objects.filter(finished_at__isnull=False).count() == 4


def test_a_worker_that_lost_its_lease_writes_nothing(cast, project):
    batch = importing.receive_import(
        actor=cast.mira, project=project, content=lines(GOOD), file_name="r.csv", importer="csv_table", options={}
    )
    ((pk, token),) = due.claim_due(ImportBatch, 1, "slow")
    claim = due.begin(ImportBatch, pk, token)
    ImportBatch.objects.update(claim="another:one")
    with pytest.raises(Fenced):
        importing.run_import(batch=batch, claim=claim)
    assert nothing_written(project)


def test_a_mask_on_voxels_of_another_size_is_refused():
    grid = Geometry((4, 8, 8), (2.0, 0.5, 0.5))
    item = Imported(1, "case-1", ADA_CODE, "lesion", "", {}, spacing_mm=(2.0, 0.5, 0.5004))
    importing.check_spacing(grid, item)
    importing.check_spacing(Geometry((4, 8, 8), None), item)
    with pytest.raises(AnswerProblem) as refusal:
        importing.check_spacing(grid, replace(item, spacing_mm=(2.0, 0.5, 0.6)))
    assert refusal.value.code == "spacing-mismatch"
    assert "2 × 0.5 × 0.6 mm" in refusal.value.message


def test_structures_are_drawn_on_the_image_of_their_case(cast, project):
    """A structure set of a DICOM series comes in by hand: on the image's own axes, or refused by its place."""
    case = Case.objects.create(project=project, key="volume", subject="patient-9", registered_at=locking.now())
    Image.objects.create(
        case=case, shape=list(SHAPE), spacing_mm=list(SPACING),
        origin_mm=list(ORIGIN), direction=[list(axis) for axis in AXES],
    )  # fmt: skip
    content = structure_set({"GTV": [square_on(2, 3.5, 9.5, 4.5, 9.5)], "Off": [square_on(2.4, 3.5, 9.5, 4.5, 9.5)]})
    asked = {"case": "volume", "reader": ADA_CODE, "question": "lesion", "one_answer": "yes"}
    off = hand_in(
        cast, project, content, "set.dcm", format="rtstruct", options=json.dumps({**asked, "structures": "Off"})
    )
    assert [(one["code"], one["line"]) for one in off["problems"]] == [("between", 2)]
    nowhere = json.dumps({**asked, "case": "case-1", "structures": "GTV"})
    away = hand_in(cast, project, content, "set.dcm", format="rtstruct", options=nowhere)
    assert [one["code"] for one in away["problems"]] == ["no-place"]
    nothing_written(project)
    hand_in(cast, project, content, "set.dcm", format="rtstruct", options=json.dumps({**asked, "structures": "GTV"}))
    (made,) = Annotation.objects.filter(case=case)
    assert _runs.decode(made.label["runs"], SHAPE).sum() == 6 * 5


def received(cast, project, content=b"case,reader,question,value\n"):
    row = f"case-1,{ADA_CODE},grade,3\n".encode()
    return importing.receive_import(
        actor=cast.mira, project=project, content=content + row, file_name="r.csv", importer="csv_table", options={}
    )


def test_an_import_can_be_stopped_until_answers_stand(cast, project):
    batch = received(cast, project)
    ((pk, token),) = due.claim_due(ImportBatch, 1, "slow")
    claim = due.begin(ImportBatch, pk, token)
    path = reverse("api-import-cancel", args=[project.slug, batch.public_id])
    stopped = cast.client("mira").post(path)
    assert (stopped.status_code, stopped.json()["problems"][0]["code"]) == (200, "cancelled")
    with pytest.raises(Fenced):
        importing.run_import(batch=batch, claim=claim)
    nothing_written(project)
    assert AuditEvent.objects.filter(action="import.cancelled").count() == 1
    assert cast.client("mira").post(path).status_code == 409


def test_an_import_says_how_far_it_is_and_answers_that_stand_are_not_cancelled(cast, project, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 1)
    rows = [[f"case-{n}", ADA_CODE, "grade", "", "3", ""] for n in (1, 2)]
    batch = importing.receive_import(
        actor=cast.mira, project=project, content=lines(*rows), file_name="r.csv", importer="csv_table", options={}
    )
    address = reverse("api-import", args=[project.slug, batch.public_id])
    client, seen = cast.client("mira"), []

    def look(done, total):
        seen.append((done, total, client.get(address).json()["work"]["progress"]))
        assert client.post(f"{address}/cancel").status_code == 409

    assert client.get(address).json()["work"]["progress"] is None
    ((pk, token),) = due.claim_due(ImportBatch, 1, "here")
    importing.run_import(batch=batch, claim=due.begin(ImportBatch, pk, token), tell=look)
    assert seen == [(1, 2, 0.5), (2, 2, 1.0)]
