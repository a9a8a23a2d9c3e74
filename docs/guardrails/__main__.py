"""The command `python -m docs.guardrails COMMENT.md`: it draws a comment as GitHub shows it, in light and in dark.

The comment is one that `make ci-pr` wrote. Chromium draws text with the fonts of the machine, so that the pictures are
made by hand and not by `make docs`.
"""

import io
import sys
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
WIDTH = 840
COLOURS = 256


def draw(comment: Path) -> None:
    """Write `comment-light.png` and `comment-dark.png`."""
    body = MarkdownIt("gfm-like", {"linkify": False}).render(comment.read_text(encoding="utf-8"))
    style = (FOLDER / "github.css").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            page = browser.new_page(
                color_scheme=scheme, viewport={"width": WIDTH, "height": 100}, device_scale_factor=1.5
            )
            page.set_content(f"<!doctype html><style>{style}</style><article>{body}</article>")
            _write(page.screenshot(full_page=True), FOLDER / f"comment-{scheme}.png")
        browser.close()


def _write(png: bytes, path: Path) -> None:
    """Write a picture with few colours, which makes it half as large."""
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
