"""Reader × reader matrix of one pairwise statistic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.charts import base

LABEL, TOP, HEIGHT, MAX_WIDTH = 76.0, 28.0, 36.0, 600.0


@dataclass(frozen=True, slots=True)
class Pair:
    """One cell.

    Parameters
    ----------
    value : float or None
        The statistic for this pair of readers; None where undefined.
    n : int
        Units that both read.
    reason : str
        Why the value is undefined: a code of ``qc.agreement.base`` or words.
    href : str
        Address of the cases behind the cell, within this site; empty for none.
    """

    value: float | None
    n: int
    reason: str = ""
    href: str = ""


def reader_heatmap(
    readers: Sequence[str], pairs: Mapping[tuple[str, str], Pair], *, name: str, title: str, statistic: str
) -> base.Chart:
    """Draw a pairwise statistic, shaded from 0 to 1.

    Parameters
    ----------
    readers : sequence of str
        Codes in the order of rows and columns.
    pairs : mapping
        (reader, reader) to Pair, in either order; an absent pair read nothing in common.
    name, title : str
        For the element ids; for the heading.
    statistic : str
        What a cell holds ("Cohen κ").

    Returns
    -------
    Chart
        Each pair stands once in the table; values below 0 take the shade of 0.
    """
    cell = min(64.0, (MAX_WIDTH - LABEL) / max(len(readers), 1))
    parts: list[str] = []
    for row, first in enumerate(readers):
        y = TOP + HEIGHT * row
        parts.append(base.text(LABEL - 10, y + 22, base.cut(first, LABEL - 14), anchor="end"))
        parts.append(base.text(LABEL + cell * (row + 0.5), 18, base.cut(first, cell), anchor="middle"))
        for column, second in enumerate(readers):
            box = (LABEL + cell * column, y, cell - 2, HEIGHT - 2)
            parts.append(_blank(box) if first == second else _cell(box, (first, second), _pair(pairs, first, second)))
    once = [(first, second) for index, first in enumerate(readers) for second in readers[index + 1 :]]
    table = tuple((f"{a} × {b}", *_row(_pair(pairs, a, b))) for a, b in once)
    description = base.sentence([f"{a} and {b}: {_words(_pair(pairs, a, b))}" for a, b in once])
    size = (LABEL + cell * len(readers), TOP + HEIGHT * len(readers) + 2)
    svg = base.picture(name, (title, description), size, parts)
    return base.Chart(svg, title, description, ("Readers", statistic, "n", "Remark"), table)


def _pair(pairs: Mapping[tuple[str, str], Pair], first: str, second: str) -> Pair:
    found = pairs.get((first, second)) or pairs.get((second, first))
    return found or Pair(value=None, n=0, reason="no_overlap")


def _blank(box: tuple[float, float, float, float]) -> str:
    x, y, width, height = box
    middle = (x + width / 2 - 4, y + height / 2), (x + width / 2 + 4, y + height / 2)
    return base.line(*middle, "c-axis", base.AXIS)


def _cell(box: tuple[float, float, float, float], names: tuple[str, str], pair: Pair) -> str:
    x, y, width, height = box
    place: dict[str, object] = {"x": x, "y": y, "width": width, "height": height}
    hint = base.hint(f"{names[0]} and {names[1]}: {_words(pair)}")
    if pair.value is None:
        hollow = base.element("rect", {**place, "class": "c-empty", "fill": base.PAPER, "stroke": base.LINE}, hint)
        return base.linked(pair.href, hollow + _centred(box, "–", 4, css="c-dim", fill=base.DIM))
    css, fill, label_css, label = base.shade(pair.value)
    drawn = base.element("rect", {**place, "class": css, "fill": fill}, hint)
    if width < 40:
        return base.linked(pair.href, drawn + _centred(box, base.number(pair.value, 2), 4, css=label_css, fill=label))
    value = _centred(box, base.number(pair.value, 2), -1, css=label_css, fill=label)
    count = _centred(box, f"n {pair.n:,}", 12, css=label_css, fill=label, size=10)
    return base.linked(pair.href, drawn + value + count)


def _centred(box: tuple[float, float, float, float], words: str, drop: float, **look: object) -> str:
    x, y, width, height = box
    return base.text(x + width / 2, y + height / 2 + drop, words, anchor="middle", **look)


def _row(pair: Pair) -> tuple[str, str, str]:
    remark = base.because(pair.reason) if pair.value is None else ""
    return base.number(pair.value), f"{pair.n:,}", remark


def _words(pair: Pair) -> str:
    value = base.because(pair.reason) if pair.value is None else base.number(pair.value)
    return f"{value}, n {pair.n:,}"


SPEC = base.ChartSpec(
    title="Reader × reader matrix",
    function=reader_heatmap,
    says="Which readers agree with each other, and is one of them apart from the rest?",
)
