"""The page docs/metrics.md: each metric with its publisher, its alarms and its widgets."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from components.metrics.metric import Metric
from components.metrics.published import Published, aws_namespaces, published_metrics
from components.resources.alarms import alarms
from components.resources.dashboard import RANGE, USUAL_SECONDS, WEEK_SECONDS, dashboard_body
from components.resources.log_queries import LOG_QUERIES, PROGRESS
from components.resources.widgets import Widget, metrics_of
from components.settings import Settings
from components.settings.names import Names
from docs.cost.templates import template
from docs.stack_files import settings_of
from guardrails.cost.prices.table import FREE, table
from guardrails.cost.report import usd

SOURCE = Path(__file__).with_name("descriptions.toml")
_NONE = "·"
_INSIGHTS_COST = (
    "as a metric of the pipeline; [cost.md](cost.md) has the amount for all of Container Insights"
)


class Uses(NamedTuple):
    """The alarms and the widgets that use a metric."""

    alarms: tuple[str, ...]
    widgets: tuple[str, ...]


@cache
def descriptions() -> Mapping[str, Any]:
    """Return the descriptions of the metrics, and of the numbers on the HTML page."""
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


def documented_settings() -> Settings:
    """Return the settings of prod with every metric that a stack can have."""
    prod = settings_of("prod")
    observability = prod.observability.model_copy(update={"container_insights": True})
    return prod.model_copy(update={"observability": observability})


def documented_metrics() -> Mapping[Metric, tuple[Published, Uses]]:
    """Return the metrics of the machines, and those of AWS that an alarm or a widget uses."""
    settings = documented_settings()
    names = Names.of(settings)
    by_alarm = [
        (alarm.what, Metric.of(alarm.namespace, alarm.metric, alarm.dimensions, names.region))
        for alarm in alarms(names, timeout_seconds=settings.run.timeout_seconds, schedule=settings.schedule)
    ]
    by_widget = list(metrics_of(dashboard_body(settings, names)))
    found = {}
    for metric, published in published_metrics(settings, names).items():
        uses = Uses(
            tuple(what for what, watched in by_alarm if watched == metric),
            tuple(dict.fromkeys(title for title, shown in by_widget if shown == metric)),
        )
        if metric.namespace == names.metric_namespace or any(uses):
            found[metric] = (published, uses)
    return found


def page() -> str:
    """Return the page."""
    settings = documented_settings()
    names = Names.of(settings)
    body, found = dashboard_body(settings, names), documented_metrics()
    prices = table(settings.region).prices
    own = {metric: about for metric, about in found.items() if metric.namespace == names.metric_namespace}
    return template("page.md.j2", "docs.metrics").render(
        own=[
            {"name": metric.name, **descriptions()["own"][metric.name], **_about(*about)}
            for metric, about in own.items()
        ],
        aws=list(_of_aws({metric: about for metric, about in found.items() if metric not in own})),
        dashboard_usd=usd(prices["dashboard_month"].usd),
        free_dashboards=FREE["dashboard_month"],
        free_metrics=FREE["metric_month"],
        free_requests=f"{FREE['metrics_api_request']:,}",
        metric_usd=usd(prices["metric_month"].usd),
        namespace=names.metric_namespace,
        page=[
            {**number, "metrics": _listed(f"`{name}`" for name in number["metrics"])}
            for number in descriptions()["page"]
        ],
        progress=PROGRESS.title,
        queries=LOG_QUERIES,
        shown=len({metric for _, metric in metrics_of(body)}),
        usual_weeks=USUAL_SECONDS // WEEK_SECONDS,
        weeks=RANGE.removeprefix("-P").removesuffix("W"),
        widgets=list(map(_widget, body["widgets"])),
    )


def _of_aws(found: Mapping[Metric, tuple[Published, Uses]]) -> Iterator[dict[str, Any]]:
    """Yield each metric of AWS once, with the uses for all resources of the stack."""
    grouped: dict[tuple[str, str], list[tuple[Published, Uses]]] = {}
    dimensions: dict[tuple[str, str], list[str]] = {}
    for metric, about in found.items():
        grouped.setdefault((metric.namespace, metric.name), []).append(about)
        dimensions[metric.namespace, metric.name] = [f"`{name}`" for name, _ in metric.dimensions]
    for (namespace, name), several in grouped.items():
        uses = Uses(
            tuple(what for _, each in several for what in each.alarms),
            tuple(dict.fromkeys(title for _, each in several for title in each.widgets)),
        )
        known = aws_namespaces()[namespace]
        yield {
            "namespace": namespace,
            "name": name,
            "cost": _INSIGHTS_COST if namespace == "ECS/ContainerInsights" else "none",
            "dimensions": _listed(dimensions[namespace, name]),
            "source": known["source"],
            "title": known["title"],
            **descriptions()["aws"][namespace][name],
            **_about(several[0][0], uses),
        }


def _about(published: Published, uses: Uses) -> dict[str, str]:
    return {
        "unit": published.unit,
        "publishers": _listed(f"`{publisher}`" for publisher in published.publishers),
        "alarms": _listed(f"`{what}`" for what in uses.alarms),
        "widgets": _listed(uses.widgets),
    }


def _widget(widget: Widget) -> dict[str, str]:
    properties = widget["properties"]
    bounds = properties.get("annotations", {}).get("horizontal", ())
    first_line = properties.get("markdown", "").partition("\n")[0].lstrip("# ")
    return {
        "title": properties.get("title") or first_line,
        "shows": _shows(widget),
        "statistic": _statistics(properties),
        "bounds": _listed(bound["label"] for bound in bounds),
    }


def _shows(widget: Widget) -> str:
    match widget["type"]:
        case "metric":
            return _listed(
                dict.fromkeys(
                    f"`{row[1]}`" for row in widget["properties"]["metrics"] if isinstance(row[0], str)
                )
            )
        case "log":
            return "the saved query of the same name"
        case "alarm":
            return f"the states of all {len(widget['properties']['alarms'])} alarms"
    return "what to type"


def _statistics(properties: Mapping[str, Any]) -> str:
    if "stat" not in properties:
        return _NONE
    options = [row[-1] for row in properties["metrics"] if isinstance(row[-1], Mapping)]
    found = {properties["stat"], *(option["stat"] for option in options if "stat" in option)}
    expressions = [f"`{option['expression']}`" for option in options if "expression" in option]
    return _listed([*sorted(found), *expressions])


def _listed(items: Any) -> str:
    return ", ".join(items) or _NONE
