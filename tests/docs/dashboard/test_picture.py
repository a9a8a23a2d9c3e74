"""The picture of the dashboard shows every widget of the JSON, with the values of the history."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from components.metrics.published import published_metrics
from components.resources.alarms import alarms
from components.resources.dashboard import dashboard_body
from components.settings.names import Names
from docs.dashboard.history import STACK, history
from docs.dashboard.picture import drawn, picture
from docs.dashboard.series import Line, beginning, lines
from docs.notifications.drawing import THEMES
from docs.stack_files import settings_of

SETTINGS = settings_of(STACK)
NAMES = Names.of(SETTINGS)
BODY = dashboard_body(SETTINGS, NAMES)


def texts_of(svg: str) -> list[str]:
    return [
        "".join(element.itertext()).strip()
        for element in ET.fromstring(svg).iter()  # noqa: S314 - its own picture
        if element.text
    ]


def test_the_picture_has_the_title_of_every_widget_and_the_label_of_every_line() -> None:
    for theme in THEMES:
        shown = texts_of(drawn(theme))
        for widget in BODY["widgets"]:
            properties = widget["properties"]
            assert properties.get("title", "ccapi local") in shown
            for row in properties.get("metrics", ()):
                assert row[-1].get("label") in {*shown, None}
            for bound in properties.get("annotations", {}).get("horizontal", ()):
                assert bound["label"] in shown


def test_the_picture_has_the_state_of_every_alarm() -> None:
    declared = alarms(NAMES, timeout_seconds=SETTINGS.run.timeout_seconds, schedule=SETTINGS.schedule)
    ringing = NAMES.resource_name(declared[0].what)
    shown = texts_of(
        picture(BODY, replace(history(), alarms={**history().alarms, ringing: "ALARM"}), "light")
    )
    assert {NAMES.resource_name(alarm.what) for alarm in declared} <= set(shown)
    assert (shown.count("ALARM"), shown.count("OK")) == (1, len(declared) - 1)


def test_the_history_has_points_of_published_metrics_only() -> None:
    published = published_metrics(SETTINGS, NAMES)
    assert history().points
    assert all(metric in published for metric in history().points)


def test_a_graph_shows_the_statistic_of_each_period() -> None:
    shown: dict[tuple[str, str], Line] = {}
    for widget in BODY["widgets"]:
        if widget["type"] == "metric":
            properties = widget["properties"]
            since = beginning(BODY, properties, history().now)
            shown |= {(properties["title"], line.label): line for line in lines(properties, since, history())}
    weeks = shown["Executions by how they ended", "succeeded"].points
    assert all(later - earlier == timedelta(weeks=1) for (earlier, _), (later, _) in pairwise(weeks))
    usual = shown["Duration of a run", "usual: median of 4 weeks"]
    assert usual.period == timedelta(weeks=4)
    sums = [value for _, value in shown["Cost of 30 days and the budget", "runs, estimated"].points]
    assert sums == sorted(sums)
    assert sums[-1] > 0


def test_an_expression_that_cannot_be_calculated_is_refused() -> None:
    properties = {"period": 60, "stat": "Sum", "metrics": [[{"expression": "SEARCH('a')", "id": "e"}]]}
    with pytest.raises(ValueError, match=r"SEARCH"):
        lines(properties, history().now, history())
