"""Files come in through pages: what a format is told, who is who, what is refused, zips, and what became of it."""

import io
import zipfile
from collections import Counter

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture

from annotations import intake
from annotations.case_table import against, read_case_table
from annotations.imaging import Handed
from annotations.models import Annotation, ImportBatch
from annotations.unpacking import unpacked
from tests.annotations.images.dicom_files import slices
from tests.factories import EFFUSION, FRACTURE, study, work
from tests.personas import ADA, BEN, CODES
from tests.shared import shared

pytestmark = pytest.mark.django_db
HEAD = "case,reader,question,value\n"


@pytest.fixture
def project(cast):
    return study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=[EFFUSION, FRACTURE], n_cases=3)


@pytest.fixture
def mira(client, cast):
    client.force_login(cast.mira)
    return client


def hand_in(client, content, name="reads.csv", **more):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return client.post(reverse("setup-reads", args=["study"]), {"file": file, **more})


def take(client, page, which="all"):
    return client.post(reverse("setup-reads", args=["study"]), {"ticket": page.context["ticket"], "do": which})


COCO = b"""{"images": [{"id": 1, "file_name": "case-1.png", "width": 16, "height": 16}],
"categories": [{"id": 1, "name": "fracture"}],
"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 3, 5, 6], "area": 30, "iscrowd": 0}]}"""


class TestReads:
    def test_what_the_file_does_not_say_is_told_in_options_and_kept_for_the_taking(self, mira, project):
        untold = hand_in(mira, COCO, "boxes.json").content.decode()
        assert "surely (95% certain)" in untold
        assert "Key of the reader whose work the file holds; needed" in untold
        told = f"reader={CODES[ADA]}\nquestion=fracture\n"
        shown = hand_in(mira, COCO, "boxes.json", options=told)
        answer = take(mira, shown)
        work()
        batch = ImportBatch.objects.get()
        assert answer.url == reverse("setup-file", args=["study", batch.public_id])
        assert batch.options == {"reader": CODES[ADA], "question": "fracture", "take": "all"}
        page = mira.get(answer.url).content.decode()
        assert "1 answer was taken" in page, page
        assert Annotation.objects.get().question.code == "fracture"

    def test_a_file_that_waits_can_be_stopped_and_one_that_is_taken_cannot(self, mira, project):
        answer = take(mira, hand_in(mira, HEAD + f"case-1,{CODES[ADA]},effusion,yes\n"))
        assert "Stop, and take nothing" in mira.get(answer.url).content.decode()
        mira.post(answer.url, {"do": "stop"})
        page = mira.get(answer.url).content.decode()
        assert "was stopped; nothing was taken" in page
        work()
        assert not Annotation.objects.exists()
        other = take(mira, hand_in(mira, HEAD + f"case-2,{CODES[ADA]},effusion,yes\n"))
        work()
        refused = mira.post(other.url, {"do": "stop"}, follow=True).content.decode()
        assert "finished already" in refused
        assert Annotation.objects.count() == 1

    def test_an_option_without_a_value_is_refused_at_its_field(self, mira, project):
        assert 'id="id_options_error"' in hand_in(mira, COCO, "boxes.json", options="reader").content.decode()

    def test_a_format_that_is_not_certain_names_what_it_may_be(self, mira, project):
        page = hand_in(mira, b"{}", "boxes.json").content.decode()
        assert "It may be COCO" in page
        assert "(30%)" in page

    def test_each_reader_of_the_file_is_named(self, mira, cast, project):
        intake.register_reader(actor=cast.mira, project=project, code="M1", kind="model", version="2.1")
        page = hand_in(mira, HEAD + f"case-1,{CODES[ADA]},effusion,yes\ncase-1,M1,effusion,no\n")
        assert page.context["readers"] == [("M1", "Model 2.1", 1), (CODES[ADA], "ada", 1)]

    def test_a_fault_of_every_line_is_one_row(self, mira, project):
        lines = "".join(f"case-{1 + n % 3},stranger,effusion,yes\n" for n in range(30))
        page = hand_in(mira, HEAD + lines)
        (problem,) = page.context["problems"]
        assert (problem.n_lines, problem.lines) == (30, "2, 3, 4, 5, 6, 7, 8, 9 …")
        assert "no active reader stranger" in problem.detail
        assert reverse("setup-people", args=["study"]) in page.content.decode()

    def test_the_way_of_a_file_is_followed_to_its_end(self, mira, project):
        text = HEAD + f"case-1,{CODES[ADA]},effusion,yes\ncase-9,{CODES[ADA]},effusion,yes\n"
        address = take(mira, hand_in(mira, text), "good").url
        waiting = mira.get(address, headers={"HX-Request": "true"}).content.decode()
        assert 'hx-trigger="every 2s"' in waiting
        assert "<html" not in waiting
        work()
        done = mira.get(address).content.decode()
        assert "hx-trigger" not in done
        assert "Read 2 = 1 new + 0 there already + 1 refused" in done
        assert "The project has no case case-9" in done

    def test_all_or_nothing_is_said_where_it_is_nothing(self, mira, cast, project):
        page = hand_in(mira, HEAD + f"case-1,{CODES[ADA]},effusion,yes\n")
        intake.set_active(actor=cast.mira, reader=project.readers.get(code=CODES[ADA]), is_active=False)
        address = take(mira, page).url
        work()
        assert "Nothing was taken: 1 answer is refused" in mira.get(address).content.decode()
        assert not Annotation.objects.exists()

    def test_the_same_reads_again_add_nothing_and_say_so(self, mira, project):
        text = HEAD + f"case-1,{CODES[ADA]},effusion,yes\n"
        take(mira, hand_in(mira, text))
        work()
        page = hand_in(mira, text + "\n")
        assert "Everything in this file is there already" in page.content.decode()
        address = take(mira, page).url
        work()
        assert "Nothing was added: the one answer was there already" in mira.get(address).content.decode()
        assert Annotation.objects.count() == 1


LARGEST = 3 * 2**20


def test_every_real_file_is_looked_through_or_refused_in_words(mira, project):
    """No file of another tool breaks the page, whatever it is told or not told."""
    files = [path for path in sorted(shared("formats").rglob("*")) if path.is_file() and path.stat().st_size < LARGEST]
    assert files
    answers = Counter()
    for path in files:
        page = hand_in(mira, path.read_bytes() or b" ", path.name, options=f"reader={CODES[ADA]}")
        assert page.status_code == 200, path
        looked = "ticket" in page.context
        assert looked or page.context["form"].errors, path
        answers["looked through" if looked else "refused"] += 1
    assert answers["looked through"] > 20, answers
    assert not ImportBatch.objects.exists()


def png(seed=0):
    stream = io.BytesIO()
    Picture.fromarray(np.full((8, 8), seed, dtype=np.uint8)).save(stream, "png")
    return stream.getvalue()


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def images(client, content, name="a.png", **more):
    files = [SimpleUploadedFile(name, content)]
    return client.post(reverse("setup-images", args=["study"]), {"files": files, **more})


class TestImages:
    def test_a_zip_is_the_files_in_it(self, mira, project):
        content = zipped(**{"one.png": png(1), "below/two.png": png(2), "__MACOSX/one.png": b"x", ".hidden": b"y"})
        page = images(mira, content, "study.zip", do="check", keeps_names="on", is_clean="on")
        assert [one["case"] for one in page.context["found"]["taken"]] == ["two", "one"]
        images(mira, content, "study.zip", do="take", keeps_names="on", is_clean="on")
        assert set(project.cases.values_list("key", flat=True)) >= {"one", "two"}

    def test_a_dicom_series_in_a_zip_is_one_case(self, mira, project):
        files = {f"{place}.dcm": content for place, content in enumerate(slices())}
        found = images(mira, zipped(**files), "ct.zip", do="check", case="ct-1").context["found"]
        assert [(one["case"], one["shape"][0]) for one in found["taken"]] == [("ct-1", len(files))]

    @pytest.mark.parametrize("content", [b"PK\x03\x04 broken", zipped(**{"../../etc": b"x"})])
    def test_a_zip_that_cannot_be_trusted_is_refused_with_its_reason(self, mira, project, content):
        page = images(mira, content, "x.zip", do="take").content.decode()
        assert "Nothing was taken" in page
        assert project.cases.count() == 3

    def test_the_files_stay_chosen_where_a_script_asks(self, mira, project):
        address, headers = reverse("setup-images", args=["study"]), {"HX-Request": "true"}

        def post(do):
            sent = {"files": [SimpleUploadedFile("a.png", png())], "do": do, "case": "p-1", "subject": "s-1"}
            return mira.post(address, sent, headers=headers)

        shown = post("check").content.decode()
        assert "<html" not in shown
        assert "1 image can be taken" in shown
        assert post("take").headers["HX-Redirect"] == reverse("setup-cases", args=["study"])
        assert project.cases.get(key="p-1").subject == "s-1"

    def test_members_are_numbered_after_the_unpacking(self):
        content = zipped(**{"b.png": png(1), "a.png": png(2)})
        handed = Handed("x.zip", lambda: io.BytesIO(content))
        assert [one.name for one in unpacked([handed, Handed("c.png", lambda: io.BytesIO(png()))])] == [
            "a.png", "b.png", "c.png",
        ]  # fmt: skip


class TestCases:
    def test_a_grid_without_pixels_comes_with_the_table(self, mira, project):
        table = "case;subject;shape;spacing_mm;site\nct-1;p-1;40 x 512 × 512;2.5x0.7x0.7;Basel\n"
        mira.post(reverse("setup-cases", args=["study"]), {"table": table, "do": "take"})
        case = project.cases.get(key="ct-1")
        assert (case.image.shape, case.image.spacing_mm, case.strata) == (
            [40, 512, 512], [2.5, 0.7, 0.7], {"site": "Basel"},
        )  # fmt: skip
        page = mira.get(reverse("setup-cases", args=["study"]), {"q": "p-1"}).content.decode()
        assert "40 × 512 × 512, 2.5 × 0.7 × 0.7 mm, without pixels" in page

    @pytest.mark.parametrize(
        "cells",
        ["40x512,", "axbxc,", "0x1x1,", "1.5x2x2,", ",1x1x1", "nanx1x1,", "70000x70000x2,", "1x1x1,infx1x1"],
    )
    def test_a_grid_that_cannot_be_is_a_fault_of_its_line(self, cells):
        (fault,) = read_case_table(f"case,subject,shape,spacing_mm\nct-1,p-1,{cells}\n").faults
        assert fault.line == 2

    def test_a_case_of_another_patient_is_a_fault_and_the_same_again_is_none(self):
        table = against(read_case_table("case,subject\na,p-1\nb,p-2\nc,p-3\n"), {"a": "p-1", "b": "other"})
        assert [case.key for case in table.cases] == ["a", "c"]
        assert table.n_there == 1
        assert [(fault.line, fault.column) for fault in table.faults] == [(3, "subject")]

    def test_the_list_is_searched_and_paged_on_the_server(self, mira, cast, project):
        cases = [intake.NewCase(f"ct-{n:03}", f"p-{n // 2}") for n in range(130)]
        intake.register_cases(actor=cast.mira, project=project, cases=cases)
        address = reverse("setup-cases", args=["study"])
        first = mira.get(address)
        assert len(first.context["rows"]) == 100
        assert "133 cases" in first.content.decode()
        assert len(mira.get(address, {"page": "2"}).context["rows"]) == 33
        found = mira.get(address, {"q": "p-64"}).context["rows"]
        assert [row.key for row in found] == ["ct-128", "ct-129"]

    def test_the_administrator_sees_no_case_without_a_role(self, client, cast, project):
        client.force_login(cast.root)
        page = client.get(reverse("setup-cases", args=["study"]))
        assert page.context["rows"] == []
        assert "subject-1" not in page.content.decode()
