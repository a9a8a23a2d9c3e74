"""The page docs/guide-conformance.md: how the pipeline implements the guide and avoids its traps, with tests."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("conformance.toml")

_HEAD = """\
# Conformance with the guide

The pipeline implements the *AWS Step Functions Orchestration Guide* of
[CloudClearingAPI](https://github.com/MIFUNEKINSKi/CloudClearingAPI) v2.9.1, called "the guide" below. Where AWS behaves
differently from what the guide assumes, the pipeline follows AWS. Each row names the tests that verify it, or what is
missing; `make docs` writes this page from [conformance.toml](conformance.toml).
"""
_CHAPTERS = """
## The guide, chapter by chapter

| chapter | implementation | verified by |
|---|---|---|"""
_TRAPS = """
## Traps of this design

Errors in a straightforward implementation of the guide, and how this pipeline avoids them.

| | trap | this pipeline | verified by |
|---|---|---|---|"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A chapter or a trap, the implementation, the tests that verify it, and what is still missing."""

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
    """Return the content of conformance.toml."""
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
    """Return a link to the file of a test, labelled with the test's name as a sentence."""
    file, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../{file})"


def _missing(row: Row) -> Iterator[str]:
    if row.missing:
        yield f"*Not yet built: {row.missing}*"
