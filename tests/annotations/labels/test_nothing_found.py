import pytest

from annotations.labels.base import LabelError
from annotations.labels.nothing_found import SPEC, NothingFound


def test_answers_a_question_that_takes_several_marks():
    label = SPEC.parse({"kind": "nothing_found"}, {"many": True}, None)
    assert label == NothingFound()
    assert label.dump() == {"kind": "nothing_found"}


@pytest.mark.parametrize("definition", [{}, {"many": False}])
def test_a_question_with_one_answer_needs_it(definition):
    with pytest.raises(LabelError) as refusal:
        SPEC.parse({"kind": "nothing_found"}, definition, None)
    assert (refusal.value.code, refusal.value.pointer) == ("answer-needed", "/kind")


def test_says_nothing_else():
    with pytest.raises(LabelError) as refusal:
        SPEC.parse({"kind": "nothing_found", "code": "x"}, {"many": True}, None)
    assert refusal.value.pointer == "/code"


def test_is_never_a_question():
    assert not SPEC.scales
    with pytest.raises(LabelError, match="No question"):
        SPEC.check_definition({})
