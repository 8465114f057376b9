"""What every chart shares: the finished chart, its specification, escaping, scales and paper colours.

Colours are written as presentation attributes in the colours of paper, with a class beside them:
the PDF engine ignores page style sheets inside an SVG and uses the attributes, while on screen the
theme's style sheet overrides them.
"""

import html
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qc.agreement import base as agreement
from qc.readers import base as readers

INK, DIM, LINE, AXIS, ACCENT, LIMIT, PAPER = "#15191c", "#4f5b63", "#d6dce0", "#4f5b63", "#0a5fa5", "#8a5a00", "#ffffff"
SHADES = (
    "#f6f9fb", "#e3eef6", "#d0e4f2", "#bad8ed", "#a1cae6",
    "#86badd", "#1f6ea8", "#17609a", "#0f5187", "#083f6e",
)  # fmt: skip
MINIMUM_CONTRAST = 4.5
CHARACTER_PX = 6.3

REASONS: Mapping[str, str] = {
    agreement.NO_VARIATION: "every rating is the same category",
    agreement.ZERO_VARIANCE: "the ratings do not vary",
    agreement.TOO_FEW: "there are too few items",
    agreement.NO_OVERLAP: "no item was read by both",
    agreement.BOTH_EMPTY: "both masks are empty",
    agreement.ONE_EMPTY: "one of the masks is empty",
    agreement.NO_SPACING: "the voxel spacing is unknown",
    agreement.NO_TOLERANCE: "the protocol states no tolerance in mm",
    agreement.NOT_MEASURED: "it was not measured on these reads",
    agreement.TOO_LARGE: "the regions are too large to be compared",
    agreement.DEGENERATE: "the data leave the model undetermined",
    agreement.NOT_CONVERGED: "the iteration did not converge",
    agreement.TOO_FEW_MINORITY: "the rarer category has too few items",
    readers.TOO_FEW_PATIENTS: "there are too few patients",
    readers.GROUPS_SHARE_PATIENTS: "patients are in several groups",
}

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Markup(str):
    """Text that is already escaped; Django prints it as it is because it bears ``__html__``."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text itself."""
        return str(self)


@dataclass(frozen=True, slots=True)
class Chart:
    """A finished chart with the same numbers as a picture, in words and as a table.

    Parameters
    ----------
    svg : Markup
        The picture; byte for byte the same for the same data and name.
    title : str
        What is shown.
    description : str
        All numbers in words, for those who do not see the picture.
    columns : tuple of str
        Heads of the table.
    rows : tuple of tuple of str
        The table, cells as printed.
    """

    svg: Markup
    title: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ChartSpec:
    """The catalogue entry of a chart.

    Parameters
    ----------
    title : str
        Name for people.
    function : callable
        ``function(data…, name=…, title=…)`` → Chart; ``name`` becomes part of the element ids.
    says : str
        One sentence: which question the chart answers.
    """

    title: str
    function: Callable[..., Chart]
    says: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from data to pixels.

    Parameters
    ----------
    low, high : float
        Ends of the data range, ``low < high``.
    start, end : float
        Their places in px.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value in px; a value outside the range is put at its nearer end."""
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, wanted: int = 5) -> tuple[float, ...]:
    """Return round numbers that cover a range.

    Parameters
    ----------
    low, high : float
        Ends of the range, ``low <= high``; a range narrower than a millionth is widened to 1.
    wanted : int
        About how many.

    Returns
    -------
    tuple of float
        Ascending; the first is at most ``low``, the last at least ``high``.
    """
    span = high - low if high - low > 1e-6 * max(1.0, abs(low)) else 1.0
    power = 10.0 ** math.floor(math.log10(span / wanted))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= wanted)
    # Only what the division itself may have added is taken off: three tenths over a tenth is three.
    noise = 4 * sys.float_info.epsilon * max(abs(low), abs(low + span)) / step
    first, last = math.floor(low / step + noise), math.ceil((low + span) / step - noise)
    return tuple(round(index * step, 10) for index in range(first, last + 1))


def escape(text: object) -> str:
    """Return text for XML: markup escaped, characters that XML forbids replaced by U+FFFD."""
    return html.escape(_NOT_XML.sub("\ufffd", str(text)), quote=True)


def number(value: float | None, digits: int = 3) -> str:
    """Return a number as printed everywhere, with a true minus sign; ``undefined`` for None."""
    if value is None:
        return "undefined"
    text = f"{value:,.{digits}f}"
    negative = text.startswith("-") and any(digit in "123456789" for digit in text)
    return ("\u2212" if negative else "") + text.lstrip("-")


def because(reason: str) -> str:
    """Return the words for a reason why something is undefined; unknown reasons stand as they are."""
    return f"undefined because {REASONS.get(reason, reason) or 'no reason was recorded'}"


def cut(text: str, width_px: float) -> str:
    """Return text shortened with an ellipsis to about ``width_px`` at 12 px type."""
    room = max(int(width_px / CHARACTER_PX), 2)
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


def element(name: str, attributes: Mapping[str, object], *children: str) -> str:
    """Return one element; attribute values are escaped, floats are rounded to 0.01, children are markup."""
    parts = [name]
    for key, value in attributes.items():
        shown = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
        parts.append(f'{key}="{escape(shown)}"')
    opened = " ".join(parts)
    return f"<{opened}>{''.join(children)}</{name}>" if children else f"<{opened}/>"


def text(x: float, y: float, words: object, **attributes: object) -> str:
    """Return one line of escaped text; ``anchor``, ``size``, ``weight``, ``css`` and ``fill`` are optional."""
    placed: dict[str, object] = {"x": float(x), "y": float(y), "class": attributes.get("css", "c-ink")}
    placed["fill"] = attributes.get("fill", INK)
    if "anchor" in attributes:
        placed["text-anchor"] = attributes["anchor"]
    placed["font-size"] = attributes.get("size", 12)
    if "weight" in attributes:
        placed["font-weight"] = attributes["weight"]
    return element("text", placed, escape(words))


def line(start: tuple[float, float], end: tuple[float, float], css: str, stroke: str, **more: object) -> str:
    """Return a line from ``(x, y)`` to ``(x, y)``; further attributes use underscores for hyphens."""
    place = {"x1": float(start[0]), "y1": float(start[1]), "x2": float(end[0]), "y2": float(end[1])}
    extra = {key.replace("_", "-"): value for key, value in more.items()}
    return element("line", {**place, "class": css, "stroke": stroke, **extra})


def linked(href: str, drawing: str) -> str:
    """Return the drawing as a link within this site; without an address the drawing itself.

    Raises
    ------
    ValueError
        When the address does not start with a single slash or a question mark.
    """
    if not href:
        return drawing
    if not re.match(r"/(?!/)|\?", href):
        message = f"a chart links within its own site only, not to {href!r}"
        raise ValueError(message)
    return element("a", {"href": href}, drawing)


def hint(words: str) -> str:
    """Return a title child: what a pointer at rest shows."""
    return element("title", {}, escape(words))


def picture(name: str, words: tuple[str, str], size: tuple[float, float], parts: Iterable[str]) -> Markup:
    """Return the whole SVG.

    Parameters
    ----------
    name : str
        The caller's name of the picture on its page; ids derive from it.
    words : tuple of str
        Title and description.
    size : tuple of float
        Width and height in px.
    parts : iterable of str
        Markup, in drawing order.
    """
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "chart"
    width, height = (round(side) for side in size)
    drawing = list(parts)
    # A picture hides what is inside it from assistive technology, so one with links is a group.
    role = "group" if any("<a " in part for part in drawing) else "img"
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": width,
        "height": height,
        "viewBox": f"0 0 {width} {height}",
        "role": role,
        "aria-labelledby": f"{key}-title {key}-description",
        "font-family": "Liberation Sans, DejaVu Sans, sans-serif",
    }
    title = element("title", {"id": f"{key}-title"}, escape(words[0]))
    description = element("desc", {"id": f"{key}-description"}, escape(words[1]))
    return Markup(element("svg", attributes, title, description, *drawing))


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2) of a colour ``#rrggbb``."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio (WCAG 2.2) of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def shade(share: float) -> tuple[str, str, str, str]:
    """Return how a cell of the given share (0 to 1) is filled and lettered.

    Returns
    -------
    tuple of str
        Class and paper colour of the cell, class and paper colour of its label; the label is the one of
        ink and paper with the greater contrast, which is at least 4.5 on every shade.
    """
    index = min(max(int(share * len(SHADES)), 0), len(SHADES) - 1)
    fill = SHADES[index]
    low = contrast(fill, INK) >= contrast(fill, PAPER)
    return f"s{index}", fill, "t-low" if low else "t-high", INK if low else PAPER


def sentence(parts: Sequence[str]) -> str:
    """Return the parts as one text, each ending in a full stop."""
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)
