import pytest

from annotations.labels.base import LabelError, digest
from annotations.labels.cannot_assess import SPEC, CannotAssess


@pytest.mark.parametrize("reason", ["motion artefact", "  motion artefact\n"])
def test_parse_drops_spaces_at_the_ends(reason):
    label = SPEC.parse({"kind": "cannot_assess", "reason": reason}, {}, None)
    assert label == CannotAssess("motion artefact")
    assert label.dump() == {"kind": "cannot_assess", "reason": "motion artefact"}


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, None, 5, ["x"], "a\x00b", "a\ud800b"])
def test_a_reason_is_needed_and_can_be_stored(reason):
    with pytest.raises(LabelError) as refusal:
        SPEC.parse({"kind": "cannot_assess", "reason": reason}, {}, None)
    assert refusal.value.pointer == "/reason"


def test_longest_reason_has_a_digest():
    assert len(digest(SPEC.parse({"kind": "cannot_assess", "reason": "é" * 500}, {}, None))) == 64


def test_is_never_a_question():
    with pytest.raises(LabelError, match="No question"):
        SPEC.check_definition({})
