"""The template of the page: one file with its styles, its programs and the libraries that draw, and nothing to load."""

import base64
import hashlib
import json
from pathlib import Path

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboard.charts import specifications
from reporter.dashboard.page import PLACE

FOLDER = Path(__file__).parent
_LIBRARIES = "window.vegaEmbed = vegaEmbed;"


def template() -> str:
    """Return the page without its document."""
    programs = {
        "page": _text("page.js"),
        "charts": f"const SPECIFICATIONS = {json.dumps(specifications())};\n{_text('charts.js')}",
        # The libraries come last: the browser shows the texts before it compiles them.
        "libraries": vl_convert.javascript_bundle(_LIBRARIES),
    }
    # A function of its own keeps each program's names to itself.
    programs = {name: f"(() => {{\n{text.strip()}\n}})();" for name, text in programs.items()}
    loader = FileSystemLoader(FOLDER)
    page = Environment(loader=loader, undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)  # noqa: S701  the parts are the project's own
    return page.get_template("page.html.j2").render(
        place=PLACE,
        style=_text("page.css"),
        programs=programs,
        hashes=[_hash(text) for text in programs.values()],
    )


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(program: str) -> str:
    """Return the source of a Content-Security-Policy that allows one program."""
    digest = hashlib.sha256(program.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
