"""Histogram of one value a unit (Dice of each finding), with the limit that sends a unit to a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.charts import base

WIDTH, LEFT, TOP, PLOT, BINS = 600.0, 44.0, 30.0, 150.0, 25


@dataclass(frozen=True, slots=True)
class Limit:
    """The threshold.

    Parameters
    ----------
    value : float
        Units below it are marked.
    label : str
        What it is ("limit 0.70").
    """

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Span:
    """The horizontal axis.

    Parameters
    ----------
    label : str
        What is measured, with its unit.
    low, high : float
        Ends of the axis; values outside are counted in the end bins.
    """

    label: str
    low: float = 0.0
    high: float = 1.0


def distribution(
    values: Sequence[float | None], *, name: str, title: str, span: Span, limit: Limit | None = None
) -> base.Chart:
    """Draw how a value is spread over units.

    Parameters
    ----------
    values : sequence of float or None
        One a unit; None where it is undefined. Undefined units are counted and named, never drawn.
    name, title : str
        For the element ids; for the heading.
    span : Span
        The axis.
    limit : Limit or None
        A vertical line; bins wholly below it carry their own colour and the count below is written out.

    Returns
    -------
    Chart
        25 bins of equal width, half-open but the last.
    """
    known = sorted(value for value in values if value is not None)
    counts = _counts(known, span)
    highest = base.ticks(0, max(counts) or 1, 3)
    across = base.Scale(span.low, span.high, LEFT, WIDTH - 8)
    upward = base.Scale(0, highest[-1], TOP + PLOT, TOP)
    parts = _grid(upward, across, highest, span)
    edges = [span.low + (span.high - span.low) * index / BINS for index in range(BINS + 1)]
    for count, start, end in zip(counts, edges[:-1], edges[1:], strict=True):
        parts.append(_bin((across(start), across(end)), upward, count, _look(start, end, limit)))
    parts += _limit(across, limit) if limit else []
    summary = _summary(known, len(values), limit)
    parts.append(base.text(LEFT, 12, summary, css="c-dim", fill=base.DIM))
    table = tuple((_interval(edges, index), f"{count:,}") for index, count in enumerate(counts))
    filled = [f"{_interval(edges, index)}: {count:,}" for index, count in enumerate(counts) if count]
    description = base.sentence([summary, *filled])
    svg = base.picture(name, (title, description), (WIDTH, TOP + PLOT + 40), parts)
    return base.Chart(svg, title, description, (span.label, "Units"), table)


def _counts(known: Sequence[float], span: Span) -> list[int]:
    counts = [0] * BINS
    for value in known:
        # The nudge keeps a value that is a bin's printed lower edge in that bin despite binary rounding.
        place = int((value - span.low) / (span.high - span.low) * BINS + 1e-9)
        counts[min(max(place, 0), BINS - 1)] += 1
    return counts


def _grid(upward: base.Scale, across: base.Scale, highest: Sequence[float], span: Span) -> list[str]:
    parts = []
    for mark in highest:
        y = upward(mark)
        parts.append(
            base.line((LEFT, y), (WIDTH - 8, y), "c-line" if mark else "c-axis", base.LINE if mark else base.AXIS)
        )
        parts.append(base.text(LEFT - 8, y + 4, f"{mark:,g}", anchor="end", css="c-dim", fill=base.DIM))
    for mark in base.ticks(span.low, span.high, 5):
        label = f"{mark:g}".replace("-", "\u2212")
        parts.append(base.text(across(mark), TOP + PLOT + 17, label, anchor="middle", css="c-dim", fill=base.DIM))
    middle = (LEFT + WIDTH) / 2
    parts.append(base.text(middle, TOP + PLOT + 36, span.label, anchor="middle", css="c-dim", fill=base.DIM))
    return parts


def _look(start: float, end: float, limit: Limit | None) -> tuple[str, str, str]:
    below = limit is not None and end <= limit.value + 1e-9
    css, fill = ("c-below", base.LIMIT) if below else ("c-mark", base.ACCENT)
    return css, fill, f"{base.number(start, 2)}–{base.number(end, 2)}"


def _bin(ends: tuple[float, float], upward: base.Scale, count: int, look: tuple[str, str, str]) -> str:
    css, fill, words = look
    if not count:
        return ""
    top = upward(count)
    place = {"x": ends[0] + 0.5, "y": top, "width": ends[1] - ends[0] - 1, "height": upward(0) - top}
    return base.element("rect", {**place, "class": css, "fill": fill}, base.hint(f"{words}: {count:,}"))


def _limit(across: base.Scale, limit: Limit) -> list[str]:
    x = across(limit.value)
    at_end = x > WIDTH - 120
    return [
        base.line((x, TOP - 6), (x, TOP + PLOT), "c-limit", base.LIMIT, stroke_dasharray="4 3"),
        base.text(
            x - 6 if at_end else x + 6,
            TOP + 4,
            limit.label,
            anchor="end" if at_end else "start",
            css="c-limit-text",
            fill=base.LIMIT,
        ),
    ]


def _summary(known: Sequence[float], total: int, limit: Limit | None) -> str:
    undefined = f", {total - len(known):,} undefined" if len(known) < total else ""
    if not known:
        return f"n 0{undefined}"
    half = len(known) // 2
    median = known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
    below = f", {sum(value < limit.value for value in known):,} below {limit.label}" if limit else ""
    return f"n {len(known):,}, median {base.number(median)}{below}{undefined}"


def _interval(edges: Sequence[float], index: int) -> str:
    return f"{base.number(edges[index], 2)}–{base.number(edges[index + 1], 2)}"


SPEC = base.ChartSpec(
    title="Distribution",
    function=distribution,
    says="How is a value spread over units, and how many lie below the limit?",
)
