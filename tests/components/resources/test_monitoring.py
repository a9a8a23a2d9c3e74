import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from components.resources.alarms import alarms
from tests.components.deployment import deploy, deployed
from tests.components.published_metrics import unpublished
from tests.stacks import ENVIRONMENTS, names_of, settings_of

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def dashboard_of(environment: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(
        deployed(environment).the("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"]
    )
    return body


def metrics_in(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics of an alarm, direct or in an expression."""
    queries = alarm.get("metricQueries", [{"metric": dict(alarm)}])
    return [query["metric"] for query in queries if "metric" in query]


def watched(environment: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield namespace, name and dimensions of each metric of an alarm or a widget."""
    for alarm in deployed(environment).of_type(ALARM):
        for metric in metrics_in(alarm.inputs):
            yield metric["namespace"], metric["metricName"], metric["dimensions"]
    for widget in dashboard_of(environment)["widgets"]:
        for namespace, name, *dimensions in widget["properties"].get("metrics", ()):
            yield namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_metric_of_an_alarm_or_a_widget_is_published(environment: str) -> None:
    assert list(unpublished(environment, watched(environment))) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_alarms_and_widgets_are_on_resources_of_this_stack(environment: str) -> None:
    names = names_of(environment)
    ours = {
        "BucketName": {names.bucket("cache"), names.bucket("reports")},
        "ClusterName": {names.cluster},
        "Currency": {"USD"},
        "Environment": {environment},
        "FunctionName": {names.reporter},
        "QueueName": {names.message_queue, names.schedule_queue, names.watch_queue},
        "ScheduleGroup": {names.schedule_group},
        "StateMachineArn": {names.machine_arn, names.watch_arn},
        "StorageType": {"StandardStorage"},
        "TaskDefinitionFamily": {names.worker_family},
    }
    for _, _, dimensions in watched(environment):
        for key, value in dimensions.items():
            assert value in ours[key]


EVENTS, FAILURE = (f"arn:made:aws:sns/topic:Topic:ccapi-notifier-{what}" for what in ("events", "failure"))
# An alarm about message delivery must not depend on that delivery.
DIRECT = {"notifications-dlq-not-empty", "notifications-failed", "reporter-failed", "reporter-throttled"}


def actions(what: str) -> dict[str, list[str]]:
    """Return the topics of direct alarms and of all others."""
    direct = {names_of("prod").resource_name(name) for name in DIRECT}
    alarms = {alarm.inputs["name"]: alarm.inputs.get(what, []) for alarm in deployed("prod").of_type(ALARM)}
    assert direct < alarms.keys()
    return {name: topics for name, topics in alarms.items() if name in direct} | {
        f"other {name}": topics for name, topics in alarms.items() if name not in direct
    }


def test_an_alarm_reaches_the_reporter_unless_it_is_about_the_messages() -> None:
    for name, topics in actions("alarmActions").items():
        assert topics == ([EVENTS] if name.startswith("other ") else [FAILURE]), name


def test_the_end_of_an_alarm_reaches_the_reporter_which_resolves_its_incident() -> None:
    # An address would get a mail that requires no action.
    for name, topics in actions("okActions").items():
        assert topics == ([EVENTS] if name.startswith("other ") else []), name


def test_missing_data_is_no_news_to_any_topic() -> None:
    for alarm in deployed("prod").of_type(ALARM):
        assert "insufficientDataActions" not in alarm.inputs


def test_an_alarm_is_what_it_was_declared_as() -> None:
    declared = alarms(
        names_of("prod"),
        timeout_seconds=settings_of("prod").run.timeout_seconds,
        schedule=settings_of("prod").schedule,
    )
    found = {alarm.inputs["name"]: alarm.inputs for alarm in deployed("prod").of_type(ALARM)}
    assert len(found) == len(declared)
    for alarm in declared:
        inputs = found[names_of("prod").resource_name(alarm.what)]
        assert {metric["period"] for metric in metrics_in(inputs)} == {alarm.period_seconds}
        assert inputs["evaluationPeriods"] == alarm.periods
        assert (inputs["comparisonOperator"], inputs["threshold"]) == (alarm.comparison, alarm.threshold)
        assert inputs["treatMissingData"] == alarm.missing


def test_every_alarm_has_a_name_of_its_own() -> None:
    found = [alarm.inputs["name"] for alarm in deployed("prod").of_type(ALARM)]
    assert found
    assert len(set(found)) == len(found)


def test_only_the_watch_machines_missing_data_sets_off_an_alarm() -> None:
    missing: dict[str, set[str]] = {}
    for alarm in deployed("prod").of_type(ALARM):
        for metric in metrics_in(alarm.inputs):
            missing.setdefault(metric["metricName"], set()).add(alarm.inputs["treatMissingData"])
    silent = deployed("prod").the(ALARM, "ccapi-metrics-watch-silent").inputs
    assert silent["dimensions"] == {"StateMachineArn": names_of("prod").watch_arn}
    assert missing.pop("ExecutionsSucceeded") == {"breaching"}
    assert missing.pop("HoursSinceLastSuccess") == {"ignore"}
    assert all(words == {"notBreaching"} for words in missing.values()), missing


def test_no_alarm_evaluates_more_than_a_week() -> None:
    # PutMetricAlarm, parameter EvaluationPeriods.
    for alarm in deployed("prod").of_type(ALARM):
        for metric in metrics_in(alarm.inputs):
            window = metric["period"] * alarm.inputs["evaluationPeriods"]
            assert window <= (604_800 if metric["period"] >= 3_600 else 86_400)


@pytest.mark.parametrize(("wanted", "kinds"), [(True, {"metric"}), (False, {"metric", "text"})])
def test_the_dashboard_has_cpu_and_memory_where_they_are_measured(wanted: bool, kinds: set[str]) -> None:
    deployment = deploy("dev", observability={"containerInsights": wanted})
    body = json.loads(deployment.the("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"])
    assert {widget["type"] for widget in body["widgets"]} == kinds
