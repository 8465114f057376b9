"""The same small matrices of ratings as every reading that statistics about readers take."""

from qc.readings.groups import GroupTable
from qc.readings.paired import Paired
from qc.readings.pattern_table import PatternTable
from qc.readings.repeat_table import RepeatTable
from qc.readings.scale import Scale
from qc.readings.scored import ScoredNumbers, ScoredTable
from qc.readings.scores import ScoreTable
from qc.readings.series import Series
from qc.readings.strata import Strata
from tests.properties import made

RATERS = "abcd"
CODES = ("1", "2", "3")


def scale_of(spec):
    kind = min(spec.scales, key=["nominal", "ordinal", "interval", "ratio"].index)
    return Scale(kind, CODES)


def chosen(values, keep):
    return None if values is None else [value for value, has in zip(values, keep.tolist(), strict=True) if has]


def pattern_table(spec, ratings, clusters):
    width = spec.n_raters or ratings.shape[1]
    # Two categories as often as three: some tests are for yes and no only.
    codes = CODES[:2] if ratings.size and ratings[:, :width].max() < 2 else CODES
    scale = Scale(scale_of(spec).kind, codes)
    return PatternTable.from_codes(ratings[:, :width], raters=RATERS[:width], scale=scale, clusters=clusters)


def scored_table(spec, ratings, clusters):
    return ScoredTable.from_codes(ratings[:, 0], ratings[:, 1], scale=scale_of(spec), reader="a", clusters=clusters)


def scored_numbers(spec, ratings, clusters):
    both = (ratings[:, :2] >= 0).all(axis=1)
    kept = chosen(clusters, both)
    numbers = ratings[both, :2] * 1.5
    return ScoredNumbers(numbers[:, 0], numbers[:, 1], "mm³", "a", None if kept is None else tuple(kept))


def series(spec, ratings, clusters):
    return Series(ratings[ratings >= 0].astype(float))


def group_table(spec, ratings, clusters):
    kept = ratings[:, 0] >= 0
    names = chosen(clusters, kept)
    groups = tuple(f"site {code}" for code in ratings[kept, 1])
    return GroupTable(ratings[kept, 0] / 2.0, groups, None if names is None else tuple(names))


def strata(spec, ratings, clusters):
    tables = {}
    for code in sorted(set(ratings[:, 2].tolist())):
        rows = ratings[:, 2] == code
        tables[f"site {code}"] = PatternTable.from_codes(
            ratings[rows, :2], raters="ab", scale=scale_of(spec), clusters=chosen(clusters, rows)
        )
    return Strata(tables)


def paired(spec, ratings, clusters):
    table = PatternTable.from_codes(ratings, raters=RATERS, scale=scale_of(spec), clusters=clusters)
    return Paired(table, ("a", "b"), ("c", "d"))


def score_table(spec, ratings, clusters):
    names = None if clusters is None else tuple(clusters)
    return ScoreTable(("x", "y"), ratings[:, 0] > 0, ratings[:, 1:3].astype(float), names)


def repeat_table(spec, ratings, clusters):
    return made.repeat_table(ratings, clusters)


MAKERS = {
    PatternTable: pattern_table,
    ScoredTable: scored_table,
    ScoredNumbers: scored_numbers,
    Series: series,
    GroupTable: group_table,
    Strata: strata,
    Paired: paired,
    ScoreTable: score_table,
    RepeatTable: repeat_table,
}
