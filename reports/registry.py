"""The catalogues of this app: one line an entry, one file a line."""

from annotations.registry import Catalogue
from reports.charts.base import ChartSpec

CHARTS: Catalogue[ChartSpec] = Catalogue(
    "reports.charts",
    [
        "forest",
        "ledger_bar",
        "reader_heatmap",
        "confusion_matrix",
        "distribution",
    ],
)
