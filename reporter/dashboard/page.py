"""The page of the dashboard: a template with one JSON document in it."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from reporter import links
from reporter.dashboard.figures import months, ranking
from reporter.dashboard.history import History, time_text
from reporter.settings import Settings

VERSION = 1
"""The version of the page's document; it is increased when a field is removed or changes its meaning."""
PLACE = "@@DOCUMENT@@"
"""The place of the document in the template."""
# In JSON these characters occur in strings only; escaped, no text can end the script element or begin a comment.
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&"}


def page_document(
    history: History, settings: Settings, facts: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return all that the page shows, as a JSON object; what is not known is null."""
    return {
        "version": VERSION,
        "project": settings.project,
        "environment": settings.environment,
        "published_at": time_text(now),
        "timeout_seconds": settings.timeout_seconds,
        "budget_usd": settings.budget_usd or None,
        "reports_folder": links.reports_folder(settings),
        "reports_access": links.reports(settings, "").access,
        **facts,
        "ranking": ranking(history.runs),
        "months": months(history.runs),
        "history": history.document(),
    }


def page(document: Mapping[str, Any]) -> str:
    """Return the page with its document, which no text in it can leave."""
    text = json.dumps(document, separators=(",", ":")).translate(_ESCAPES)
    return _template().replace(PLACE, text, 1)


@cache
def _template() -> str:
    return Path(__file__).with_name("page.html").read_text(encoding="utf-8")
