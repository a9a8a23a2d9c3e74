"""The body of the dashboard, by the structure that CloudWatch documents."""

import json
from typing import Any

import pytest

from components.metrics.published import published_metrics
from components.resources.alarms import alarms
from components.resources.dashboard import dashboard_body
from components.resources.widgets import metrics_of
from components.settings import Settings
from components.settings.names import Names
from tests.stacks import ENVIRONMENTS, settings_of

# Source: Amazon CloudWatch API Reference, "Dashboard Body Structure and Syntax".
COLUMNS = 24
BODY_FIELDS = {"start", "end", "periodOverride", "variables", "widgets"}
PROPERTIES = {
    "alarm": ({"alarms"}, {"title", "sortBy", "states"}),
    "log": ({"query", "region"}, {"title", "view", "stacked", "accountId"}),
    "metric": (
        {"region", "metrics"},
        {
            *(
                "title",
                "accountId",
                "annotations",
                "end",
                "labels",
                "legend",
                "liveData",
                "period",
                "sparkline",
            ),
            *(
                "setPeriodToTimeRange",
                "singleValueFullPrecision",
                "stacked",
                "start",
                "stat",
                "table",
                "timezone",
            ),
            *("trend", "view", "yAxis", "gauge"),
        },
    ),
    "text": ({"markdown"}, {"background"}),
}
METRIC_OPTIONS = {
    "accountId",
    "color",
    "expression",
    "id",
    "label",
    "period",
    "region",
    "stat",
    "visible",
    "yAxis",
}
# CloudWatch's free tier: https://aws.amazon.com/cloudwatch/pricing/
FREE_METRICS = 50


def body_of(settings: Settings) -> dict[str, Any]:
    return dashboard_body(settings, Names.of(settings))


def widgets_of(settings: Settings, kind: str) -> list[dict[str, Any]]:
    return [widget for widget in body_of(settings)["widgets"] if widget["type"] == kind]


def variants() -> dict[str, Settings]:
    """Return settings with each combination of published metrics: AWS has no billing metric or price everywhere."""
    prod = settings_of("prod")
    insights = prod.observability.model_copy(update={"container_insights": True})
    return {
        **{environment: settings_of(environment) for environment in ENVIRONMENTS},
        "insights": prod.model_copy(update={"observability": insights}),
        **{
            region: prod.model_copy(update={"region": region})
            for region in ("eu-west-1", "ap-southeast-6", "cn-north-1", "us-gov-west-1")
        },
    }


def texts_of(settings: Settings) -> str:
    return "\n".join(widget["properties"]["markdown"] for widget in widgets_of(settings, "text"))


def test_the_dashboard_shows_every_metric_of_the_guide() -> None:
    shown = {(metric.namespace, metric.name) for _, metric in metrics_of(body_of(variants()["insights"]))}
    assert shown >= {
        ("AWS/States", "ExecutionsSucceeded"),
        ("AWS/States", "ExecutionsFailed"),
        ("CloudClearingAPI", "ExecutionDuration"),
        ("ECS/ContainerInsights", "CpuUtilized"),
        ("ECS/ContainerInsights", "MemoryUtilized"),
        ("AWS/S3", "BucketSizeBytes"),
        ("AWS/Billing", "EstimatedCharges"),
    }


def test_every_metric_on_the_dashboard_is_published_for_the_same_settings() -> None:
    for name, settings in variants().items():
        published = published_metrics(settings, Names.of(settings))
        for title, metric in metrics_of(body_of(settings)):
            assert metric in published, f"{name}: {title}"


def test_the_body_has_only_fields_that_cloudwatch_documents() -> None:
    for settings in variants().values():
        body = json.loads(json.dumps(body_of(settings)))
        assert body.keys() <= BODY_FIELDS
        assert body["periodOverride"] in {"auto", "inherit"}
        for widget in body["widgets"]:
            required, optional = PROPERTIES[widget["type"]]
            properties = widget["properties"]
            assert required <= properties.keys() <= required | optional, properties.get("title")
            for row in properties.get("metrics", ()):
                *texts, last = row if isinstance(row[-1], dict) else [*row, {}]
                assert last.keys() <= METRIC_OPTIONS
                # A namespace, a name and pairs of dimensions; an expression has none of them.
                assert ("expression" in last) == (not texts)
                assert len(texts) % 2 == 0
                assert all(isinstance(text, str) for text in texts)
            for period in (properties.get("period"), *_periods(properties)):
                assert period is None or period % 60 == 0
            for line in properties.get("annotations", {}).get("horizontal", ()):
                assert line.keys() == {"label", "value"}


def _periods(properties: dict[str, Any]) -> list[int | None]:
    options = [row[-1] for row in properties.get("metrics", ()) if isinstance(row[-1], dict)]
    return [option.get("period") for option in options]


def test_the_widgets_cover_the_grid_without_overlap() -> None:
    for settings in variants().values():
        cells: list[tuple[int, int]] = []
        for widget in body_of(settings)["widgets"]:
            assert widget["x"] + widget["width"] <= COLUMNS
            cells += [
                (x, y)
                for x in range(widget["x"], widget["x"] + widget["width"])
                for y in range(widget["y"], widget["y"] + widget["height"])
            ]
        assert len(set(cells)) == len(cells)
        assert len(cells) % COLUMNS == 0, "a row is not full"


def test_the_dashboard_stays_within_the_metrics_of_the_free_tier() -> None:
    for settings in variants().values():
        assert len({metric for _, metric in metrics_of(body_of(settings))}) <= FREE_METRICS


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("prod", "`observability.containerInsights: true`"),
        ("ap-southeast-6", "a price in ap-southeast-6 is not known"),
        ("cn-north-1", "Billing console"),
    ],
)
def test_a_text_says_why_a_graph_is_missing(variant: str, words: str) -> None:
    assert words in texts_of(variants()[variant])


def test_the_alarm_widget_has_every_alarm_of_the_stack() -> None:
    settings = settings_of("prod")
    names = Names.of(settings)
    declared = alarms(names, timeout_seconds=settings.run.timeout_seconds, schedule=settings.schedule)
    (widget,) = widgets_of(settings, "alarm")
    expected = [
        f"arn:aws:cloudwatch:us-east-1:222222222222:alarm:ccapi-{alarm.what}-prod" for alarm in declared
    ]
    assert widget["properties"]["alarms"] == expected


def test_graphs_show_the_bounds_of_the_settings() -> None:
    settings = settings_of("prod")
    bounds = {
        widget["properties"]["title"]: [line["value"] for line in lines["horizontal"]]
        for widget in widgets_of(settings, "metric")
        if (lines := widget["properties"].get("annotations"))
    }
    assert bounds == {
        "Hours since the last success": [settings.schedule.missed_after_hours],
        "Regions of a run": [29],
        "Duration of a run and its timeout": [43_200, 34_560],
        "Cost of 30 days and the budget": [25.0],
    }


def test_a_weekly_pipeline_has_weekly_values_and_a_daily_one_daily_values() -> None:
    def period(settings: Settings) -> int:
        (graph,) = (
            widget["properties"]
            for widget in widgets_of(settings, "metric")
            if widget["properties"]["title"] == "Duration of a run"
        )
        return int(graph["period"])

    prod = settings_of("prod")
    daily = prod.schedule.model_copy(update={"expression": "cron(0 6 * * ? *)"})
    assert period(prod) == 604_800
    assert period(prod.model_copy(update={"schedule": daily})) == 86_400


def test_the_instructions_name_the_stack_and_link_to_the_documentation_if_it_is_published() -> None:
    prod = settings_of("prod")
    assert "`ccapi show --stack prod`" in texts_of(prod)
    assert "troubleshooting.html" not in texts_of(prod)
    notifications = prod.notifications.model_copy(update={"docs_url": "https://example.com/ccapi/"})
    published = texts_of(prod.model_copy(update={"notifications": notifications}))
    assert "(https://example.com/ccapi/troubleshooting.html)" in published


def test_a_dashboard_of_another_region_shows_that_region() -> None:
    regions = {metric.region for _, metric in metrics_of(body_of(variants()["eu-west-1"]))}
    # AWS publishes charges in us-east-1 only.
    assert regions == {"eu-west-1", "us-east-1"}
