"""The brain project: on the real template, and only there, since its places were chosen on it."""

import csv
import io
from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest

from annotations.images.nifti import read as nifti_read
from annotations.images.wire import voxels_of
from annotations.intake import NewQuestion, check_questions
from annotations.labels.base import Geometry
from annotations.registry import IMPORTERS, parse_label
from config.demo.brain import DISTRIBUTION, PLACES, TEMPLATE, Block, blocks
from config.demo.brain_study import build, protocol, questions, simulated_note
from config.demo.distributions import DataMissing, data_file
from config.demo.readers import READERS
from config.demo.study import Study
from qc.registry import METHODS, PROTOCOLS, RULES


@pytest.fixture(scope="module")
def study() -> Study:
    try:
        return build(data_file(DISTRIBUTION, TEMPLATE))
    except DataMissing as missing:
        pytest.skip(str(missing))


def masks_of(study: Study) -> dict[str, list[np.ndarray]]:
    kinds = {question.code: question.kind for question in study.questions}
    definitions = {question.code: question.definition for question in study.questions}
    grids = {case.key: Geometry(case.shape, case.spacing_mm) for case in study.cases}
    masks: dict[str, list[np.ndarray]] = defaultdict(list)
    for one in IMPORTERS["csv_table"].read(io.BytesIO(study.table), kinds, {}):
        label = parse_label(one.value, kinds[one.question], definitions[one.question], grids[one.case])
        if one.question == "fluid_space":
            masks[one.case].append(label.array())
    return masks


def test_twelve_blocks_of_a_modest_size_hold_real_grey_values(study: Study) -> None:
    assert len(study.cases) == len(PLACES) == 12
    assert {case.subject for case in study.cases} == {"mni152-2009a"}
    for case in study.cases:
        voxels = voxels_of(case.voxels, case.shape)
        assert all(size <= limit for size, limit in zip(case.shape, (96, 128, 128), strict=True))
        assert np.ptp(voxels) > 100


def test_left_cases_are_mirror_images_of_the_right(study: Study) -> None:
    cases = {case.key: case for case in study.cases}
    for key in ("frontal-horn", "ventricle-body", "atrium", "sylvian-cistern"):
        left, right = (
            voxels_of(cases[f"{side}-{key}"].voxels, cases[f"{side}-{key}"].shape) for side in ("left", "right")
        )
        assert (left == right[:, :, ::-1]).all()


def test_every_reader_answers_every_question_of_every_case(study: Study) -> None:
    rows = list(csv.DictReader(io.StringIO(study.table.decode())))
    answered = {(row["case"], row["reader"], row["question"]) for row in rows}
    assert len(answered) == len(rows) == 12 * 3 * 4


def test_about_a_third_of_the_masks_is_disputed(study: Study) -> None:
    disputed = 0
    for masks in masks_of(study).values():
        pairs = list(combinations(masks, 2))
        dice = np.mean([2 * (a & b).sum() / (a.sum() + b.sum()) for a, b in pairs])
        disputed += dice < protocol()["questions"]["fluid_space"]["rules"]["low_agreement"]["minimum"]
    assert disputed == 4


def test_the_same_file_gives_the_same_bytes(study: Study) -> None:
    assert build(data_file(DISTRIBUTION, TEMPLATE)).table == study.table


def test_the_regions_are_dark_and_lie_inside_their_blocks(study: Study) -> None:
    made: list[Block] = list(blocks_of_template())
    for block in made:
        surround = block.voxels[~block.region & (block.voxels > 0)]
        assert np.median(block.voxels[block.region]) < np.median(surround) - 20
        assert block.width_mm <= block.region.shape[2]


def blocks_of_template() -> list[Block]:
    from_file = data_file(DISTRIBUTION, TEMPLATE).read_bytes()
    return list(blocks(nifti_read(from_file)))


def test_the_schema_and_the_protocol_fit_each_other() -> None:
    check_questions([NewQuestion(q.code, q.title, q.kind, q.scale, q.definition, q.about) for q in questions()])
    document = protocol()
    PROTOCOLS["majority_panel"].check(document)
    assert {question.code for question in questions()} == set(document["questions"])
    assert {question.kind for question in questions()} == {"mask", "grade", "category", "measurement"}
    for policy in document["questions"].values():
        assert policy["method"] in METHODS
        for rule, limits in policy["rules"].items():
            RULES[rule].check_policy(limits)


def test_the_note_says_that_readers_are_simulated_and_how() -> None:
    note = simulated_note()
    assert "the readers are simulated" in note
    for reader in READERS:
        assert f"“{reader.code}” {reader.habit}" in note
        assert f"border {reader.bias_mm:+.1f} mm" in note
