from reports.exporters.datasheet import SPEC
from tests.reports.exporters.bundles import bundle, record, statistic


def text(**options):
    return SPEC.function(bundle(**options)).decode()


def test_simulated_readers_are_named_in_the_first_line():
    assert text(simulated_note="Drawn by a model.").splitlines()[0] == "**Simulated readers.** Drawn by a model."
    assert text().splitlines()[0] == "# Project, release 1"


def test_the_ledger_is_a_sum_that_closes():
    sheet = text()
    assert "Of 4 cases × 1 questions: 3 accepted by the protocol's rules + 1 in dispute = 4." in sheet


def test_agreement_stands_with_its_bounds_or_the_reason_without():
    sheet = text(
        statistics=[
            statistic("percent"),
            statistic("alpha", value=None, low=None, high=None, undefined="undefined_single_category"),
            statistic("kappa", low=None, high=None, interval_undefined="too_few_minority", n_clusters=None),
        ]
    )
    assert "| q | Percent | all | 10 | 8 | 0.5123 | 0.4000 to 0.6000 (95%) |" in sheet
    assert "| q | Alpha | all | 10 | 8 | undefined (undefined_single_category) |  |" in sheet
    assert "| q | Kappa | all | 10 | unknown | 0.5123 | none (too_few_minority) |" in sheet


def test_pairs_are_counted_and_left_to_the_file():
    sheet = text(statistics=[statistic("kappa", pair=("r1", "r2"))])
    assert "No statistic could be computed." in sheet
    assert "r1" not in sheet


def test_texts_of_people_cannot_become_markup():
    sheet = text(name="A | B\n# <script>", attribution="[x](http://y) *z*")
    assert "# A \\| B \\# \\<script\\>, release 1" in sheet
    assert "\\[x\\](http://y) \\*z\\*" in sheet


def test_people_models_and_exchangeable_readers_are_said():
    assert "1 readers who are people, 1 models; 12 readings" in text()
    assert "names a different person in each case" in text(knows_readers=False)
    assert "names a different person in each case" not in text()


def test_units_with_and_without_a_label_are_counted():
    assert "1 of 2 units" in text(records=[record(label={"kind": "nothing_found"}), record("c2")])
