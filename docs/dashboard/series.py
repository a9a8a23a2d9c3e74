"""The values of a graph's series: statistics of data points by period, and the metric math of the dashboard.

Source: Amazon CloudWatch User Guide, "Metrics concepts" and "Using math expressions with CloudWatch metrics".
"""

import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from components.resources.widgets import metric_of
from docs.dashboard.history import History, Point

_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": statistics.fmean,
    "Maximum": max,
    "Sum": sum,
    "p50": statistics.median,
}
_RUNNING_SUM = re.compile(r"RUNNING_SUM\(FILL\((\w+), 0\)\)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANGE = re.compile(r"-P(\d+)([WD])")
_DAYS = {"W": 7, "D": 1}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a graph: its label, and its values with the time at which each period begins."""

    label: str
    points: Sequence[Point]
    period: timedelta


def beginning(body: Mapping[str, Any], properties: Mapping[str, Any], now: datetime) -> datetime:
    """Return the time at which a graph begins: its own, or that of the dashboard."""
    count, unit = _RANGE.fullmatch(properties.get("start") or body["start"]).groups()  # type: ignore[union-attr]
    return now - timedelta(days=int(count) * _DAYS[unit])


def lines(properties: Mapping[str, Any], since: datetime, history: History) -> list[Line]:
    """Return the visible lines of a graph.

    Raises:
        ValueError: if the graph has an expression that cannot be calculated here.
    """
    by_id: dict[str, Line] = {}
    shown: list[Line] = []
    for row in properties["metrics"]:
        options = row[-1] if isinstance(row[-1], Mapping) else {}
        period = timedelta(seconds=options.get("period", properties["period"]))
        label = options.get("label", "")
        if "expression" in options:
            line = Line(
                label=label,
                points=_calculated(options["expression"], by_id, since, history.now),
                period=period,
            )
        else:
            points = history.points.get(metric_of(row, properties["region"]), ())
            statistic = _STATISTICS[options.get("stat", properties["stat"])]
            line = Line(label=label, points=_by_period(points, since, period, statistic), period=period)
        by_id[options.get("id", "")] = line
        if options.get("visible", True):
            shown.append(line)
    return shown


def _calculated(expression: str, by_id: Mapping[str, Line], since: datetime, now: datetime) -> list[Point]:
    """Return the values of `RUNNING_SUM(FILL(id, 0))`: a period without a value counts as 0."""
    if (match := _RUNNING_SUM.fullmatch(expression)) is None:
        raise ValueError(f"the picture cannot show the expression {expression}")
    line = by_id[match[1]]
    values, moment, total = dict(line.points), _EPOCH + (since - _EPOCH) // line.period * line.period, 0.0
    points: list[Point] = []
    while moment <= now:
        total += values.get(moment, 0)
        points.append((moment, total))
        moment += line.period
    return points


def _by_period(
    points: Sequence[Point], since: datetime, period: timedelta, statistic: Callable[[Sequence[float]], float]
) -> list[Point]:
    """Return the statistic of each period with a value; periods are counted from 1970, as CloudWatch does."""
    groups: dict[int, list[float]] = {}
    for moment, value in points:
        if moment >= since:
            groups.setdefault((moment - _EPOCH) // period, []).append(value)
    return [(_EPOCH + number * period, statistic(values)) for number, values in sorted(groups.items())]
