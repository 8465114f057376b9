"""The gold labels as one long table, a row a unit, for spreadsheets and data frames."""

from reports.exporters._csv import write_csv
from reports.exporters._long import COLUMNS, row_of
from reports.exporters.base import Exporter, GoldBundle


def table(bundle: GoldBundle) -> bytes:
    """Return CSV (RFC 4180, UTF-8, CRLF) of every unit with a gold label.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        ``value`` is the code, level or number; for a region its canonical JSON text; empty where the
        label says that nothing was found. ``votes`` and ``n_dissent`` stand in every row, so that a
        6 to 4 cannot look like a 10 to 0. A text that a spreadsheet could run begins with ``'``.
    """
    return write_csv(COLUMNS, (row_of(record) for record in bundle.gold()))


SPEC = Exporter(
    title="Long table (CSV)",
    suffix="csv",
    media_type="text/csv; charset=utf-8",
    function=table,
    loses=("The dissenting answers are counted, not quoted.", "Units without a gold label are not in it."),
)
