"""A newcomer adds a statistic: one file and one line, and every law is put to it at once."""

import sys
from textwrap import dedent

import pytest

from annotations.registry import Catalogue
from tests.architecture.source import exports_spec
from tests.properties import test_reader_statistics, test_statistics

LAWS = {
    test_statistics: [
        "test_estimate_is_whole",
        "test_order_of_raters_and_units_never_matters",
        "test_names_of_nominal_categories_never_matter",
        "test_merged_shards_give_the_whole",
        "test_arguments_stay_as_they_were",
        "test_perfect_agreement_is_the_greatest_value",
        "test_an_empty_reading_has_a_reason",
        "test_a_reading_without_raters_has_a_reason",
        "test_the_entry_says_what_it_is",
    ],
    test_reader_statistics: [
        "test_result_is_whole",
        "test_order_of_units_never_matters",
        "test_arguments_stay_as_they_were_and_results_come_again",
        "test_an_empty_reading_has_a_reason",
        "test_the_entry_says_what_it_is",
    ],
}

# Share of units on which all who rated gave one answer.
UNANIMOUS = '''
    """Unanimity: the share of units on which everybody says the same."""

    import numpy as np

    from qc.agreement._bootstrap import Plan, gather
    from qc.agreement._kernel import estimate, pairable_facts, ratio
    from qc.agreement.base import NO_OVERLAP, Estimate, Statistic
    from qc.readings.pattern_table import PatternTable


    def unanimous(reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
        """Return the share of units with one answer among two ratings or more."""
        used = reading.rated(2)
        table = used.anonymous()
        alone = (table.vectors > 0).sum(axis=1) == 1
        sample = gather(np.column_stack([alone, np.ones(len(alone))]).astype(float), table.counts, table.incidence)
        facts = pairable_facts(reading, used, "fewer than two ratings")
        plan = Plan(level, seed, replicates)
        return estimate(sample, lambda sums: ratio(sums[:, 0], sums[:, 1]), facts, plan, NO_OVERLAP)


    SPEC = Statistic(
        title="Unanimity",
        function=unanimous,
        accepts=PatternTable,
        scales=frozenset({"nominal"}),
        min_raters=2,
        max_raters=None,
        range=(0.0, 1.0),
        reference="Nobody 2026, doi:10.0/none",
        says="The share of cases on which all say the same.",
    )
'''
# The same, but it looks at the first rater by name.
ORDERED = UNANIMOUS.replace(
    "alone = (table.vectors > 0).sum(axis=1) == 1",
    "table = used\n        alone = used.patterns[:, :1].sum(axis=1) == 0",
)
# Share of errors of one reader.
ERRORS = '''
    """Errors: how often the reader is wrong."""

    import numpy as np

    from qc.agreement.base import Estimate
    from qc.readers._share import WILSON, ShareOf, share
    from qc.readers.base import ReaderStatistic
    from qc.readings.scored import ScoredTable


    def errors(reading: ScoredTable, *, level: float = 0.95) -> Estimate:
        """Return the share of units with another answer than the reference."""
        wrong = reading.pairs[:, 0] != reading.pairs[:, 1]
        return share(reading, ShareOf(np.ones(len(wrong), dtype=bool), wrong, ""), level, WILSON)


    SPEC = ReaderStatistic(
        title="Errors",
        function=errors,
        accepts=ScoredTable,
        scales=frozenset({"nominal"}),
        reference="Nobody 2026, doi:10.0/none",
        says="How often the reader is wrong.",
    )
'''
# The same, but a reader without a read has made no error.
INVENTED = ERRORS.replace(
    "return share(", "return Estimate(0.0, 0.0, 0.0, level, '', 0, 0) if not len(wrong) else share("
)


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Return what makes a package of one statistic and its catalogue, and enrols it in a suite of laws."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def build(suite, package, text):
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text("")
        (folder / "newcomer.py").write_text(dedent(text).lstrip())
        made.append(package)
        catalogue = Catalogue(package, ["newcomer"])
        assert [path.stem for path in folder.glob("*.py") if exports_spec(path)] == list(catalogue)
        name = "STATISTICS" if suite is test_statistics else "READER_STATISTICS"
        monkeypatch.setattr(suite, name, catalogue)
        return catalogue

    yield build
    for name in [name for name in sys.modules if name.partition(".")[0] in made]:
        del sys.modules[name]


def broken(suite, laws):
    """Return those of the laws that the enrolled statistic breaks."""
    found = []
    for law in laws:
        try:
            getattr(suite, law)("newcomer")
        except AssertionError:
            found.append(law)
    return found


@pytest.mark.parametrize(
    ("suite", "text"), [(test_statistics, UNANIMOUS), (test_reader_statistics, ERRORS)], ids=["agreement", "readers"]
)
def test_one_file_and_one_line_are_enough(scratch, suite, text):
    catalogue = scratch(suite, "scratch_sound", text)
    assert len(catalogue) == 1
    assert catalogue["newcomer"].title in ("Unanimity", "Errors")
    assert broken(suite, LAWS[suite]) == []


@pytest.mark.parametrize(
    ("suite", "text", "law"),
    [
        (test_statistics, ORDERED, "test_order_of_raters_and_units_never_matters"),
        (test_reader_statistics, INVENTED, "test_an_empty_reading_has_a_reason"),
    ],
    ids=["agreement", "readers"],
)
def test_a_careless_newcomer_is_told(scratch, suite, text, law):
    scratch(suite, "scratch_careless", text)
    assert broken(suite, [law]) == [law]


def test_all_laws_are_put_to_the_newcomer():
    for suite, laws in LAWS.items():
        # The search for variance components has a law of its own; a statistic of people has no search.
        known = {name for name in vars(suite) if name.startswith("test_")} - {"test_the_laws_hold_with_missing_cells"}
        assert known == set(laws)
