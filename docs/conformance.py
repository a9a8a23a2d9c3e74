"""Writes how the guide, and the traps of its design, are met here as a page; each row names the tests that show it."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("conformance.toml")

_HEAD = """\
# Conformance with the guide

The pipeline is built after the *AWS Step Functions Orchestration Guide* of
[CloudClearingAPI](https://github.com/MIFUNEKINSKi/CloudClearingAPI) v2.9.1, "the guide" for short: what it does is the
guide's, and where AWS works otherwise than the guide takes it to, it goes by AWS. Every row names the tests that show
it, or what is missing; `make docs` writes this page from [conformance.toml](conformance.toml).
"""
_CHAPTERS = """
## The guide, chapter by chapter

| chapter | here | shown by |
|---|---|---|"""
_TRAPS = """
## Traps of this design

What goes wrong when the guide's design is built in the obvious way, and what holds here instead.

| | trap | here | shown by |
|---|---|---|---|"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """Something that is asked for, what there is of it, the tests that show it, and what is still missing."""

    what: str
    here: str = ""
    tests: Sequence[str] = ()
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Conformance:
    """The guide's chapters and the traps, each in order."""

    chapters: Sequence[Row]
    traps: Sequence[Row]


def read() -> Conformance:
    """Return what conformance.toml says."""
    content = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return Conformance(
        chapters=[Row(**row) for row in content["chapter"]], traps=[Row(**row) for row in content["trap"]]
    )


def page() -> str:
    """Return the page."""
    conformance = read()
    lines = [_HEAD + _CHAPTERS, *map(_row, conformance.chapters)]
    lines += [_TRAPS, *(f"| {number} {_row(row)}" for number, row in enumerate(conformance.traps, start=1))]
    return "\n".join(lines) + "\n"


def _row(row: Row) -> str:
    shown = "<br>".join([*map(_link, row.tests), *_missing(row)])
    return f"| {row.what} | {row.here} | {shown} |"


def _link(test: str) -> str:
    """Return a test by the sentence that its name is."""
    file, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{file})"


def _missing(row: Row) -> Iterator[str]:
    if row.missing:
        yield f"*Not yet built: {row.missing}*"
