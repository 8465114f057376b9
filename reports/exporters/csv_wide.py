"""The gold labels as one wide table, a row a case and a row a finding, a group of columns a question."""

from reports.exporters._csv import write_csv
from reports.exporters._wide import GROUP, KEYS, codes_of, wide_rows
from reports.exporters.base import Exporter, GoldBundle


def table(bundle: GoldBundle) -> bytes:
    """Return CSV (RFC 4180, UTF-8, CRLF) of every unit, settled or not.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        The row with an empty ``finding`` holds the answers about the case. For the question ``q``: ``q`` is
        the code, level or number, for a region its canonical JSON text; ``q.answer`` the kind of the gold
        label, empty where there is none; ``q.disposition`` says why, and is empty where the question does
        not apply to the row. A text that a spreadsheet could run begins with ``'``.
    """
    columns = [*KEYS, *(code + suffix for code in codes_of(bundle) for suffix in GROUP)]
    return write_csv(columns, wide_rows(bundle))


SPEC = Exporter(
    title="Wide table (CSV)",
    suffix="csv",
    media_type="text/csv; charset=utf-8",
    function=table,
    loses=(
        "Units of measurements stand in the schema alone.",
        "The dissenting answers are counted, not quoted; causes and rationales are in the long table.",
    ),
)
