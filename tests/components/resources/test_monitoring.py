import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.metrics.metric import Metric
from components.metrics.published import published_metrics
from components.resources.alarms import alarms
from components.resources.dashboard import dashboard_body
from components.resources.log_queries import LOG_QUERIES
from tests.components.deployment import deployed
from tests.stacks import ENVIRONMENTS, names_of, settings_of

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def metrics_in(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the metrics of an alarm, direct or in an expression."""
    queries = alarm.get("metricQueries", [{"metric": dict(alarm)}])
    return [query["metric"] for query in queries if "metric" in query]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_metric_of_an_alarm_is_published(environment: str) -> None:
    settings, names = settings_of(environment), names_of(environment)
    published = published_metrics(settings, names)
    for alarm in deployed(environment).of_type(ALARM):
        for metric in metrics_in(alarm.inputs):
            watched = Metric.of(metric["namespace"], metric["metricName"], metric["dimensions"], names.region)
            assert watched in published, alarm.name


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_dashboard_is_deployed_as_it_was_made(environment: str) -> None:
    body = deployed(environment).the("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"]
    assert json.loads(body) == dashboard_body(settings_of(environment), names_of(environment))


def test_the_log_queries_are_saved_for_the_workers_log() -> None:
    saved = {
        query.inputs["name"]: query.inputs
        for query in deployed("prod").of_type("aws:cloudwatch/queryDefinition:QueryDefinition")
    }
    assert saved.keys() == {f"ccapi-prod/{query.title}" for query in LOG_QUERIES}
    for query in LOG_QUERIES:
        inputs = saved[f"ccapi-prod/{query.title}"]
        assert inputs["logGroupNames"] == ["/aws/ecs/ccapi-prod"]
        assert inputs["queryString"] == query.text


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


def test_each_deployed_alarm_has_the_properties_of_its_declaration() -> None:
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
