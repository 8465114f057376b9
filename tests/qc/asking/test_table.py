import pytest

from qc.asking.base import AskError
from qc.asking.table import reads_of_csv


def test_answers_are_json_where_they_are_and_texts_elsewhere():
    text = 'unit,patient,reader,answer\n1,p1,a,3.5\n2,,a,"[1, 2]"\n3,p1,b,left lung\n'
    assert reads_of_csv(text) == [
        {"unit": "1", "patient": "p1", "reader": "a", "answer": 3.5},
        {"unit": "2", "reader": "a", "answer": [1, 2]},
        {"unit": "3", "patient": "p1", "reader": "b", "answer": "left lung"},
    ]


def test_codes_stay_texts():
    [row] = reads_of_csv("unit,reader,code,repeat\n1,a,2,0\n")
    assert row == {"unit": "1", "reader": "a", "answer": "2", "repeat": 0}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad-heading"),
        ("unit,reader\n", "bad-heading"),
        ("unit,reader,answer,colour\n", "bad-heading"),
        ("unit,reader,answer\n1,a\n", "bad-line"),
        ('unit,reader,answer\n1,a,"x\n', "bad-csv"),
    ],
    ids=["empty", "lacking", "unknown", "short", "unclosed"],
)
def test_what_is_no_table_of_reads_is_refused(text, code):
    with pytest.raises(AskError) as caught:
        reads_of_csv(text)
    assert caught.value.code == code
