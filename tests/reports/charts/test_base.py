"""Escaping, scales, numbers, contrast."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qc.agreement import base as agreement
from reports.charts import base

ROOT = Path(__file__).resolve().parents[3]
CODES = [value for key, value in vars(agreement).items() if key.isupper() and isinstance(value, str)]


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
@example(-6.103515625e-05, 500001.0)
def test_ticks_cover_the_range_with_few_marks(low, span):
    marks = base.ticks(low, low + span)
    assert marks[0] <= low + 1e-6 * max(1, abs(low))
    assert marks[-1] >= low + span - 1e-6 * max(1, abs(low), span)
    assert 2 <= len(marks) <= 8
    assert list(marks) == sorted(set(marks))


def test_ticks_of_a_share_are_round():
    assert base.ticks(0, 1, 5) == (0, 0.2, 0.4, 0.6, 0.8, 1)


def test_a_value_beyond_the_scale_is_put_at_its_end():
    scale = base.Scale(0, 1, 10, 110)
    assert [scale(-3), scale(0.5), scale(7)] == [10, 60, 110]


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.7123, "0.712"), (-0.4, "−0.400"), (-0.0001, "0.000"), (10180.0, "10,180.000"), (None, "undefined")],
)
def test_numbers_are_printed_one_way(value, words):
    assert base.number(value) == words


@pytest.mark.parametrize(("first", "second", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_wcag(first, second, ratio):
    assert base.contrast(first, second) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("share", [index / 20 for index in range(-2, 23)])
def test_labels_stand_out_from_each_shade_on_paper(share):
    _, fill, _, label = base.shade(share)
    assert base.contrast(fill, label) >= base.MINIMUM_CONTRAST


def _themes() -> dict[str, dict[str, str]]:
    light, dark = (ROOT / "static/css/tokens.css").read_text().split("@media screen")
    return {
        theme: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))
        for theme, text in (("light", light), ("dark", dark))
    }


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("index", range(10))
def test_labels_stand_out_from_each_shade_on_screen(theme, index):
    tokens = _themes()[theme]
    css, _, label, _ = base.shade((index + 0.5) / 10)
    assert css == f"s{index}"
    assert base.contrast(tokens[css], tokens[label]) >= base.MINIMUM_CONTRAST


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "ink-2", "accent", "good", "warn", "bad"])
@pytest.mark.parametrize("ground", ["bg", "panel", "raised"])
def test_text_colours_reach_wcag_aa(theme, ink, ground):
    tokens = _themes()[theme]
    assert base.contrast(tokens[ink], tokens[ground]) >= base.MINIMUM_CONTRAST


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_field_borders_reach_three_to_one(theme):
    tokens = _themes()[theme]
    assert min(base.contrast(tokens["field"], tokens[ground]) for ground in ("bg", "panel", "raised")) >= 3


def test_paper_colours_of_the_light_theme_are_those_of_the_attributes():
    light = _themes()["light"]
    assert tuple(light[f"s{index}"] for index in range(10)) == base.SHADES
    assert (light["ink"], light["accent"], light["warn"]) == (base.INK, base.ACCENT, base.LIMIT)


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//elsewhere.example", "https://elsewhere.example", "cases"])
def test_a_chart_links_within_its_own_site_only(href):
    with pytest.raises(ValueError, match="own site"):
        base.linked(href, "<g/>")


@pytest.mark.parametrize("code", [code for code in CODES if code not in agreement.WARNINGS])
def test_each_reason_has_words_and_the_page_uses_the_same(code):
    fragment = (ROOT / "templates/components/_reason.html").read_text()
    assert f'code == "{code}" %}}{base.REASONS[code]}{{%' in fragment


@pytest.mark.parametrize("code", sorted(agreement.WARNINGS))
def test_each_caution_has_words_on_the_page(code):
    fragment = (ROOT / "templates/components/_estimate.html").read_text()
    assert re.search(rf'warning == "{code}" %}}[A-Z][^{{}}]+{{%', fragment)


def test_a_long_label_is_cut_with_an_ellipsis():
    assert base.cut("Subgroup with a very long name", 63) == "Subgroup…"
    assert base.cut("Site A", 63) == "Site A"
