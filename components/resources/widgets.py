"""The widgets of a CloudWatch dashboard, and their places on its grid.

Source: Amazon CloudWatch API Reference, "Dashboard Body Structure and Syntax".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.metrics.metric import Metric

Widget = dict[str, Any]
Series = list[Any]
"""A row of a graph's `metrics`: a metric or an expression, and its options."""

COLUMNS = 24
"""The width of a dashboard."""


def metric_widget(
    title: str,
    region: str,
    series: Sequence[Series],
    statistic: str,
    *,
    period_seconds: int,
    bounds: Sequence[tuple[str, float]] = (),
    axis: str | None = None,
    start: str | None = None,
) -> Widget:
    """Return a graph over time; `bounds` are horizontal lines, each with its label and value."""
    properties: dict[str, Any] = {
        "title": title,
        "region": region,
        "metrics": list(series),
        "period": period_seconds,
        "stat": statistic,
        "view": "timeSeries",
        "yAxis": {"left": {"min": 0, **({"label": axis, "showUnits": False} if axis else {})}},
    }
    if bounds:
        properties["annotations"] = {
            "horizontal": [{"label": label, "value": value} for label, value in bounds]
        }
    if start:
        properties["start"] = start
    return {"type": "metric", "properties": properties}


def metric_series(metric: Metric, **options: Any) -> Series:
    """Return a metric as a row of a graph."""
    dimensions = [part for pair in metric.dimensions for part in pair]
    return [metric.namespace, metric.name, *dimensions, *([options] if options else [])]


def calculated(expression: str, **options: Any) -> Series:
    """Return an expression of metric math as a row of a graph."""
    return [{"expression": expression, **options}]


def log_widget(title: str, region: str, log_group: str, query: str) -> Widget:
    """Return the table of a Logs Insights query."""
    return {
        "type": "log",
        "properties": {
            "title": title,
            "region": region,
            "query": f"SOURCE '{log_group}' | {query}",
            "view": "table",
        },
    }


def alarm_widget(title: str, arns: Sequence[str]) -> Widget:
    """Return the states of alarms, first those in ALARM."""
    return {
        "type": "alarm",
        "properties": {"title": title, "alarms": list(arns), "sortBy": "stateUpdatedTimestamp"},
    }


def text_widget(markdown: str) -> Widget:
    """Return a text."""
    return {"type": "text", "properties": {"markdown": markdown}}


def rows(*content: tuple[int, Sequence[Widget]]) -> Iterator[Widget]:
    """Yield widgets row by row, each row with its height; the widgets of a row have the same width."""
    y = 0
    for height, widgets in content:
        width = COLUMNS // len(widgets)
        for place, widget in enumerate(widgets):
            yield {**widget, "x": width * place, "y": y, "width": width, "height": height}
        y += height


def metrics_of(body: Mapping[str, Any]) -> Iterator[tuple[str, Metric]]:
    """Yield each metric of a dashboard's body with the title of its widget."""
    for widget in body["widgets"]:
        properties = widget["properties"]
        for row in properties.get("metrics", ()):
            if isinstance(row[0], str):
                yield properties["title"], metric_of(row, properties["region"])


def metric_of(row: Series, region: str) -> Metric:
    """Return the metric of a graph's row; `region` is that of its graph."""
    namespace, name, *dimensions = (part for part in row if isinstance(part, str))
    options = row[-1] if isinstance(row[-1], Mapping) else {}
    pairs = dict(zip(dimensions[::2], dimensions[1::2], strict=True))
    return Metric.of(namespace, name, pairs, options.get("region", region))
