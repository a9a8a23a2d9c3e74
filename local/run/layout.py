"""The layout of text in rows of a terminal: lines that end between words, within a number of rows."""

import textwrap
from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from local.terminal import visible


def rows(lines: Sequence[Text], width: int) -> int:
    """Return how many rows of a terminal lines fill."""
    return sum(_rows(visible(line.plain), width) for line in lines)


def first_lines(lines: Sequence[str], *, width: int, rows: int) -> Sequence[str]:
    """Return as many whole lines from the start as a number of rows holds; the start of a first line that is longer."""
    shown: list[str] = []
    left = rows
    for line in lines:
        left -= _rows(visible(line), width)
        if left < 0:
            break
        shown.append(line)
    return shown or [lines[0][: rows * width]]


def paragraph(text: str, *, width: int, rows: int, indent: str = "", style: str = "") -> list[Text]:
    """Return a text as lines that end between words, cut with an ellipsis after a number of rows.

    A long word, such as an ARN, stays whole: the terminal wraps it, and it can be copied.
    """
    lines = textwrap.wrap(
        " ".join(visible(text).split()),
        width - 1,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    kept: list[str] = []
    left = rows
    for line in lines:
        needed = _rows(line, width)
        if needed > left:
            if left:
                kept.append(line[: left * width - 1])
            kept[-1] += "…"
            break
        kept.append(line)
        left -= needed
    return [Text(line, style) for line in kept]


def _rows(line: str, width: int) -> int:
    return max(1, -(-cell_len(line) // width))
