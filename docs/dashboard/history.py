"""The recorded history of a local stack: data points, alarm states and log lines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from components.metrics.metric import Metric
from components.settings.names import Names
from docs.stack_files import settings_of

FILE = Path(__file__).with_name("history.json")
STACK = "local"

Point = tuple[datetime, float]


@dataclass(frozen=True, kw_only=True)
class History:
    """The content of a dashboard at one moment."""

    now: datetime
    points: Mapping[Metric, Sequence[Point]]
    alarms: Mapping[str, str]
    """The state of each alarm, by name."""
    log: Sequence[Mapping[str, Any]]
    """The log lines of the workers, each with `@timestamp` and the fields of its JSON."""


@cache
def history() -> History:
    """Return the recorded history."""
    held = json.loads(FILE.read_text(encoding="utf-8"))
    region = Names.of(settings_of(STACK)).region
    return History(
        now=datetime.fromisoformat(held["now"]),
        points={
            Metric.of(each["namespace"], each["name"], each["dimensions"], region): [
                (datetime.fromisoformat(moment), value) for moment, value in each["points"]
            ]
            for each in held["metrics"]
        },
        alarms=held["alarms"],
        log=[{**line, "@timestamp": datetime.fromisoformat(line["@timestamp"])} for line in held["log"]],
    )
