from dataclasses import replace

import pytest

from reports.exporters.base import ExportProblem, export, format_of, narrowed, refusals
from reports.registry import EXPORTERS
from tests.reports.exporters.bundles import bundle, question, record, statistic
from tests.reports.exporters.regions import many, release

BUNDLE = bundle(
    [
        record("c1", label={"kind": "category", "code": "a"}),
        record("c2"),
        record("c3", label={"kind": "nothing_found"}),
    ],
    statistics=[statistic()],
)
# Formats of shapes alone hold no answer about a case.
SHAPES = {"yolo", "pascal_voc", "nifti_mask", "nrrd_mask", "dicom_seg", "rtstruct", "dicom_sr"}
VOLUMES = {"nifti_mask", "nrrd_mask", "dicom_seg", "rtstruct", "dicom_sr"}

EVERY = pytest.mark.parametrize("name", sorted(EXPORTERS))
HOLDS_ANSWERS = pytest.mark.parametrize("name", sorted(set(EXPORTERS) - SHAPES))


@EVERY
def test_the_same_bytes_each_time(name):
    made = release()
    held = narrowed(made, format_of(name, EXPORTERS[name], made).questions)
    assert export(EXPORTERS[name], held) == export(EXPORTERS[name], held)
    assert export(EXPORTERS[name], held)


@EVERY
def test_the_order_in_which_the_records_name_their_members_has_no_effect(name):
    made = release()
    held = narrowed(made, format_of(name, EXPORTERS[name], made).questions)
    turned = replace(held, records=[dict(reversed(list(one.items()))) for one in held.records])
    assert export(EXPORTERS[name], turned) == export(EXPORTERS[name], held)


@HOLDS_ANSWERS
def test_answers_about_cases_are_held(name):
    assert export(EXPORTERS[name], BUNDLE)
    assert refusals(EXPORTERS[name], BUNDLE) == {}


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_format_of_shapes_says_that_it_holds_no_answers(name):
    found = format_of(name, EXPORTERS[name], BUNDLE)
    assert found.questions == ()
    assert list(found.refused) == ["q"]
    with pytest.raises(ExportProblem) as problem:
        export(EXPORTERS[name], BUNDLE)
    assert problem.value.code == "question-not-supported"


@EVERY
def test_an_empty_release_is_a_file_too(name):
    assert isinstance(export(EXPORTERS[name], release([])) if name not in SHAPES else b"", bytes)
    held = narrowed(release([]), ["lesion"])
    assert isinstance(export(EXPORTERS[name], held), bytes)


@EVERY
def test_it_declares_what_it_is_and_what_it_loses(name):
    spec = EXPORTERS[name]
    assert spec.title
    assert spec.suffix
    assert "/" in spec.media_type
    assert spec.loses
    assert all(line.endswith(".") for line in spec.loses)


@HOLDS_ANSWERS
def test_a_kind_that_it_cannot_hold_is_refused_with_a_reason(name):
    spec = replace(EXPORTERS[name], kinds=frozenset({"category"}))
    assert export(spec, BUNDLE)
    foreign = bundle(questions=[question(), question("shape", "polygon", "none")])
    with pytest.raises(ExportProblem, match="cannot hold polygon; it holds category") as problem:
        export(spec, foreign)
    assert problem.value.code == "kind-not-supported"
    assert format_of(name, spec, foreign).questions == ("q",)


@pytest.mark.slow
@EVERY
def test_thousands_of_regions_pass_in_one_go(name):
    # Of ten regions a case; the time limit of the test run is what a quadratic exporter would meet.
    assert export(
        EXPORTERS[name],
        many(300 if name in ("nifti_mask", "nrrd_mask", "dicom_seg", "rtstruct", "dicom_sr") else 2_000),
    )


@pytest.mark.parametrize("codes", [["nothing"], []])
def test_only_questions_of_the_release_can_be_asked_for(codes):
    with pytest.raises(ExportProblem, match="it has lesion, type") as problem:
        narrowed(release(), codes)
    assert problem.value.code == "unknown-question"


def test_some_questions_alone():
    held = narrowed(release(), ["quality"])
    assert [one["code"] for one in held.schema["questions"]] == ["quality"]
    assert {one["question"] for one in held.records} == {"quality"}
    assert held.cases == release().cases


def test_a_format_does_not_hold_a_kind_that_it_does_not_know():
    with pytest.raises(ExportProblem):
        export(EXPORTERS["coco"], bundle(questions=[question("rank", "ranking", "ordinal")]))
