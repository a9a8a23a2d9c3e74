"""The text of the checkout by file and line, and the findings in it."""

import ast
import html
import io
import json
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WORDS = Path(__file__).with_name("words.toml")
RULES: Mapping[str, Any] = tomllib.loads(WORDS.read_text(encoding="utf-8"))

_PATTERNS: Mapping[str, str] = {
    name: rule["pattern"].replace(" ", r"\s+") for name, rule in RULES["words"].items()
}
# A word alone in backticks is a name, such as that of a user of the machine; one between underscores is emphasis.
_WORDS = {
    name: re.compile(
        rf"(?<!`)\b(?:{word})\b|\b(?:{word})\b(?!`)|(?<![\w`])_+(?:{word})_+(?![\w`])", re.IGNORECASE
    )
    for name, word in _PATTERNS.items()
}
_OPENINGS = "|".join(RULES["openings"]["words"])
_OPENING = re.compile(rf"[\W_]*({_OPENINGS})(?![^\W_])", re.IGNORECASE)
# Most files hold none of the words, which one search finds out faster than a parser. A comment sign may stand between
# two words, and a docstring may end after a word.
_ANY = "|".join(re.sub(r"\(\?=.*\)$", "", word) for word in _PATTERNS.values()).replace(r"\s+", r"[\s#]+")
_ANY_WORD = re.compile(rf"(?<![^\W_])(?:{_ANY})", re.IGNORECASE)
_ANY_COMMENT = re.compile(rf"#[^\n]*(?<![^\W_])(?:{_ANY})", re.IGNORECASE)
_ANY_OPENING = re.compile(rf"[\"'](?:\\n|[\W_])*(?:{_OPENINGS})(?![^\W_])", re.IGNORECASE)

_JSON_STRING = re.compile(r'("(?:[^"\\\n]|\\.)*")(\s*:)?')
_JSON_EXPRESSION = "{%"
_SENTENCE_SPACES = 2
_SVG_TEXT = re.compile(r"<(?:text|tspan|title|desc)\b[^>]*>([^<]+)")

Passages = Iterator[tuple[int, str]]


@dataclass(frozen=True)
class Finding:
    """One word at a place, by its name in words.toml."""

    file: str
    line: int
    name: str
    instead: str


def findings() -> list[Finding]:
    """Return the findings in every file that git tracks or would track, except in words.toml."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        finding
        for file in sorted({*listed.split("\0")} - {""})
        if (path := ROOT / file).is_file() and path != WORDS
        for finding in findings_in(file, path)
    ]


def findings_in(file: str, path: Path) -> Iterator[Finding]:
    """Yield the findings in one file."""
    passages = _PASSAGES.get(path.suffix.lower())
    if passages is None:
        return
    try:
        source = path.read_text(encoding="utf-8")
        if path.suffix == ".py" and _ANY_OPENING.search(source):
            yield from _openings(file, source)
        found = list(passages(source)) if _ANY_WORD.search(source) else []
    except (SyntaxError, ValueError) as error:
        yield Finding(
            file, 1, "unreadable", f"cannot be read as {path.suffix} in UTF-8 ({error}); correct it"
        )
        return
    for first, text in found:
        for name, pattern in _WORDS.items():
            for match in pattern.finditer(text):
                line = first + text.count("\n", 0, match.start())
                yield Finding(file, line, name, RULES["words"][name]["instead"])


def _openings(file: str, source: str) -> Iterator[Finding]:
    for line, text in _docstrings(source):
        if opening := _OPENING.match(text):
            yield Finding(file, line, opening[1].capitalize(), RULES["openings"]["instead"])


def _document(source: str) -> Passages:
    yield 1, source


def _python(source: str) -> Passages:
    """Yield the docstrings and the comments, with consecutive lines of comments as one passage."""
    yield from sorted([*_docstrings(source), *(_comments(source) if _ANY_COMMENT.search(source) else ())])


def _docstrings(source: str) -> Passages:
    """Yield the strings that are statements, including those below an attribute, with their first line."""
    for statement in _statements(ast.parse(source)):
        if (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Constant)
            and isinstance(statement.value.value, str)
        ):
            yield statement.lineno, statement.value.value


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements below a node; `ast.walk` would visit every expression too, which takes seconds."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, name, ()):
            yield child
            yield from _statements(child)


def _comments(source: str) -> Passages:
    first, lines = 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if lines and token.start[0] != first + len(lines):
            yield first, "\n".join(lines)
            lines = []
        if not lines:
            first = token.start[0]
        lines.append(token.string.lstrip("#"))
    if lines:
        yield first, "\n".join(lines)


def _json(source: str) -> Passages:
    """Yield the values of three words or more; data and JSONata expressions, `{% … %}`, are not text."""
    for match in _JSON_STRING.finditer(source):
        text, is_key = match[1], match[2] is not None
        if not is_key and text.count(" ") >= _SENTENCE_SPACES and not text.startswith(f'"{_JSON_EXPRESSION}'):
            yield source.count("\n", 0, match.start()) + 1, json.loads(text, strict=False).replace("\n", " ")


def _svg(source: str) -> Passages:
    for match in _SVG_TEXT.finditer(source):
        yield source.count("\n", 0, match.start()) + 1, html.unescape(match[1])


# Documents and templates are text throughout; of Python, JSON and SVG only a part is.
_PASSAGES: Mapping[str, Callable[[str], Passages]] = {
    **dict.fromkeys(
        (".md", ".markdown", ".rst", ".txt", ".j2", ".html", ".toml", ".yaml", ".yml"), _document
    ),
    ".py": _python,
    ".json": _json,
    ".svg": _svg,
}
