"""What is not settled goes to a person, with a sentence made from the data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.consensus.base import DEGENERATE, INSUFFICIENT, NO_MAJORITY, SETTLED, TIE, Consensus
from qc.consensus.majority import majority
from qc.consensus.majority_mask import majority_mask
from qc.routing.base import Accept, Facts, Refer
from qc.routing.no_majority import SPEC, no_majority


def facts(kind: str, consensus: Consensus, n_asked: int | None = None) -> Facts:
    n_answered = len(consensus.raters)
    return Facts(kind, consensus, {}, {}, n_answered if n_asked is None else n_asked, n_answered)


def voted(*codes: str) -> Consensus:
    return majority({f"reader-{number}": code for number, code in enumerate(codes)})


def test_settled_is_accepted():
    assert no_majority(facts("category", voted("b", "b", "s")), {}) == Accept()


@pytest.mark.parametrize(
    ("kind", "codes", "cause", "explanation"),
    [
        ("category", ("benign", "suspicious") * 2, "class", "Benign 2, suspicious 2 of 4 readers."),
        ("grade", ("4", "2"), "grade-distance", "2 1, 4 1 of 2 readers."),
        ("mask", ("present", "absent") * 2, "missed", "2 of 4 readers marked this finding."),
        ("category", ("a", "a", "b", "c"), "class", "A 2, b 1, c 1 of 4 readers: no answer has more than half."),
        ("category", ("a",), "technical", "Too few answers: 1 given, 2 needed."),
        ("category", (), "technical", "Too few answers: 0 given, 2 needed."),
        ("polygon", ("present",), "technical", "Too few answers: 1 given, 2 needed."),
    ],
)
def test_votes(kind, codes, cause, explanation):
    verdict = no_majority(facts(kind, voted(*codes)), {})
    assert (verdict.cause, verdict.explanation) == (cause, explanation)


def test_who_was_asked_and_did_not_answer_is_said():
    verdict = no_majority(facts("category", voted("a", "b"), n_asked=4), {})
    assert verdict.explanation == "A 1, b 1 of 2 readers. 2 of 4 asked gave no answer."
    assert verdict.evidence == {"outcome": TIE, "votes": {"a": 1, "b": 1}, "n_asked": 4, "n_answered": 2}


EMPTY = np.zeros((1, 4, 4), dtype=bool)
CORNER, OTHER = EMPTY.copy(), EMPTY.copy()
CORNER[0, 0, 0] = True
OTHER[0, 3, 3] = True


@pytest.mark.parametrize(
    ("masks", "spacing", "cause", "words"),
    [
        ((CORNER, OTHER), None, "technical", "no known spacing"),
        ((CORNER, EMPTY), (1, 1, 1), "existence", "1 of 2 readers marked nothing"),
        ((CORNER, OTHER), (1, 1, 1), "boundary", "No voxel"),
        ((CORNER, CORNER, EMPTY, EMPTY), None, "boundary", "exactly half"),
        ((CORNER,), (1, 1, 1), "technical", "1 given, 2 needed"),
        ((CORNER, ~EMPTY), (1, 1, 1), "technical", "whole image"),
    ],
)
def test_masks(masks, spacing, cause, words):
    consensus = majority_mask({str(number): mask for number, mask in enumerate(masks)}, spacing_mm=spacing)
    verdict = no_majority(facts("mask", consensus), {})
    assert verdict.cause == cause
    assert words in verdict.explanation


def test_degenerate_model():
    consensus = Consensus(DEGENERATE, None, None, {}, ("a", "b", "c"), details={"reason": "label_inversion"})
    verdict = no_majority(facts("mask", consensus), {})
    assert verdict.cause == "boundary"
    assert "worse than chance" in verdict.explanation


def test_a_model_that_did_not_converge_is_not_accepted():
    consensus = Consensus(SETTLED, CORNER, 0.9, {}, ("a", "b", "c"), iterations=200, converged=False)
    verdict = no_majority(facts("mask", consensus), {})
    assert verdict.cause == "technical"
    assert "200 iterations" in verdict.explanation


def test_the_policy_is_empty():
    SPEC.check_policy({})
    with pytest.raises(ValueError, match="share"):
        SPEC.check_policy({"share": 0.5})


CODES = st.sampled_from(["present", "absent", "benign", "2"])
CONSENSUS = st.builds(
    Consensus,
    outcome=st.sampled_from([SETTLED, TIE, NO_MAJORITY, INSUFFICIENT, DEGENERATE, "unheard-of"]),
    value=st.none(),
    support=st.none(),
    votes=st.dictionaries(CODES, st.integers(1, 9)),
    raters=st.just(("Ada-7f", "Ben-9c")),
    details=st.dictionaries(st.just("reason"), st.sampled_from(["too_few", "no_spacing", "vanished", "?"])),
    converged=st.booleans(),
)
KINDS = st.sampled_from(["category", "grade", "measurement", "mask", "polygon", "nothing_found", "unheard-of"])
CAUSES = {"technical", "existence", "split-merge", "location", "missed", "extra", "class", "grade-distance", "boundary"}


@given(KINDS, CONSENSUS, st.integers(0, 9), st.integers(0, 9))
def test_total_and_nameless(kind, consensus, n_asked, n_answered):
    verdict = no_majority(Facts(kind, consensus, {}, {}, n_asked, n_answered), {})
    assert isinstance(verdict, Accept) == (consensus.outcome == SETTLED and consensus.converged)
    if isinstance(verdict, Refer):
        assert verdict.cause in CAUSES
        assert verdict.explanation.endswith(".")
        assert "Ada" not in verdict.explanation + repr(verdict.evidence)
