"""Tests that the documentation site builds without warnings, and has every page, the search and a dark mode."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from docs.site_hooks import on_page_markdown
from tests.stacks import ROOT

PAGES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return folder


def test_every_page_is_in_the_navigation_and_in_the_search(site: Path) -> None:
    index = (site / "index.html").read_text(encoding="utf-8")
    searched = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))["docs"]
    found = {entry["location"].partition("#")[0] for entry in searched}
    for page in PAGES:
        assert f'href="{page}.html"' in index or page == "index"
        assert f"{page}.html" in found or page == "index"


def test_the_site_has_a_dark_mode(site: Path) -> None:
    assert 'data-md-color-scheme="slate"' in (site / "index.html").read_text(encoding="utf-8")


def test_no_page_links_to_a_file_that_the_site_does_not_have(site: Path) -> None:
    missing = [
        f"{page.name}: {target}"
        for page in site.glob("*.html")
        if page.name != "404.html"
        for target in re.findall(r'(?:href|src|srcset)="([^"#?:]+)[#"?]', page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert missing == []


def test_no_paragraph_is_on_two_pages() -> None:
    pages_by_paragraph: dict[str, set[str]] = {}
    for page in ("../README", *PAGES):
        text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
        for paragraph in re.split(r"\n\s*\n", text):
            words = " ".join(paragraph.split())
            # Prose; the same command or sample may be shown where it is needed.
            if len(words) > 120 and not paragraph.startswith(("    ", "```", "|", "#", "<")):
                pages_by_paragraph.setdefault(words, set()).add(page)
    assert {words: pages for words, pages in pages_by_paragraph.items() if len(pages) > 1} == {}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[deploy.md](deploy.md#the-image)", "[deploy.md](deploy.md#the-image)"),
        ("[AWS](https://aws.amazon.com/)", "[AWS](https://aws.amazon.com/)"),
        ("[reporter/](../reporter)", "`reporter`"),
        ("[a test](../tests/a.py)", "a test (`tests/a.py`)"),
        (
            r"[reporter/channels/\_\_init\_\_.py](../reporter/channels/__init__.py)",
            "`reporter/channels/__init__.py`",
        ),
        ("![a picture](cost/month-light.svg)", "![a picture](cost/month-light.svg)"),
    ],
)
def test_a_link_to_a_file_outside_of_the_site_is_text(written: str, shown: str) -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri=str(PurePosixPath("cost.md"))))
    assert on_page_markdown(written, page=page) == shown
