"""Forest plot: one estimate a row, with its bounds, its n and a reference line."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts import base

WIDTH, ROW, TOP, LABEL, PLOT, VALUE = 600.0, 28.0, 26.0, 238.0, 172.0, 140.0


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One row.

    Parameters
    ----------
    label : str
        What was estimated, or for which subgroup.
    value, low, high : float or None
        The estimate and its bounds; None where undefined.
    n : int
        Units that the estimate rests on.
    reason : str
        Why the value, or else the interval, is undefined: a code of ``qc.agreement.base`` or words.
    href : str
        Address of the cases behind the row, within this site; empty for none.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A vertical line: the target, or the value for all cases.

    Parameters
    ----------
    value : float
        Its place on the axis.
    label : str
        What it is ("target 0.60").
    """

    value: float
    label: str


def forest(
    rows: Sequence[ForestRow], *, name: str, title: str, axis: str = "", reference: Reference | None = None
) -> base.Chart:
    """Draw estimates with bounds.

    Parameters
    ----------
    rows : sequence of ForestRow
        In the order in which they are drawn; undefined rows are hollow and state their reason.
    name, title : str
        For the element ids; for the heading.
    axis : str
        What the horizontal axis measures, with its level ("Fleiss κ, 95 % bounds").
    reference : Reference or None
        A vertical line.

    Returns
    -------
    Chart
        Without any defined value the axis runs from 0 to 1.
    """
    scale, marks = _axis(rows, reference)
    height = TOP + ROW * len(rows) + 44
    parts = _frame(scale, marks, len(rows))
    parts += (
        [base.text(LABEL + PLOT / 2, height - 4, axis, anchor="middle", css="c-dim", fill=base.DIM)] if axis else []
    )
    parts += _reference(scale, reference, len(rows)) if reference else []
    for index, row in enumerate(rows):
        parts.append(base.linked(row.href, _row(scale, row, TOP + ROW * (index + 0.5))))
    table = tuple((row.label, base.number(row.value), *_bounds(row), f"{row.n:,}", _remark(row)) for row in rows)
    words = [f"{row.label}: {_value(row)}, n {row.n:,}" for row in rows]
    words.append(f"Reference line: {reference.label} at {base.number(reference.value)}" if reference else "")
    description = base.sentence(words)
    svg = base.picture(name, (title, description), (WIDTH, height), parts)
    return base.Chart(svg, title, description, ("Row", "Value", "Low", "High", "n", "Remark"), table)


def _axis(rows: Sequence[ForestRow], reference: Reference | None) -> tuple[base.Scale, tuple[float, ...]]:
    shown = [value for row in rows for value in (row.value, row.low, row.high) if value is not None]
    shown += [reference.value] if reference and shown else []
    marks = base.ticks(min(shown), max(shown), 4) if shown else (0.0, 0.5, 1.0)
    return base.Scale(marks[0], marks[-1], LABEL + 8, LABEL + PLOT - 8), marks


def _frame(scale: base.Scale, marks: Sequence[float], count: int) -> list[str]:
    bottom = TOP + ROW * count
    heads = [
        base.text(LABEL + PLOT + VALUE, 14, "Value (low–high)", anchor="end", css="c-dim", fill=base.DIM),
        base.text(WIDTH, 14, "n", anchor="end", css="c-dim", fill=base.DIM),
    ]
    rules = [base.line((0, TOP + ROW * i), (WIDTH, TOP + ROW * i), "c-line", base.LINE) for i in range(count + 1)]
    for mark in marks:
        label = f"{mark:g}".replace("-", "\u2212")
        rules.append(base.line((scale(mark), bottom), (scale(mark), bottom + 4), "c-axis", base.AXIS))
        rules.append(base.text(scale(mark), bottom + 17, label, anchor="middle", css="c-dim", fill=base.DIM))
    return heads + rules


def _reference(scale: base.Scale, reference: Reference, count: int) -> list[str]:
    x = scale(reference.value)
    ends = (x, TOP - 4), (x, TOP + ROW * count)
    return [
        base.line(*ends, "c-limit", base.LIMIT, stroke_dasharray="4 3"),
        base.text(x, 14, reference.label, anchor="middle", css="c-limit-text", fill=base.LIMIT),
    ]


def _row(scale: base.Scale, row: ForestRow, y: float) -> str:
    parts = [base.element("g", {}, base.hint(f"{row.label}: {_value(row)}, n {row.n:,}"), _label(row.label, y))]
    parts.append(base.text(WIDTH, y + 4, f"{row.n:,}", anchor="end", css="c-dim", fill=base.DIM))
    if row.value is None:
        hollow = {"cx": LABEL + 12, "cy": y, "r": 3.5, "class": "c-hollow", "fill": base.PAPER, "stroke": base.DIM}
        words = base.cut(base.because(row.reason), PLOT + VALUE - 24)
        # The ground hides the reference line, which would strike the reason through.
        ground = {"x": LABEL + 4, "y": y - 9, "width": 24 + base.CHARACTER_PX * len(words), "height": 18}
        parts.append(base.element("rect", {**ground, "class": "c-bg", "fill": base.PAPER}))
        return "".join([*parts, base.element("circle", hollow), _dim(LABEL + 24, y, words)])
    if row.low is not None and row.high is not None:
        ends = (scale(row.low), y), (scale(row.high), y)
        parts.append(base.line(*ends, "c-stroke", base.ACCENT, stroke_width=2))
    mark = {"cx": scale(row.value), "cy": y, "r": 4.5, "class": "c-mark", "fill": base.ACCENT}
    figures = base.number(row.value) if row.low is None else f"{base.number(row.value)} ({'–'.join(_bounds(row))})"
    parts.append(base.element("circle", mark))
    parts.append(base.text(LABEL + PLOT + VALUE, y + 4, figures, anchor="end"))
    return "".join(parts)


def _label(label: str, y: float) -> str:
    return base.text(0, y + 4, base.cut(label, LABEL - 8))


def _dim(x: float, y: float, words: str) -> str:
    return base.text(x, y + 4, words, css="c-dim", fill=base.DIM)


def _bounds(row: ForestRow) -> tuple[str, str]:
    return base.number(row.low), base.number(row.high)


def _remark(row: ForestRow) -> str:
    if row.value is None:
        return base.because(row.reason)
    return f"no interval: {base.REASONS.get(row.reason, row.reason)}" if row.low is None and row.reason else ""


def _value(row: ForestRow) -> str:
    if row.value is None:
        return base.because(row.reason)
    bounds = "" if row.low is None else f" ({'–'.join(_bounds(row))})"
    return base.number(row.value) + bounds + (f", {_remark(row)}" if _remark(row) else "")


SPEC = base.ChartSpec(
    title="Forest plot",
    function=forest,
    says="How large is each estimate, how sure is it, and does it reach the reference?",
)
