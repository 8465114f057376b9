"""A document is accepted whole or refused with the place of its first fault."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.protocols import double_read_arbitration, majority_panel
from qc.protocols.base import ProtocolProblem

PANEL = {
    "protocol": "majority_panel",
    "seats": 4,
    "minimum": 2,
    "tie": "refer",
    "questions": {
        "nodule": {
            "existence": "majority",
            "method": "majority_mask",
            "method_parameters": {},
            "rules": {"low_agreement": {"statistic": "dice", "minimum": 0.7}, "no_majority": {}},
        },
        "malignancy": {"method": "majority", "rules": {"no_majority": {}}},
    },
    "matching": {"method": "outline_distance", "tolerance_mm": "slice_thickness"},
}
PAIR = {
    "protocol": "double_read_arbitration",
    "seats": 2,
    "tie": "refer",
    "questions": {"recall/left": {"method": "majority", "rules": {"no_majority": {}}}},
}
MISSING = object()


def changed(document: dict, path: tuple[str, ...], value: object) -> dict:
    edited = copy.deepcopy(document)
    place = edited
    for step in path[:-1]:
        place = place[step]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return edited


def test_good_documents():
    majority_panel.SPEC.check(PANEL)
    majority_panel.SPEC.check(changed(PANEL, ("matching", "tolerance_mm"), 2.5))
    odd = changed(changed(PANEL, ("seats",), 3), ("tie",), MISSING)
    majority_panel.SPEC.check(changed(odd, ("minimum",), MISSING))
    double_read_arbitration.SPEC.check(PAIR)


@pytest.mark.parametrize(
    ("path", "value", "code", "pointer"),
    [
        (("protocol",), "single_read", "wrong-protocol", "/protocol"),
        (("seats",), 1, "not-a-count", "/seats"),
        (("seats",), True, "not-a-count", "/seats"),
        (("seats",), "4", "not-a-count", "/seats"),
        (("seats",), MISSING, "not-a-count", "/seats"),
        (("seats",), 65, "not-a-count", "/seats"),
        (("minimum",), 1, "not-a-count", "/minimum"),
        (("minimum",), 5, "not-a-count", "/minimum"),
        (("tie",), MISSING, "tie-rule-missing", "/tie"),
        (("tie",), "first", "tie-not-referred", "/tie"),
        (("until",), 3, "unknown-member", "/until"),
        (("questions",), {}, "no-questions", "/questions"),
        (("questions",), [], "not-an-object", "/questions"),
        (("questions", ""), {}, "not-a-code", "/questions/"),
        (("questions", "a/b~c"), 3, "not-an-object", "/questions/a~1b~0c"),
        (("questions", "nodule", "existence"), "any", "unknown-existence", "/questions/nodule/existence"),
        (("questions", "nodule", "method"), MISSING, "no-method", "/questions/nodule/method"),
        (("questions", "nodule", "methods"), "x", "unknown-member", "/questions/nodule/methods"),
        (
            ("questions", "nodule", "method_parameters"),
            [],
            "not-an-object",
            "/questions/nodule/method_parameters",
        ),
        (("questions", "nodule", "rules"), MISSING, "not-an-object", "/questions/nodule/rules"),
        (("questions", "nodule", "rules", "no_majority"), MISSING, "rule-missing", "/questions/nodule/rules"),
        (
            ("questions", "nodule", "rules", "low_agreement"),
            0.7,
            "not-an-object",
            "/questions/nodule/rules/low_agreement",
        ),
        (("matching",), MISSING, "matching-missing", "/matching"),
        (("matching", "method"), "centre", "unknown-matching", "/matching/method"),
        (("matching", "tolerance_mm"), 0, "not-a-tolerance", "/matching/tolerance_mm"),
        (("matching", "tolerance_mm"), float("inf"), "not-a-tolerance", "/matching/tolerance_mm"),
        (("matching", "tolerance_mm"), True, "not-a-tolerance", "/matching/tolerance_mm"),
        (("matching", "gate"), 3, "unknown-member", "/matching/gate"),
    ],
)
def test_faults_are_named_with_their_place(path, value, code, pointer):
    with pytest.raises(ProtocolProblem) as caught:
        majority_panel.SPEC.check(changed(PANEL, path, value))
    assert (caught.value.code, caught.value.pointer) == (code, pointer)
    assert caught.value.message.endswith(".")


def test_an_odd_panel_may_not_declare_another_tie_rule():
    with pytest.raises(ProtocolProblem, match="referred to a physician"):
        majority_panel.SPEC.check(changed(changed(PANEL, ("seats",), 3), ("tie",), "median"))


@pytest.mark.parametrize("seats", [3, 4])
def test_double_reading_has_two_seats(seats):
    with pytest.raises(ProtocolProblem) as caught:
        double_read_arbitration.SPEC.check(changed(PAIR, ("seats",), seats))
    assert (caught.value.code, caught.value.pointer) == ("not-two-seats", "/seats")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
PLACES = [("seats",), ("tie",), ("minimum",), ("questions",), ("questions", "nodule"), ("matching",), ("protocol",)]


@given(st.sampled_from(PLACES), JSON)
def test_any_json_is_accepted_or_refused(path, value):
    try:
        majority_panel.SPEC.check(changed(PANEL, path, value))
    except ProtocolProblem as problem:
        assert problem.pointer.startswith("/") or problem.pointer == ""
    else:
        # Whatever passes can be run.
        majority_panel.SPEC.next_step(majority_panel.History((), None), changed(PANEL, path, value))


@pytest.mark.parametrize("document", [None, [], "majority_panel", 4])
def test_a_document_is_an_object(document):
    with pytest.raises(ProtocolProblem) as caught:
        majority_panel.SPEC.check(document)
    assert (caught.value.code, caught.value.pointer) == ("not-an-object", "")
