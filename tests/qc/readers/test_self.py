import numpy as np
import pytest

from qc.agreement.base import NO_VARIATION, ZERO_VARIANCE
from qc.readers.base import NOT_POSITIVE
from qc.readers.repeat_measurements import repeat_measurements
from qc.readers.repeatability import repeatability
from qc.readers.spammer_score import score_of, spammer_score
from qc.readers.speed import speed
from qc.readings.base import ReadingError
from qc.readings.pattern_table import PatternTable
from qc.readings.repeat_table import RepeatTable
from qc.readings.scale import Scale
from qc.readings.series import Series
from qc.readings.strata import Strata
from tests.qc.readers.scored import YES_NO, confused, crossed


def test_each_reader_has_a_row_of_his_own():
    found = repeatability(Strata({"ben": crossed([[5, 5], [5, 5]]), "ada": crossed([[9, 1], [1, 9]])}), replicates=50)
    assert list(found) == ["agreement:ada", "kappa:ada", "agreement:ben", "kappa:ben"]
    assert [one.value for one in found.values()] == pytest.approx([0.9, 0.8, 0.5, 0.0])


def test_ordered_answers_count_near_misses_in_part():
    looks = PatternTable.from_codes(
        [[0, 0], [1, 2], [2, 2], [1, 0]], raters="12", scale=Scale("ordinal", ("1", "2", "3"))
    )
    assert repeatability(Strata({"ada": looks}), replicates=20)["kappa:ada"].value == pytest.approx(2 / 3)


def test_strata_have_two_columns_and_one_scale():
    three = PatternTable.from_codes([[0, 1, 1]], raters="abc", scale=YES_NO)
    for tables in ({"a": three}, {"a": crossed([[1, 0], [0, 1]]), "b": crossed(np.eye(3, dtype=int))}):
        with pytest.raises(ReadingError):
            Strata(tables)


def test_measurements_of_each_reader():
    values = np.array([[[1.0, 1], [5, 5]], [[2, 4], [6, 6]], [[3, 3], [7, 7]], [[4, 6], [8, 8]]])
    found = repeat_measurements(RepeatTable.from_values(values, raters=["ada", "ben"], unit="mm"), replicates=50)
    assert found["within_sd:ada"].value == pytest.approx(1.0)
    assert found["within_sd:ada"].unit == "mm"
    assert found["coefficient:ada"].value == pytest.approx(1.96 * 2**0.5)
    assert found["within_sd:ben"].value == 0
    assert {name.partition(":")[2] for name in found} == {"ada", "ben"}
    assert any(name.startswith("icc_") for name in found)


def test_times_stand_out_against_the_readers_own():
    chart = speed(Series(np.array([31.0, 28, 35, 30, 33, 29, 4, 32, 30, 210]), "s"), fastest=5.0)
    assert chart.signals == (6, 9)
    assert chart.details["too_fast"] == [6]
    assert speed(Series(np.array([31.0, 28, 35, 4])), fastest=3.0).details["too_fast"] == []
    assert speed(Series(np.full(5, 30.0))).undefined == ZERO_VARIANCE
    assert speed(Series(np.array([30.0, 0.0]))).undefined == NOT_POSITIVE


@pytest.mark.parametrize(
    ("confusion", "score"),
    [
        (np.eye(3), 1.0),
        (np.eye(3)[[1, 2, 0]], 1.0),
        (np.full((3, 3), 1 / 3), 0.0),
        ([[1.0, 0, 0]] * 3, 0.0),
        ([[0.9, 0.1], [0.2, 0.8]], 0.7**2),
    ],
)
def test_the_score_tells_knowledge_from_habit(confusion, score):
    assert score_of(np.array([confusion]))[0] == pytest.approx(score)


def test_the_score_is_that_of_its_definition():
    rows = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.1, 0.1, 0.8]])
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert score_of(rows[None])[0] == pytest.approx(sum(((rows[a] - rows[b]) ** 2).sum() for a, b in pairs) / 6)


def test_references_that_never_occurred_do_not_count():
    found = spammer_score(confused([[9, 1, 0], [1, 9, 0], [0, 0, 0]]), replicates=100)
    assert found.value == pytest.approx(0.8**2)
    assert found.low < found.value
    assert spammer_score(confused([[9, 1], [0, 0]]), replicates=20).undefined == NO_VARIATION
