"""The list of findings that are still allowed, by file and word, which can only shrink."""

import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.language.text import ALLOWED, ROOT, WORDS, Finding

LOWER = "`python -m tests.language --lower`"
CHECK = tuple(str(path.relative_to(ROOT)) for path in (WORDS, WORDS.with_name("text.py")))

Counts = Mapping[tuple[str, str], int]
"""The number of findings by file and name of the word."""


def read_allowed(path: Path = ALLOWED) -> dict[tuple[str, str], int]:
    """Return the list; the lowest count applies to a file and word with several lines, as a merge may leave them."""
    return _read(path.read_text(encoding="utf-8"))


def earlier_lists(root: Path = ROOT) -> list[dict[tuple[str, str], int]]:
    """Return the lists of earlier commits in git, back to the last commit that changed the check itself.

    A new word, or text that the check did not read before, brings its findings with it.
    """
    file = str(ALLOWED.relative_to(ROOT))
    if _git(root, "status", "--porcelain", "--", *CHECK):
        return []
    changed = _git(root, "rev-list", "--max-count=1", "HEAD", "--", *CHECK).strip()
    commits = {changed, *_git(root, "rev-list", f"{changed}..HEAD", "--", file).split()} if changed else set()
    return [_read(_git(root, "show", f"{commit}:{file}")) for commit in commits]


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False).stdout


def grown(allowed: Counts, earlier: Sequence[Counts]) -> list[str]:
    """Return a sentence for each word whose total count has grown; the files may change, as when one is moved."""
    now, before = _by_word(allowed), [_by_word(counts) for counts in earlier]
    return [
        f"{ALLOWED.name}: {now[name]} × {name} in all, and {least} were allowed before; reword what was added."
        for name in sorted(now)
        if before and now[name] > (least := min(counts[name] for counts in before))
    ]


def _by_word(counts: Counts) -> Counter[str]:
    words: Counter[str] = Counter()
    for (_, name), count in counts.items():
        words[name] += count
    return words


def _read(text: str) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for line in text.splitlines():
        count, name, file = line.split(" ", 2)
        counts[file, name] = min(int(count), counts.get((file, name), int(count)))
    return counts


def write_allowed(counts: Counts, path: Path = ALLOWED) -> None:
    """Write the list, with a line for each file and word, sorted by file."""
    lines = (f"{count} {name} {file}\n" for (file, name), count in sorted(counts.items()))
    path.write_text("".join(lines), encoding="utf-8")


def lowered(allowed: Counts, found: Sequence[Finding]) -> dict[tuple[str, str], int]:
    """Return the list without entries that are no longer found; no count grows, and no line is added."""
    counts = _counts(found)
    return {key: min(count, counts[key]) for key, count in allowed.items() if counts[key]}


def complaints(allowed: Counts, found: Sequence[Finding]) -> list[str]:
    """Return a sentence for each finding that exceeds the list, and for each line whose count is too high."""
    counts = _counts(found)
    beyond = [
        f"{finding.file}:{finding.line}: {finding.name}: {finding.instead}{_of(allowed, counts, finding)}."
        for finding in found
        if counts[finding.file, finding.name] > allowed.get((finding.file, finding.name), 0)
    ]
    stale = [
        f"{ALLOWED.name}: {file} has {counts[file, name]} × {name} left, and {count} are allowed; "
        f"{'lower it' if counts[file, name] else 'remove it from the list'} with {LOWER}."
        for (file, name), count in sorted(allowed.items())
        if counts[file, name] < count
    ]
    return [*beyond, *stale]


def _counts(found: Sequence[Finding]) -> Counter[tuple[str, str]]:
    return Counter((finding.file, finding.name) for finding in found)


def _of(allowed: Counts, counts: Counts, finding: Finding) -> str:
    """Return the found and the allowed count of a word, or nothing if none is allowed."""
    most = allowed.get((finding.file, finding.name), 0)
    return (
        f" ({counts[finding.file, finding.name]} in this file, and {most} were there before)" if most else ""
    )
