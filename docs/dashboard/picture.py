"""The picture of a dashboard: every widget of its JSON at its place on the grid, with the recorded history.

GitHub shows pages in a light or a dark theme, so there is one picture for each.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from components.resources.dashboard import dashboard_body
from components.resources.widgets import COLUMNS
from components.settings.names import Names
from docs.cost.templates import template
from docs.dashboard.charts import graph
from docs.dashboard.history import STACK, History, history
from docs.dashboard.insights import Table, answer
from docs.dashboard.series import beginning, lines
from docs.notifications.drawing import THEMES, Box, Text
from docs.notifications.lines import width as text_width
from docs.notifications.lines import wrapped
from docs.stack_files import settings_of

WIDTH = 984
ROW = 38
"""The height of a unit of the grid, in pixels."""
_GAP, _PAD = 8, 12
_TITLE = 32
_SIZE, _SMALL, _LEADING = 12.0, 11.0, 20
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")
_STATES = {"OK": "green", "ALARM": "red", "INSUFFICIENT_DATA": "muted"}


@dataclass
class Frame:
    """A widget: its box, the shapes in it, and a graph."""

    x: float
    y: float
    width: float
    height: float
    title: str = ""
    shapes: list[Text | Box] = field(default_factory=list)
    graph: str = ""

    def write(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write a text whose place is relative to the frame."""
        self.shapes.append(Text(x=self.x + x, y=self.y + y, text=text, **{"size": _SIZE, **style}))

    def line(self, y: float) -> None:
        """Draw a line across the frame."""
        box = Box(
            x=self.x + _PAD, y=self.y + y, width=self.width - 2 * _PAD, height=1, fill="border", radius=0
        )
        self.shapes.append(box)


def drawn(theme: str) -> str:
    """Return the picture of the local stack's dashboard for a theme."""
    settings = settings_of(STACK)
    return picture(dashboard_body(settings, Names.of(settings)), history(), theme)


def picture(body: Mapping[str, Any], recorded: History, theme: str) -> str:
    """Return the SVG of a dashboard with a history, for a theme."""
    frames = [_frame(body, widget, recorded, theme) for widget in body["widgets"]]
    shapes = [shape for frame in frames for shape in frame.shapes]
    return template("picture.svg.j2", "docs.dashboard").render(
        width=WIDTH,
        height=round(max(frame.y + frame.height for frame in frames) + _GAP / 2),
        frames=frames,
        boxes=[shape for shape in shapes if isinstance(shape, Box)],
        texts=[shape for shape in shapes if isinstance(shape, Text)],
        colours=THEMES[theme],
        title_y=_TITLE - 11,
        pad=_PAD,
    )


def _frame(body: Mapping[str, Any], widget: Mapping[str, Any], recorded: History, theme: str) -> Frame:
    column, properties = WIDTH / COLUMNS, widget["properties"]
    frame = Frame(
        x=widget["x"] * column + _GAP / 2,
        y=widget["y"] * ROW + _GAP / 2,
        width=widget["width"] * column - _GAP,
        height=widget["height"] * ROW - _GAP,
        title=properties.get("title", ""),
    )
    match widget["type"]:
        case "alarm":
            _alarms(frame, properties["alarms"], recorded.alarms)
        case "log":
            query = properties["query"].partition(" | ")[2]
            _table(frame, answer(query, recorded.log, recorded.now))
        case "metric":
            since = beginning(body, properties, recorded.now)
            frame.graph = graph(
                properties,
                lines(properties, since, recorded),
                since=since,
                now=recorded.now,
                width=frame.width,
                height=frame.height - _TITLE,
                theme=theme,
                colours=THEMES[theme],
            )
        case "text":
            _markdown(frame, properties["markdown"])
        case other:
            raise ValueError(f"the picture cannot show a widget of type {other}")
    return frame


def _alarms(frame: Frame, arns: Sequence[str], states: Mapping[str, str]) -> None:
    """Draw the alarms in two columns, without the part that their names have in common."""
    names = [arn.rpartition(":")[2] for arn in arns]
    half = -(-len(names) // 2)
    for place, name in enumerate(names):
        x, y = _PAD + (place // half) * (frame.width / 2), _TITLE + (place % half) * 27
        state = states.get(name, "INSUFFICIENT_DATA")
        frame.shapes.append(
            Box(x=frame.x + x, y=frame.y + y, width=24, height=17, fill=_STATES[state], radius=4)
        )
        frame.write(
            x + 12, y + 12.5, {"INSUFFICIENT_DATA": "?"}.get(state, state), size=9, colour="on", middle=True
        )
        frame.write(x + 32, y + 13, name, size=_SMALL)


def _table(frame: Frame, table: Table) -> None:
    """Draw a table with as many rows as fit; the last column is cut at the frame."""
    fitting = int((frame.height - _TITLE) // _LEADING) - 1
    rows = [[_cell(row.get(column)) for column in table.columns] for row in table.rows[:fitting]]
    heads = [column.replace("_", " ") for column in table.columns]
    x = float(_PAD)
    for number, head in enumerate(heads):
        cells = [row[number] for row in rows]
        room = frame.width - _PAD - x
        across = max(text_width(cell, _SMALL) for cell in (head, *cells))
        frame.write(x, _TITLE + 10, _cut(head, room), size=_SMALL, colour="muted")
        for place, cell in enumerate(cells):
            frame.write(x, _TITLE + 10 + (place + 1) * _LEADING, _cut(cell, room), size=_SMALL)
        x += across * 0.9 + 12
        if x > frame.width - 4 * _PAD:
            break
    frame.line(_TITLE + 15)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%d %b %H:%M:%S}"
        case float():
            return f"{value:,.0f}"
    return str(value)


def _cut(text: str, room: float) -> str:
    while text and text_width(text, _SMALL) > room:
        text = text.removesuffix("…")[:-1].rstrip() + "…"
        if text == "…":
            return ""
    return text


def _markdown(frame: Frame, markdown: str) -> None:
    """Draw headings, tables, paragraphs and links; code is written in a font of equal widths."""
    y = 10.0
    for line in markdown.split("\n"):
        if line.startswith("#"):
            y += 14
            frame.write(_PAD, y, line.lstrip("# "), size=15 if line.startswith("## ") else 13, bold=True)
            y += 12
        elif line.startswith("|---"):
            frame.line(y - 6)
            y += 4
        elif line.startswith("|"):
            left, right = (cell.strip() for cell in line.strip("|").split("|"))
            y += _LEADING - 9
            frame.write(_PAD, y, left)
            _inline(frame, frame.width * 0.38, y, right)
            y += 12
        else:
            for part in wrapped(
                _LINK.sub(r"\1", line.strip()).replace("*", ""), frame.width - 2 * _PAD, _SIZE
            ):
                y += _LEADING - 9
                _inline(frame, _PAD, y, part, colour="link" if "](" in line and "`" not in part else "ink")
                y += 9


def _inline(frame: Frame, x: float, y: float, text: str, colour: str = "ink") -> None:
    for part, is_code in _parts(text):
        size = 11 if is_code else _SIZE
        frame.write(x, y, part, size=size, mono=is_code, colour=colour)
        x += text_width(part, size, mono=is_code) * (1 if is_code else 0.92)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a text, each with True if it is code."""
    for number, part in enumerate(text.split("`")):
        if part:
            yield part, number % 2 == 1
