"""Waterfalls: a whole, what is taken off it step by step, what is left; a bar begins where the last one ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.drawing import Text, wrapped
from pipeline.report.findings import DISPOSITIONS, Findings
from pipeline.report.sentences import DISPOSITION_WORDS

SIZE = 13


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of the figure. `is_stacked` puts the bar below its label, for a narrow screen."""

    name: str
    width: float
    label_width: float
    bar_x: float
    bar_width: float
    row_height: float
    is_stacked: bool = False


WIDE = Layout("wide", 860, 400, 410, 370, 26)
NARROW = Layout("narrow", 360, 285, 2, 356, 54, is_stacked=True)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a whole (start, subtotal, end) is `number` itself, a loss takes `number` off what was there before."""

    kind: str
    label: str
    number: int
    left: int

    @property
    def is_loss(self) -> bool:
        """True for a step that takes something off."""
        return self.kind == "loss"


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of the figure. The connector (x, from y, to y) runs from the end of this bar down to the next one.

    A stacked layout has none: it would cross the labels.
    """

    step: Step
    label: list[Text]
    number: Text
    x: float
    y: float
    width: float
    height: float
    connector: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Everything the template needs."""

    name: str
    title: str
    description: str
    layout: Layout
    height: float
    bars: list[Bar]


def row_steps(findings: Findings) -> list[Step]:
    """From all rows of all exports to the rows in use."""
    left = findings.rows_counted()
    steps = [Step("start", "Rows in the files, counted from their bytes", left, left)]
    counted = findings.rows_by_disposition()
    for name in DISPOSITIONS[:-1]:
        left -= counted[name]
        steps.append(Step("loss", DISPOSITION_WORDS[name], counted[name], left))
    return [*steps, Step("end", "Used", counted["used"], counted["used"])]


def patient_steps(findings: Findings) -> list[Step]:
    """From all patients seen to those tested, as the mart states them."""
    return [Step(r["kind"], r["label"], int(r["n_patients"]), int(r["n_remaining"])) for r in findings.patient_flow]


def adds_up(steps: Sequence[Step]) -> bool:
    """Whether every step is the one before it less its own loss, to the very end."""
    left = steps[0].number if steps else 0
    for step in steps:
        left -= step.number if step.is_loss else 0
        if step.left != left or (not step.is_loss and step.number != left):
            return False
    return True


def waterfall(name: str, title: str, description: str, steps: Sequence[Step], layout: Layout) -> Waterfall:
    """The figure of these steps for one layout."""
    whole = max((step.number for step in steps), default=0) or 1
    bars = [_bar(step, steps[i + 1 : i + 2], i, whole, layout) for i, step in enumerate(steps)]
    return Waterfall(name, title, description, layout, len(steps) * layout.row_height + 6, bars)


def _bar(step: Step, following: Sequence[Step], position: int, whole: int, layout: Layout) -> Bar:
    top = 3 + position * layout.row_height
    y, height = (top + 36, 10.0) if layout.is_stacked else (top + 5, layout.row_height - 10)
    base = top + (15 if layout.is_stacked else layout.row_height / 2 + 4.5)
    scale = layout.bar_width / whole
    x = layout.bar_x + (step.left if step.is_loss else 0) * scale
    width = step.number * scale
    # a loss of one in a million is still seen; a loss of nothing is not drawn
    shown = max(width, 1.5) if step.number else 0.0
    sign = "−" if step.is_loss and step.number else "= " if step.kind in ("subtotal", "end") else ""
    end = round(layout.bar_x + step.left * scale, 2)
    connector = (
        (end, y + (height if step.number else 0), y + layout.row_height)
        if following and not layout.is_stacked
        else None
    )
    left, lines = (2, 2) if layout.is_stacked else (layout.label_width, 1)
    label = wrapped(left, base, step.label, layout.label_width - 6, SIZE, lines)
    if layout.is_stacked and len(label) == 1:
        label = [label[0]._replace(y=base + SIZE + 2)]
    number = Text(layout.width - 2, label[-1].y if label else base, f"{sign}{step.number:,}")
    return Bar(step, label, number, round(x, 2), y, round(shown, 2), height, connector)
