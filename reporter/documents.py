"""The event of a message as data: the JSON that the webhook channel posts."""

from collections.abc import Mapping
from typing import Any

from reporter.message import Occasion
from reporter.settings import Settings

VERSION = 1
"""The version of the document; it is increased when a field is removed or changes its meaning."""


def document(settings: Settings, occasion: Occasion, **event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of an event: `outcome`, `alarm` or `notice` holds the event itself."""
    return {
        "version": VERSION,
        "occasion": str(occasion),
        "project": settings.project,
        "environment": settings.environment,
        "region": settings.aws_region,
        "account": settings.machine_arn.split(":")[4],
        **event,
    }
