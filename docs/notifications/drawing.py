"""A picture of a message: texts and boxes from top to bottom, in the colours of the light or the dark theme."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from docs.cost.templates import template
from docs.notifications.lines import width, wrapped

WIDTH = 400
_MARGIN = 16
INNER = WIDTH - 2 * _MARGIN
_LEADING = 1.45
_PAD = 10

THEMES: dict[str, dict[str, str]] = {
    "light": {
        "card": "#ffffff",
        "border": "#d0d7de",
        "ink": "#1f2328",
        "muted": "#59636e",
        "link": "#0969da",
        "code": "#f6f8fa",
        "red": "#cf222e",
        "green": "#1a7f37",
        "orange": "#bc4c00",
        "on": "#ffffff",
        "mention": "#fff1c2",
    },
    "dark": {
        "card": "#161b22",
        "border": "#3d444d",
        "ink": "#e6edf3",
        "muted": "#9ea7b3",
        "link": "#58a6ff",
        "code": "#0d1117",
        "red": "#c93038",
        "green": "#1f7a35",
        "orange": "#b35900",
        "on": "#ffffff",
        "mention": "#4d3800",
    },
}
"""The colours by purpose, for each theme."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """One line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    size: float
    colour: str = "ink"
    bold: bool = False
    mono: bool = False
    middle: bool = False


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle behind texts."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    border: str | None = None
    radius: float = 6


@dataclass
class Drawing:
    """A card that grows downwards."""

    title: str
    y: float = _MARGIN
    shapes: list[Text | Box] = field(default_factory=list)

    def gap(self, pixels: float) -> None:
        """Leave vertical space."""
        self.y += pixels

    def line(self) -> None:
        """Draw a line across the card."""
        self.shapes.append(Box(x=0, y=self.y, width=WIDTH, height=1, fill="border", radius=0))
        self.y += 1

    def paragraph(
        self, text: str, size: float = 13, colour: str = "ink", *, bold: bool = False, indent: float = 0
    ) -> None:
        """Write a paragraph; the lines of a URL after a label have the colour of links."""
        has_link = ": https://" in text
        in_url = False
        for line in wrapped(text, INNER - indent, size, bold=bold):
            in_url = has_link and (line.startswith("https://") or (in_url and " " not in line))
            self._write(line, size, "link" if in_url else colour, bold=bold, indent=indent)

    def code(self, text: str, size: float = 11) -> None:
        """Write a command in a box."""
        lines = wrapped(text, INNER - 2 * _PAD, size, mono=True)
        height = len(lines) * size * _LEADING + _PAD
        self.shapes.append(
            Box(x=_MARGIN, y=self.y, width=INNER, height=height, fill="code", border="border", radius=4)
        )
        top, self.y = self.y, self.y + _PAD / 2
        for line in lines:
            self._write(line, size, "ink", mono=True, indent=_PAD)
        self.y = top + height

    def pills(self, pills: Sequence[tuple[str, str]]) -> None:
        """Write words on coloured backgrounds, side by side; each pill is a text and a colour."""
        x: float = _MARGIN
        for text, colour in pills:
            across = width(text, 11, bold=True) + 2 * _PAD
            self.shapes.append(Box(x=x, y=self.y, width=across, height=20, fill=colour, radius=10))
            self.shapes.append(
                Text(x=x + across / 2, y=self.y + 14, text=text, size=11, colour="on", bold=True, middle=True)
            )
            x += across + 6
        self.y += 20

    def buttons(self, labels: Sequence[str], size: float = 12) -> None:
        """Draw buttons in as many rows as they need."""
        x: float = _MARGIN
        for label in labels:
            across = width(label, size, bold=True) + 2 * _PAD
            if x > _MARGIN and x + across > WIDTH - _MARGIN:
                x, self.y = _MARGIN, self.y + 36
            self.shapes.append(
                Box(x=x, y=self.y, width=across, height=28, fill="card", border="border", radius=5)
            )
            self.shapes.append(
                Text(x=x + across / 2, y=self.y + 18.5, text=label, size=size, bold=True, middle=True)
            )
            x += across + 8
        self.y += 28

    def highlight(self, word: str, size: float = 13) -> None:
        """Draw the background of the first word of the next paragraph."""
        self.shapes.append(
            Box(
                x=_MARGIN - 2,
                y=self.y,
                width=width(word, size) + 3,
                height=size * _LEADING,
                fill="mention",
                radius=3,
            )
        )

    def label(self, text: str, value: str) -> None:
        """Write a field: its name, and its value below."""
        self.paragraph(text, 11, "muted")
        for part in value.split("\n"):
            self.paragraph(part, 12.5)
        self.gap(6)

    def _write(
        self,
        text: str,
        size: float,
        colour: str,
        *,
        bold: bool = False,
        mono: bool = False,
        indent: float = 0,
    ) -> None:
        self.shapes.append(
            Text(
                x=_MARGIN + indent,
                y=self.y + size * 1.1,
                text=text,
                size=size,
                colour=colour,
                bold=bold,
                mono=mono,
            )
        )
        self.y += size * _LEADING

    def svg(self, kind: str) -> str:
        """Return the SVG for a theme."""
        return template("card.svg.j2", "docs.notifications").render(
            title=self.title,
            width=WIDTH,
            height=round(self.y + _MARGIN),
            boxes=[each for each in self.shapes if isinstance(each, Box)],
            texts=[each for each in self.shapes if isinstance(each, Text)],
            colours=THEMES[kind],
        )
