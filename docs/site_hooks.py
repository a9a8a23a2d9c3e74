"""Hooks for MkDocs: replace links to files that are not on the web site by text."""

import re
from pathlib import PurePosixPath
from typing import Any

SITE_FILES = frozenset({".json", ".md", ".png", ".svg"})
"""The suffixes of the files in docs/ that mkdocs.yml does not exclude."""
_LINK = re.compile(r"\[((?:[^\[\]]|\\\[|\\\])+)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Return the Markdown of a page, with links to files that are not on the site replaced by text."""
    folder = PurePosixPath("docs", page.file.src_uri).parent
    return _LINK.sub(lambda link: without_link(link, folder), markdown)


def without_link(link: "re.Match[str]", folder: PurePosixPath) -> str:
    """Return a link unchanged, or as text if its file is not on the web site."""
    text, target = link[1], link[2]
    if "://" in target or target.startswith(("mailto:", "/")):
        return link[0]
    path = resolved(folder / target)
    if path.startswith("docs/") and PurePosixPath(path).suffix in SITE_FILES:
        return link[0]
    name = text.replace("\\_", "_").strip("`").rstrip("/")
    return f"`{path}`" if path.endswith(name) else f"{text} (`{path}`)"


def resolved(path: PurePosixPath) -> str:
    """Return a path without `..`."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
