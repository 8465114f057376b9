"""Flow of a case: stages from top to bottom, with what ends at each and what goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from reports.charts import base

WIDTH, BOX, GAP, LINE_HEIGHT, PAD = 640.0, 330.0, 40.0, 16.0, 10.0
END_LEFT = BOX + 60.0
STAGE_CHARACTERS, END_CHARACTERS = 48, 34


@dataclass(frozen=True, slots=True)
class FlowStage:
    """One stage.

    Parameters
    ----------
    title : str
        Who does what.
    settled : str
        What ends here; empty where nothing does.
    otherwise : str
        What goes on to the next stage; empty where nothing does.
    """

    title: str
    settled: str
    otherwise: str


def flow(stages: Sequence[FlowStage], *, name: str, title: str) -> base.Chart:
    """Draw the stages of a case.

    Parameters
    ----------
    stages : sequence of FlowStage
        In order.
    name, title : str
        For the element ids; for the heading.
    """
    parts: list[str] = []
    top = 1.0
    for place, stage in enumerate(stages):
        height = _height(stage)
        parts += _stage(stage, top, height)
        if stage.otherwise and place + 1 < len(stages):
            parts += _onward(stage.otherwise, top + height)
        top += height + GAP
    words = [
        f"{number}. {stage.title}"
        + (f"; ends as {stage.settled}" if stage.settled else "")
        + (f"; goes on: {stage.otherwise}" if stage.otherwise else "")
        for number, stage in enumerate(stages, start=1)
    ]
    description = base.sentence(words)
    svg = base.picture(name, (title, description), (WIDTH, top - GAP + 2), parts)
    rows = tuple((stage.title, stage.settled or "–", stage.otherwise or "–") for stage in stages)
    return base.Chart(svg, title, description, ("Stage", "Ends as", "Goes on"), rows)


def _height(stage: FlowStage) -> float:
    lines = max(len(wrap(stage.title, STAGE_CHARACTERS)), len(wrap(stage.settled, END_CHARACTERS)), 1)
    return 2 * PAD + LINE_HEIGHT * lines


def _stage(stage: FlowStage, top: float, height: float) -> list[str]:
    parts = [_box(1.0, top, BOX, height), *_words(stage.title, 1.0 + PAD, top, height, STAGE_CHARACTERS)]
    if stage.settled:
        middle = top + height / 2
        parts += [
            base.line((BOX + 1, middle), (END_LEFT - 8, middle), "c-axis", base.AXIS),
            _arrow((END_LEFT - 8, middle), is_down=False),
            *_words(stage.settled, END_LEFT, top, height, END_CHARACTERS),
        ]
    return parts


def _onward(words: str, bottom: float) -> list[str]:
    x = 28.0
    return [
        base.line((x, bottom), (x, bottom + GAP - 7), "c-axis", base.AXIS),
        _arrow((x, bottom + GAP - 7), is_down=True),
        base.text(x + 12, bottom + GAP / 2 + 4, words, css="c-dim", fill=base.DIM),
    ]


def _box(left: float, top: float, width: float, height: float) -> str:
    placed = {"x": left, "y": top, "width": width, "height": height, "rx": 4.0}
    return base.element("rect", {**placed, "class": "c-box", "fill": base.PAPER, "stroke": base.LINE})


def _words(words: str, left: float, top: float, height: float, characters: int) -> list[str]:
    lines = wrap(words, characters)
    first = top + (height - LINE_HEIGHT * len(lines)) / 2 + 12
    return [base.text(left, first + LINE_HEIGHT * number, line) for number, line in enumerate(lines)]


def _arrow(tip: tuple[float, float], *, is_down: bool) -> str:
    x, y = tip
    end = (x, y + 5) if is_down else (x + 5, y)
    sides = ((x - 4, y), (x + 4, y)) if is_down else ((x, y - 4), (x, y + 4))
    return "".join(base.line(side, end, "c-axis", base.AXIS) for side in sides)


SPEC = base.ChartSpec(
    title="Flow of a case",
    function=flow,
    says="Which stages a case goes through, what ends at each and what goes on.",
)
