"""The building blocks of the pages: what they say, and that none of them needs an inline style or script."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory

from qc.agreement.base import CLUSTERING_UNKNOWN, NO_VARIATION, TOO_FEW, Estimate
from reports.charts.forest import ForestRow, forest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))


def _render(name: str, /, **context: object) -> str:
    markup = render_to_string(f"components/{name}.html", context)
    assert "UNDEFINED" not in markup
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def _estimate(value: float | None, low: float | None, high: float | None, **more: object) -> Estimate:
    return Estimate(value=value, low=low, high=high, level=0.95, method="", n_units=1412, n_raters=3, **more)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_page_holds_an_inline_style_script_or_handler(path):
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=|hx-on|javascript:", text)
    for attributes in re.findall(r"<script\b([^>]*)>", text):
        assert "src=" in attributes


def test_an_estimate_shows_its_bounds_and_n():
    assert _render("_estimate", estimate=_estimate(0.7123, 0.661, 0.763)) == "0.712 (0.661–0.763) n 1,412"


def test_an_undefined_estimate_says_why():
    words = _render("_estimate", estimate=_estimate(None, None, None, undefined=NO_VARIATION))
    assert words == "undefined because every rating is the same category n 1,412"


def test_an_estimate_without_interval_says_why_and_keeps_its_caution():
    estimate = _estimate(0.5, None, None, interval_undefined=TOO_FEW, warnings=(CLUSTERING_UNKNOWN,))
    words = _render("_estimate", estimate=estimate.as_dict())
    assert words.startswith("0.500 no interval: there are too few items n 1,412 Patients are unknown")


def _ledger(*counts: int, **more: object) -> dict[str, object]:
    titles = ("Collecting", "Auto-accepted", "In dispute")
    codes = ("collecting", "auto", "dispute")
    befores = [sum(counts[:index]) for index in range(3)]
    bins = [
        {"code": code, "title": title, "count": count, "before": before}
        for code, title, count, before in zip(codes, titles, counts, befores, strict=True)
    ]
    return {"n": sum(counts), "bins": bins, **more}


def test_the_ledger_is_an_equation():
    words = _render("_ledger", ledger=_ledger(40, 8123, 1300))
    assert words.startswith("40 collecting + 8,123 auto-accepted + 1,300 in dispute = 9,463")


def test_a_small_share_is_not_called_nothing():
    words = _render("_ledger", ledger=_ledger(1, 9999, 0))
    assert "Collecting 1 < 1 %" in words.replace("&lt;", "<")
    assert "In dispute 0 0 %" in words


def test_a_ledger_that_does_not_close_shows_the_difference_and_no_figure():
    words = _render("_ledger", ledger=_ledger(1, 2, 3, difference=4))
    assert "4 cells" in words
    assert "auto-accepted" not in words


def test_the_bar_of_the_ledger_has_no_gap():
    markup = render_to_string("components/_ledger.html", {"ledger": _ledger(40, 8123, 1300)})
    bars = re.findall(r'class="d-\w+" x="(\d+)" width="(\d+)" height="12"', markup)
    ends = [(int(x), int(x) + int(width)) for x, width in bars]
    assert ends[0][0] == 0
    assert ends[-1][1] == pytest.approx(10000, abs=1)
    assert all(abs(end - start) <= 1 for (_, end), (start, _) in pairwise(ends))


def test_a_chart_shows_its_numbers_as_a_table():
    chart = forest([ForestRow("<All>", 0.71, 0.66, 0.76, 412)], name="k", title="κ")
    markup = render_to_string("components/_chart.html", {"chart": chart, "csv_url": "/k.csv"})
    assert chart.svg in markup
    assert '<th scope="row">&lt;All&gt;</th><td class="num">0.710</td>' in markup


@pytest.mark.parametrize(
    ("state", "words"),
    [("running", "Evaluating 310 of 412"), ("done", "Evaluating"), ("failed", "Evaluating")],
)
def test_progress_polls_only_while_it_runs(state, words):
    progress = {"done": 310, "total": 412, "words": "Evaluating", "state": state, "url": "/progress"}
    assert _render("_progress", progress=progress) == words
    assert ("hx-get" in render_to_string("components/_progress.html", {"progress": progress})) == (state == "running")


def test_a_key_figure_without_value_says_why():
    kpi = {"label": "Fleiss κ", "value": None, "reason": TOO_FEW}
    assert _render("_kpi", kpi=kpi) == "Fleiss κ undefined because there are too few items"


def test_a_bar_says_its_number():
    assert _render("_bar", value=0.59) == "0.59"
    assert _render("_bar", value=None) == "undefined"


def test_the_pager_keeps_the_filters_of_the_address():
    request = RequestFactory().get("/queue/?cause=boundary&page=2")
    page = Paginator(range(64), 20).page(2)
    markup = render_to_string("components/_pager.html", {"page": page, "noun": "cases"}, request=request)
    assert "21–40 of 64 cases" in markup
    assert 'rel="next" href="?cause=boundary&amp;page=3"' in markup


@pytest.mark.parametrize(
    ("name", "context", "words"),
    [
        ("_badge", {"text": "met", "state": "good"}, "met"),
        ("_simulated", {}, "Example with simulated readers: not a study"),
        ("_empty", {"title": "Nothing waits", "text": "All is read."}, "Nothing waits All is read."),
        (
            "_tabs",
            {"name": "Question", "tabs": [{"title": "All", "href": "/", "current": True, "count": 4}]},
            "All 4",
        ),
        (
            "_attribution",
            {"attributions": [{"text": "Armato 2011", "licence": "CC BY 3.0"}]},
            "Armato 2011 · CC BY 3.0",
        ),
    ],
)
def test_small_components_render_without_undefined_names(name, context, words):
    assert _render(name, **context) == words
