from pathlib import Path

from django.core.management import call_command

from qc.management.commands.catalogue import pages
from qc.registry import METHODS, PLANS, READER_STATISTICS, STATISTICS

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "statistics"


def test_the_committed_pages_are_those_of_the_code():
    for name, text in pages().items():
        assert (FOLDER / name).read_text() == text, "run: manage.py catalogue docs/statistics"


def test_every_entry_has_a_place_and_a_source(tmp_path):
    call_command("catalogue", str(tmp_path), "--json")
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    for page, catalogue in (
        ("agreement.md", STATISTICS),
        ("readers.md", READER_STATISTICS),
        ("consensus.md", METHODS),
        ("plans.md", PLANS),
    ):
        assert made[page].count("\n## ") == made[page].count("- Source: ") == len(catalogue.names)
