"""The pictures of docs/all-runs.md: `python -m tests.reporter.dashboard.pictures` takes them of the seeded page."""

import tempfile
from pathlib import Path

from reporter.dashboard.page import page
from tests.reporter.dashboard.browser import launched, opened
from tests.reporter.dashboard.seeded import seeded_document
from tests.stacks import ROOT

FOLDER = ROOT / "docs" / "all-runs"
THEMES = ("light", "dark")


def main() -> None:
    """Write a picture of the first screen in each theme."""
    with tempfile.TemporaryDirectory() as folder, launched() as started:
        file = Path(folder, "dashboard.html")
        file.write_text(page(seeded_document()), encoding="utf-8")
        for theme in THEMES:
            with opened(started, file, color_scheme=theme) as found:
                found.clock.set_fixed_time("2026-12-09T06:25:00Z")
                found.reload()
                found.locator("html[data-drawn]").wait_for(state="attached")
                found.screenshot(path=FOLDER / f"page-{theme}.png")


if __name__ == "__main__":
    main()
