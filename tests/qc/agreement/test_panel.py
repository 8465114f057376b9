import pytest

from qc.agreement._benchmark import ALTMAN, FLEISS, KOO_LI, KRIPPENDORFF, LANDIS_KOCH, memberships, reached
from qc.agreement.base import named
from qc.agreement.panel import Design, band_of, panel_of, remarks
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import STATISTICS
from tests.reference import published

DESIGNS = [
    Design(scale, raters, knows, missing, categories)
    for scale in ("nominal", "ordinal", "interval", "ratio", "sets", "ranks")
    for raters in (2, 3)
    for knows in (True, False)
    for missing in (True, False)
    for categories in (2, 4)
]


def figures(reading, names):
    return {named(n, part): one for n in names for part, one in STATISTICS[n].compute(reading, replicates=50).items()}


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_a_panel_holds_only_what_the_design_allows(design):
    panel = panel_of(design)
    assert panel.why.endswith(".")
    for name in panel.shown:
        spec = STATISTICS[name]
        assert design.scale in spec.scales, name
        assert design.knows_raters or not spec.fixed_panel, name
    assert len(set(panel.shown)) == len(panel.shown)


def test_kappa_never_stands_alone():
    for design in DESIGNS:
        shown = set(panel_of(design).shown)
        if design.scale == "nominal":
            assert {"percent", "prevalence", "gwet_ac", "specific_agreement"} <= shown
        if design.scale == "ordinal":
            assert {"percent", "within_one", "prevalence"} <= shown
        if design.scale in ("interval", "ratio"):
            assert "repeatability" in shown


def test_a_text_has_no_panel():
    assert panel_of(Design("none", 2, True, False)).shown == ()


def test_the_paradox_is_said_in_words():
    # Feinstein & Cicchetti 1990, second table: 85 % agree, kappa .32, prevalence index .75.
    reading = published.from_table([[80, 10], [5, 5]])
    (said,) = remarks(figures(reading, panel_of(Design("nominal", 2, True, False, 2)).shown))
    assert "85 % of pairs agree, yet Cohen's kappa is 0.32" in said
    assert "88 % of the answers are “1”" in said
    assert "Gwet's AC is 0.81" in said
    assert "another does in 40 %" in said


def test_balanced_agreement_needs_no_words():
    reading = published.from_table([[40, 9], [6, 45]])
    assert remarks(figures(reading, panel_of(Design("nominal", 2, True, False, 2)).shown)) == ()


def test_one_answer_throughout_is_said():
    reading = published.from_table([[30, 0], [0, 0]])
    (said,) = remarks(figures(reading, ("percent", "cohen_kappa", "prevalence")))
    assert said == "100 % of pairs agree, and 100 % of the answers are “1”: nothing can be said beyond chance."


def test_a_biased_reader_is_said():
    reading = published.from_table([[25, 35], [5, 35]])
    (said,) = remarks(figures(reading, ("percent", "cohen_kappa", "two_by_two")))
    assert said.startswith("The first reader gives the first answer to 30 % more of the cases than the second")
    assert "at most 0.44" in said


def test_a_shift_between_readers_is_said():
    reading = NumberTable.from_values([[x, x + 5 + x % 2] for x in range(12)], raters=["a", "b"])
    (said,) = remarks(figures(reading, ("icc_agreement", "icc_consistency")))
    assert "rank the cases alike" in said


def test_differences_that_grow_are_said():
    reading = NumberTable.from_values([[x, 1.2 * x + x % 3] for x in range(1, 30)], raters=["a", "b"], unit="mm")
    said = remarks(figures(reading, ("bland_altman",)))
    assert len(said) == 1
    assert "ratio" in said[0]


def test_words_come_with_certainty_and_source():
    reading = published.krippendorff_2011("nominal")
    # The value .775 lies in "substantial"; with 95 % certainty it is moderate (Gwet 2014).
    words = band_of("gwet_ac", STATISTICS["gwet_ac"].compute(reading, replicates=50)[""])
    assert words.startswith("moderate (Landis & Koch 1977")
    assert band_of("percent", STATISTICS["percent"].compute(reading, replicates=50)[""]) == ""


def test_no_words_without_an_error():
    perfect = PatternTable.from_codes([[0, 0], [1, 1]] * 5, raters=["a", "b"], scale=Scale("nominal", ("n", "y")))
    assert band_of("cohen_kappa", STATISTICS["cohen_kappa"].compute(perfect, replicates=50)[""]) == ""
    with pytest.raises(ValueError, match="standard error"):
        memberships(0.5, 0.0, LANDIS_KOCH)


@pytest.mark.parametrize("bands", [LANDIS_KOCH, ALTMAN, FLEISS, KOO_LI, KRIPPENDORFF])
def test_bands_share_out_all_probability(bands):
    found = memberships(0.55, 0.2, bands)
    assert sum(band.probability for band in found) == pytest.approx(1)
    assert found[-1].cumulative == pytest.approx(1)
    assert [band.low for band in found] == sorted((band.low for band in found), reverse=True)
    assert reached(0.99, 0.001, bands).name == bands.names[0]
