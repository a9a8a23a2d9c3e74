"""An alarm as its notification describes it, with every text cleaned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reporter.words import clean


@dataclass(frozen=True, kw_only=True)
class AlarmSource:
    """An alarm, its state and the metric that it watches."""

    name: str
    description: str = ""
    state: str = ""
    reason: str = ""
    since: str = ""
    namespace: str = ""
    metric: str = ""
    """Empty if the alarm watches several metrics, or other alarms."""
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, alarm: Mapping[str, Any]) -> "AlarmSource":
        """Return the alarm of a notification; a field that is missing or has another type is empty."""
        trigger = alarm.get("Trigger")
        metric = _metric(trigger if isinstance(trigger, dict) else {})
        return cls(
            name=_text(alarm, "AlarmName"),
            description=_text(alarm, "AlarmDescription"),
            state=_text(alarm, "NewStateValue"),
            reason=_text(alarm, "NewStateReason"),
            since=_text(alarm, "StateChangeTime"),
            namespace=_text(metric, "Namespace"),
            metric=_text(metric, "MetricName"),
            dimensions=_dimensions(metric.get("Dimensions")),
        )


def _metric(trigger: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the metric of an alarm; one with an expression, such as that of an anomaly, lists those that it uses."""
    given = trigger.get("Metrics")
    stats = (
        [each.get("MetricStat") for each in given if isinstance(each, dict)]
        if isinstance(given, list)
        else []
    )
    used = [
        stat["Metric"] for stat in stats if isinstance(stat, dict) and isinstance(stat.get("Metric"), dict)
    ]
    return used[0] if len(used) == 1 else trigger


def _dimensions(given: Any) -> dict[str, str]:
    """Return dimensions by name; CloudWatch writes `name` and `value` in lower case, its API does not."""
    found: dict[str, str] = {}
    for each in given if isinstance(given, list) else []:
        if isinstance(each, dict):
            name = _text(each, "name") or _text(each, "Name")
            if name:
                found[name] = _text(each, "value") or _text(each, "Value")
    return found


def _text(document: Mapping[str, Any], field_name: str) -> str:
    value = document.get(field_name)
    return clean(value) if isinstance(value, str) else ""
