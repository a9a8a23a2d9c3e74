"""Tables for a terminal and in GitHub Markdown; the first row is the heading."""

import html
import re
from collections.abc import Sequence

from guardrails.visible import one_line

Row = Sequence[str]


def aligned(rows: Sequence[Row]) -> str:
    """Return a table in columns, the first aligned left, the others right."""
    rows = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:{'>' if place else '<'}{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def piped(rows: Sequence[Row]) -> str:
    """Return a table in Markdown, the first column aligned left, the others right."""
    heading, *others = rows
    ruler = ("---", *("--:" for _ in heading[1:]))
    cells = [map(escaped, heading), ruler, *(map(escaped, row) for row in others)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def escaped(text: str) -> str:
    """Return a text with the special characters of Markdown escaped."""
    return re.sub(r"([\\`*_\[\]|~#@])", r"\\\1", html.escape(one_line(text), quote=False))
