"""A page in the system's browser, driven by playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.local.emulator.browser import chromium


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the system's chromium, or skip the test."""
    program = chromium()
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def opened(
    started: Browser, file: Path, *, width: int = 1366, height: int = 768, **context: Any
) -> Iterator[Page]:
    """Open a file, and wait until its charts are drawn; no program of the page may fail."""
    room = started.new_context(viewport={"width": width, "height": height}, **context)
    page, errors = room.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(file.as_uri())
    page.locator("html[data-drawn]").wait_for(state="attached")
    yield page
    assert errors == []
    room.close()
