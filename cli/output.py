"""The two forms of output: tables and sentences for people, one JSON document for programs."""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from guardrails.visible import one_line, visible

_LEAST_COLUMNS = 40
_UNLIMITED = 100_000
"""More columns than any table has."""


class _Console(Console):
    """A console whose reader may go away, as a pager does."""

    def on_broken_pipe(self) -> None:
        """Raise the error, which is none for the command; Rich would end the process with the exit code 1."""
        raise BrokenPipeError


class Output:
    """Standard output, and standard error for errors and notes.

    With `as_json`, `document` prints and everything for people is silent. The width is that of the terminal or of the
    variable COLUMNS; piped output has none, so that each row of a table is one line, and no colours.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._console = _Console(highlight=False, emoji=False, markup=False)
        if not self._console.is_terminal and not os.environ.get("COLUMNS"):
            self._console.width = _UNLIMITED
        # Rich prints nothing at all in a width of 0, and a letter a line in a few columns.
        self._console.width = max(self._console.width, _LEAST_COLUMNS)
        self._errors = _Console(stderr=True, highlight=False, emoji=False, markup=False)

    @property
    def console(self) -> Console:
        """The console of standard output, for displays that change while a run goes on."""
        return self._console

    def document(self, document: Any) -> None:
        """Print a JSON document if JSON was asked for; times are ISO 8601, amounts are strings."""
        if self.as_json:
            print(json.dumps(document, indent=2, ensure_ascii=False, default=str))

    def json_line(self, document: Any) -> None:
        """Print a JSON document in one line, for output that goes on, if JSON was asked for."""
        if self.as_json:
            print(json.dumps(document, ensure_ascii=False, default=str), flush=True)

    def line(self, text: str = "", *, style: str | None = None) -> None:
        """Print a line for people; it is never folded, so that a command in it can be copied."""
        if not self.as_json:
            self._console.print(Text(_on_one_line(text), style=style or ""), soft_wrap=True)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()
    ) -> None:
        """Print a table for people; the columns in `right` hold numbers."""
        if self.as_json:
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(one_line(cell) for cell in row))
        self._console.print(table)

    def note(self, text: str) -> None:
        """Print a note on standard error, e.g. progress; it is not part of the result."""
        if not self.as_json:
            self._errors.print(Text(_on_one_line(text)), soft_wrap=True)

    def error(self, what: str, next_step: str) -> None:
        """Print an error on standard error, as JSON if JSON was asked for."""
        if self.as_json:
            print(json.dumps({"error": what, "next_step": next_step}, ensure_ascii=False), file=sys.stderr)
        else:
            text = f"ccapi: {visible(what)}. {visible(next_step[:1].upper() + next_step[1:])}."
            self._errors.print(Text(text, style="red"), soft_wrap=True)


def _on_one_line(text: str) -> str:
    """Return a text that cannot forge another line; tabs stay, as logs have them."""
    return visible(text).replace("\n", "\\u000a")
