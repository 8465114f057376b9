"""One call of each chart, with names that try to break out of the markup."""

from xml.etree import ElementTree

from reports.charts.confusion_matrix import Sides
from reports.charts.distribution import Limit, Span
from reports.charts.flow import FlowStage
from reports.charts.forest import ForestRow, Reference
from reports.charts.reader_heatmap import Pair

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</title><script>alert("1")</script> & \x00\x0b\ufffe'


def arguments(label: str) -> dict[str, tuple[tuple, dict]]:
    """Return positional and keyword arguments by chart, with ``label`` wherever a person's words go."""
    words = {"name": f"page {label}", "title": f"All about {label}"}
    return {
        "forest": (
            (
                [
                    ForestRow(label, 0.7123, 0.661, 0.763, 1412, href="/cases?site=C"),
                    ForestRow("Site B", None, None, None, 3, label),
                ],
            ),
            {**words, "axis": label, "reference": Reference(0.6, label)},
        ),
        "flow": (([FlowStage(label, label, label), FlowStage("A physician decides", label, "")],), words),
        "ledger_bar": (({"auto": 812, "dispute": 130, "collecting": 9238},), {**words, "total": 10180}),
        "reader_heatmap": (
            (["R01", label], {("R01", label): Pair(0.8123, 97, href="?pair=1")}),
            {**words, "statistic": label},
        ),
        "confusion_matrix": (([label, "2"], [[31, 4], [0, 0]]), {**words, "sides": Sides(label, label)}),
        "distribution": (
            ([0.31, 0.7, None, 0.88, 0.91],),
            {**words, "span": Span(label), "limit": Limit(0.7, label)},
        ),
    }


def parsed(svg: str) -> ElementTree.Element:
    """Return the picture as a tree; the text is our own, so the standard parser is safe."""
    return ElementTree.fromstring(svg)  # noqa: S314
