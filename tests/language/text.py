"""The text of the checkout by file and line, and the findings in it."""

import ast
import io
import re
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ALLOWED = Path(__file__).with_name("allowed.txt")
RULES: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
# Documents and what makes them; of Python only docstrings and comments are text.
PROSE = (".md", ".markdown", ".rst", ".txt", ".j2", ".html", ".toml", ".yaml", ".yml")

# A word alone in backticks is the name of something, as of a user of the machine; one between underscores is emphasis.
_WORDS = {
    name: re.compile(
        rf"(?<!`)\b(?:{word})\b|\b(?:{word})\b(?!`)|(?<![\w`])_+(?:{word})_+(?![\w`])", re.IGNORECASE
    )
    for name, rule in RULES["words"].items()
    for word in [rule["pattern"]]
}
_OPENING = re.compile(rf"[\W_]*({'|'.join(RULES['openings']['words'])})(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """One word at a place, under the name by which words.toml has it."""

    file: str
    line: int
    name: str
    instead: str


def findings() -> list[Finding]:
    """Return the findings in every file that git tracks or would track, but in the check's own rules."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        finding
        for file in sorted({*listed.split("\0")} - {""})
        if (path := ROOT / file).is_file() and path != Path(__file__).with_name("words.toml")
        for finding in findings_in(file, path)
    ]


def findings_in(file: str, path: Path) -> Iterator[Finding]:
    """Yield the findings in one file, in the order of its lines."""
    if path.suffix == ".py":
        try:
            source = path.read_text(encoding="utf-8")
            docstrings = list(_docstrings(source))
        except (SyntaxError, ValueError) as error:
            yield Finding(file, 1, "unreadable", f"is no Python in UTF-8 ({error}); correct it")
            return
        for line, text in docstrings:
            if opening := _OPENING.match(text):
                yield Finding(file, line, opening[1].capitalize(), RULES["openings"]["instead"])
        passages: Sequence[tuple[int, str]] = sorted([*docstrings, *_comments(source)])
    elif path.suffix.lower() in PROSE and path != ALLOWED:
        passages = [(1, path.read_text(encoding="utf-8"))]
    else:
        return
    for first, text in passages:
        for line, words in enumerate(text.splitlines(), start=first):
            for name, pattern in _WORDS.items():
                for _ in pattern.finditer(words):
                    yield Finding(file, line, name, RULES["words"][name]["instead"])


def _docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the strings that stand alone, those below an attribute included, with the line that they begin in."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
