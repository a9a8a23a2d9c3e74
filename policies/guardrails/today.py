"""Today's date, which a reproducible evaluation replaces."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime


def today(environment: Mapping[str, str] = os.environ) -> date:
    """Return today's date, or that of `SOURCE_DATE_EPOCH`, which makes results independent of the day.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)).date()
