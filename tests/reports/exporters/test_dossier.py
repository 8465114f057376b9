"""The dossier holds what a regulator asks for, safely, and reaches nothing outside itself."""

import re
from html.parser import HTMLParser

import pytest

from reports.exporters.dossier import SPEC
from tests.reports.exporters.bundles import bundle, question, record, statistic

HOSTILE = "<script>alert(1)</script>\"'&"
DECIDED = {
    "by": "adjudication", "adjudicator": "adjudicator-1", "decision": "own", "round": 1, "rationale": HOSTILE,
    "cause": "oversight", "confidence": "high", "source": None, "signature": "s" * 64, "votes": 0,
}  # fmt: skip


class Tags(HTMLParser):
    """Every tag in the order in which it opens, and those that never close."""

    def __init__(self):
        super().__init__()
        self.seen, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def made(**project):
    records = [
        record("c1", label={"kind": "category", "code": "a"}),
        record("c2", label={"kind": "category", "code": "b"}, disposition="adjudicated", provenance=DECIDED),
        record(HOSTILE),
    ]
    asked = [{**question(), "definition": {"codes": [{"code": "a", "title": "Apple"}, {"code": "b"}]}}]
    stats = [statistic(), statistic("cohen_kappa", value=None, undefined="undefined_single_category", low=None)]
    return SPEC.function(bundle(records, asked, stats, **project)).decode()


def test_the_eight_questions_are_answered_in_order():
    titles = re.findall(r"<h2>(\d)\. ", made())
    assert titles == [str(number) for number in range(1, 9)]


def test_it_is_well_formed_and_reaches_nothing_outside():
    tags = Tags()
    text = made(name=HOSTILE, attribution=HOSTILE)
    tags.feed(text)
    assert tags.open == []
    names = {tag for tag, _ in tags.seen}
    assert not names & {"script", "link", "img", "iframe", "object"}
    assert not [attributes for _, attributes in tags.seen if {"src", "href"} & set(attributes)]
    assert "@import" not in text
    assert "url(" not in text


def test_every_dispute_says_who_decided_what_and_why():
    text = made()
    assert "adjudicator-1: own" in text
    assert "a 2, b 1" in text
    assert "&lt;script&gt;" in text


def test_a_figure_has_its_n_and_bounds_or_a_reason():
    text = made()
    assert "0.5123" in text
    assert "0.4000 to 0.6000 (95%)" in text
    assert "undefined (undefined_single_category)" in text


def test_simulated_readers_are_said_first():
    text = made(simulated_note="Drawn from a model.")
    assert text.index("Simulated readers.") < text.index("<h2>")
    assert "Simulated readers." not in made()


@pytest.mark.parametrize("title", ["What is open", "How independent they were"])
def test_what_is_open_and_how_blind_it_was_is_said(title):
    assert title in made()
