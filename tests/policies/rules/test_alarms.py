import json
from typing import Any

import pytest

from guardrails.aws.types import (
    COMPOSITE_ALARM,
    FUNCTION,
    LOG_METRIC_FILTER,
    METRIC_ALARM,
    QUEUE,
    SCHEDULE,
    STATE_MACHINE,
)
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from tests.policies.plans import machine, passes, resource, rule, said, violations

ALARMED = rule("machine-end-alarmed")
EXISTS = rule("alarm-metric-exists")
CAN_FIRE = rule("alarm-can-fire")

ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:tiles"
ENDS = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
TOPIC_ARN = "arn:aws:sns:eu-west-1:111122223333:news"

NONSENSE: list[Any] = ["", 0, True, [], {}, "x", ["x"], {"x": 1}, [[]], [{"metric": "x"}], [{"metric": {}}]]


def tiles(**definition: Any) -> Resource:
    return machine({"TimeoutSeconds": 10_800, **definition}, name="tiles-machine", arn=ARN)


def alarm(name: str = "alarm", /, **properties: Any) -> Resource:
    return resource(
        METRIC_ALARM,
        name,
        **{
            "name": name,
            "namespace": "AWS/States",
            "metricName": "ExecutionsFailed",
            "dimensions": {"StateMachineArn": ARN},
            "statistic": "Sum",
            "period": 300,
            "evaluationPeriods": 1,
            "threshold": 0,
            "comparisonOperator": "GreaterThanThreshold",
            "treatMissingData": "notBreaching",
            "alarmActions": [TOPIC_ARN],
            **properties,
        },
    )


def on_each_end(**properties: Any) -> list[Resource]:
    return [alarm(end, metricName=end, **properties) for end in ENDS]


def in_expression(*metrics: dict[str, Any], **properties: Any) -> Resource:
    queries: list[dict[str, Any]] = [{"id": "sum", "expression": "SUM(METRICS())", "returnData": True}]
    queries += [{"id": f"m{number}", "metric": one} for number, one in enumerate(metrics)]
    nothing = {"namespace": None, "metricName": None, "dimensions": None, "statistic": None, "period": None}
    return alarm("math", **{"metricQueries": queries, **nothing, **properties})


def counted(name: str, **dimensions: Any) -> dict[str, Any]:
    return {
        "namespace": "AWS/States",
        "metricName": name,
        "period": 300,
        "stat": "Sum",
        "dimensions": dimensions,
    }


# machine-end-alarmed


def test_an_alarm_with_an_action_on_each_end_passes() -> None:
    assert passes(ALARMED, tiles(), *on_each_end())


@pytest.mark.parametrize("end", ENDS)
def test_an_end_without_an_alarm_is_refused(end: str) -> None:
    others = [one for one in on_each_end() if one.name != end]
    (told,) = violations(ALARMED, tiles(), *others)
    assert told.startswith(f"tiles-machine: no alarm watches its {end};")
    assert "add a metric alarm" in told
    assert "alarmedEnds" in told


def test_every_end_without_an_alarm_is_reported() -> None:
    assert len(violations(ALARMED, tiles())) == 3


def test_an_alarm_on_another_machine_does_not_count() -> None:
    others = on_each_end(dimensions={"StateMachineArn": ARN + "-of-others"})
    assert len(violations(ALARMED, tiles(), *others)) == 3


def test_an_alarm_on_another_service_does_not_count() -> None:
    assert len(violations(ALARMED, tiles(), *on_each_end(namespace="AWS/Lambda"))) == 3


@pytest.mark.parametrize(
    "silent", [{"alarmActions": []}, {"alarmActions": None}, {"actionsEnabled": False}], ids=str
)
def test_an_alarm_without_an_action_is_refused(silent: dict[str, Any]) -> None:
    told = violations(ALARMED, tiles(), *on_each_end(**silent))
    assert len(told) == 3
    assert all("have no enabled action" in one and "set alarmActions" in one for one in told)


def test_one_of_two_alarms_may_have_no_action() -> None:
    assert passes(ALARMED, tiles(), *on_each_end(), alarm("shown only", alarmActions=[]))


def test_an_action_that_is_not_known_yet_is_one() -> None:
    assert passes(ALARMED, tiles(), *on_each_end(alarmActions=[UNKNOWN]))


def test_an_alarm_is_on_the_machine_that_its_unknown_dimension_comes_from() -> None:
    ours, others = tiles(), machine({}, name="others")
    unknown = {"dimensions": {"StateMachineArn": UNKNOWN}, "sources": {"dimensions": (ours,)}}
    assert passes(ALARMED, ours, others, *on_each_end(**unknown))
    assert len(violations(ALARMED, others, ours, *on_each_end(**unknown))) == 3


def test_without_a_dimension_the_ends_of_all_machines_are_watched() -> None:
    assert passes(ALARMED, tiles(), *on_each_end(dimensions=None))


def test_an_expression_watches_the_metrics_that_it_holds() -> None:
    assert passes(ALARMED, tiles(), in_expression(*(counted(end, StateMachineArn=ARN) for end in ENDS)))
    partly = in_expression(*(counted(end, StateMachineArn=ARN) for end in ENDS[:2]))
    (told,) = violations(ALARMED, tiles(), partly)
    assert ENDS[2] in told


def test_an_expression_that_is_not_known_yet_watches_nothing() -> None:
    assert len(violations(ALARMED, tiles(), in_expression(metricQueries=UNKNOWN))) == 3


@pytest.mark.parametrize(
    ("where", "watched"),
    [
        ("", True),
        ("WHERE StateMachineArn = '…:tiles'", True),
        ("WHERE StateMachineArn = '…:tiles-of-others'", False),
    ],
)
def test_a_query_watches_the_machines_that_it_selects(where: str, watched: bool) -> None:
    ours = resource(STATE_MACHINE, "tiles-machine", name="tiles", definition="{}")
    queries = [" ".join((f"SELECT SUM({end})", 'FROM "AWS/States"', where)) for end in ENDS]
    selecting = [alarm(query, metricName=None, metricQueries=[{"expression": query}]) for query in queries]
    assert passes(ALARMED, ours, *selecting) is watched
    assert len(violations(ALARMED, ours, selecting[0])) == (2 if watched else 3)


def test_a_query_of_a_longer_name_watches_another_metric() -> None:
    query = 'SELECT SUM(RedrivenExecutionsFailed) FROM "AWS/States"'
    redriven = alarm(metricName=None, metricQueries=[{"expression": query}])
    assert len(violations(ALARMED, tiles(), redriven)) == 3


@pytest.mark.parametrize("of", ['ALARM("{}")', "ALARM({})", "ALARM(arn:aws:cloudwatch:eu-west-1:1:alarm:{})"])
def test_a_composite_alarm_calls_for_those_that_it_is_made_of(of: str) -> None:
    silent = on_each_end(alarmActions=[])
    all_ends = " OR ".join(of.format(end) for end in ENDS)
    assert passes(
        ALARMED, tiles(), *silent, resource(COMPOSITE_ALARM, alarmRule=all_ends, alarmActions=[TOPIC_ARN])
    )
    assert len(violations(ALARMED, tiles(), *silent, resource(COMPOSITE_ALARM, alarmRule=all_ends))) == 3
    one_end = of.format(ENDS[0])
    composite = resource(COMPOSITE_ALARM, alarmRule=one_end, alarmActions=[TOPIC_ARN])
    assert len(violations(ALARMED, tiles(), *silent, composite)) == 2


def test_a_composite_alarm_is_made_of_those_that_its_unknown_rule_comes_from() -> None:
    silent = on_each_end(alarmActions=[])
    composite = resource(
        COMPOSITE_ALARM,
        alarmRule=UNKNOWN,
        alarmActions=[TOPIC_ARN],
        sources={"alarmRule": (silent[0], silent[1])},
    )
    (told,) = violations(ALARMED, tiles(), *silent, composite)
    assert ENDS[2] in told


def test_a_stack_may_say_which_ends_are_alarmed() -> None:
    assert passes(ALARMED, tiles(), on_each_end()[0], alarmedEnds=["ExecutionsFailed"])
    assert said(ALARMED, tiles(), alarmedEnds=[]).outcome is Outcome.NOT_APPLICABLE


def test_an_express_machine_is_never_aborted() -> None:
    express = resource(STATE_MACHINE, "tiles", type="EXPRESS", **tiles().properties)
    told = violations(ALARMED, express)
    assert [message.split()[5].rstrip(";") for message in told] == ["ExecutionsFailed", "ExecutionsTimedOut"]
    assert said(ALARMED, express, alarmedEnds=["ExecutionsAborted"]).outcome is Outcome.NOT_APPLICABLE


GREATER_OR_EQUAL = {"comparisonOperator": "GreaterThanOrEqualToThreshold"}


@pytest.mark.parametrize(
    "loud",
    [
        {"threshold": 0.9},
        {"threshold": 1, **GREATER_OR_EQUAL},
        {"threshold": "0"},
        {"statistic": "Maximum"},
        {"statistic": "SampleCount"},
        {"statistic": "Average"},
        {"evaluationPeriods": 3, "datapointsToAlarm": 1},
        {"treatMissingData": None},
    ],
    ids=str,
)
def test_an_alarm_that_a_single_failure_sets_off_passes(loud: dict[str, Any]) -> None:
    assert passes(ALARMED, tiles(), *on_each_end(**loud))


@pytest.mark.parametrize(
    ("deaf", "why"),
    [
        ({"threshold": 1}, "has a threshold of 1"),
        ({"threshold": 1.1, **GREATER_OR_EQUAL}, "has a threshold of 1.1"),
        ({"threshold": 100_000}, "has a threshold of 100,000"),
        ({"threshold": None}, "has no threshold"),
        ({"comparisonOperator": "LessThanThreshold", "threshold": 1}, "does not fire above its threshold"),
        ({"comparisonOperator": None}, "does not fire above its threshold"),
        ({"statistic": "Average", "threshold": 0.1}, "has a threshold of 0.1"),
        ({"statistic": "Minimum"}, "has a statistic that a single end may not change"),
        ({"statistic": None, "extendedStatistic": "p99"}, "has a statistic that a single end"),
        ({"evaluationPeriods": 2}, "waits for 2 datapoints"),
        ({"evaluationPeriods": 5, "datapointsToAlarm": 3}, "waits for 3 datapoints"),
        ({"evaluationPeriods": None}, "waits for 0 datapoints"),
    ],
    ids=str,
)
def test_an_alarm_that_a_single_failure_does_not_set_off_is_refused(deaf: dict[str, Any], why: str) -> None:
    told = violations(ALARMED, tiles(), *on_each_end(**deaf))
    assert [message.partition(" fires ")[0] for message in told] == [
        f"tiles-machine: a single {end}" for end in ENDS
    ]
    assert all(f"{end} {why}" in message for end, message in zip(ENDS, told, strict=True))
    assert "threshold to 0 and datapointsToAlarm to 1" in told[0]


@pytest.mark.parametrize(("rate", "passing"), [("rate(5 minutes)", True), ("rate(6 minutes)", False)])
def test_an_alarm_of_a_machine_that_starts_in_each_period_may_wait(rate: str, passing: bool) -> None:
    often = resource(SCHEDULE, scheduleExpression=rate, target={"arn": ARN})
    waiting = on_each_end(evaluationPeriods=5, datapointsToAlarm=3)
    assert passes(ALARMED, tiles(), *waiting, often) is passing


def test_one_of_two_alarms_may_wait_for_more_ends() -> None:
    assert passes(ALARMED, tiles(), *on_each_end(), alarm("many", threshold=100))


@pytest.mark.parametrize("path", ["comparisonOperator", "statistic", "threshold", "evaluationPeriods"])
def test_an_alarm_with_an_unknown_condition_is_refused(path: str) -> None:
    (told,) = violations(ALARMED, tiles(), *on_each_end(**{path: UNKNOWN}))
    assert f"ExecutionsFailed: {path} is not known" in told


# alarm-metric-exists


@pytest.mark.parametrize(
    ("namespace", "name", "dimensions"),
    [
        ("AWS/States", "ExecutionThrottled", {"StateMachineArn": ARN}),
        ("AWS/States", "ExecutionsFailed", {}),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "lost"}),
        ("AWS/Scheduler", "InvocationDroppedCount", {"ScheduleGroup": "tiles"}),
        ("AWS/Scheduler", "InvocationsFailedToBeSentToDeadLetterCount_AccessDenied", {}),
        ("AWS/SNS", "NumberOfNotificationsFailed", {"TopicName": "news"}),
        ("AWS/Events", "FailedInvocations", {"RuleName": "weekly", "EventBusName": "ours"}),
        ("AWS/Lambda", "Errors", {"FunctionName": "tile", "Resource": "tile:live"}),
        ("AWS/Billing", "EstimatedCharges", {"Currency": "USD"}),
    ],
)
def test_alarms_on_metrics_that_aws_documents_pass(
    namespace: str, name: str, dimensions: dict[str, str]
) -> None:
    assert passes(EXISTS, alarm(namespace=namespace, metricName=name, dimensions=dimensions))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("ExecutionsTimeOut", "ExecutionsTimedOut"),
        ("ExecutionsThrottled", "ExecutionThrottled"),
        ("ExecutionFailed", "ExecutionsFailed"),
    ],
)
def test_a_misspelled_metric_is_refused_with_the_nearest_one(wrong: str, right: str) -> None:
    (told,) = violations(EXISTS, alarm(metricName=wrong))
    assert f"AWS/States has no metric {wrong}" in told
    assert f"write {right} in metricName" in told


def test_a_metric_like_no_other_is_refused_too() -> None:
    (told,) = violations(EXISTS, alarm(metricName="zzz"))
    assert "a metric that AWS documents" in told


def test_a_dimension_by_which_nothing_is_published_is_refused() -> None:
    (told,) = violations(EXISTS, alarm(dimensions={"StateMachineArn": ARN, "StateMachineName": "tiles"}))
    assert "by Alias, StateMachineArn, Version, not by StateMachineName" in told
    assert "remove StateMachineName from the dimensions" in told


def test_a_dimension_without_which_nothing_is_published_is_required() -> None:
    visible = {"namespace": "AWS/SQS", "metricName": "ApproximateNumberOfMessagesVisible"}
    (told,) = violations(EXISTS, alarm(**visible, dimensions={}))
    assert "add QueueName to the dimensions" in told
    assert len(violations(EXISTS, alarm(**visible, dimensions={"Queue": "lost"}))) == 2


def test_dimensions_whose_values_are_not_known_yet_pass_by_their_names() -> None:
    assert passes(EXISTS, alarm(dimensions={"StateMachineArn": UNKNOWN}))


@pytest.mark.parametrize("path", ["namespace", "metricName", "dimensions"])
def test_a_metric_that_is_not_known_yet_is_refused(path: str) -> None:
    (told,) = violations(EXISTS, alarm(**{path: UNKNOWN}))
    assert f"alarm: {path} is not known" in told


def test_every_metric_of_an_expression_is_evaluated() -> None:
    wrong = [
        counted("ExecutionsTimeOut", StateMachineArn=ARN),
        counted("ExecutionsAbort", StateMachineArn=ARN),
    ]
    assert len(violations(EXISTS, in_expression(*wrong, counted("ExecutionsFailed")))) == 2
    assert passes(EXISTS, in_expression(counted("ExecutionsFailed")))


@pytest.mark.parametrize(
    "queries",
    [
        UNKNOWN,
        [UNKNOWN],
        [{"metric": UNKNOWN}],
        [{"metric": {"namespace": "AWS/States", "metricName": UNKNOWN}}],
    ],
    ids=str,
)
def test_an_expression_that_is_not_known_yet_is_refused(queries: Any) -> None:
    (told,) = violations(EXISTS, in_expression(metricQueries=queries))
    assert "metricQueries is not known" in told


def test_an_alarm_without_a_metric_is_refused() -> None:
    (told,) = violations(EXISTS, alarm(namespace=None, metricName=None))
    assert "it watches no metric" in told
    assert "metricName" in told


@pytest.mark.parametrize(
    "query",
    [
        {"evaluationCriteria": {"promqlCriteria": {"query": "up"}}},
        {"metricQueries": [{"expression": "SELECT 1"}]},
    ],
)
def test_a_query_is_not_evaluated(query: dict[str, Any]) -> None:
    judged = said(EXISTS, alarm(namespace=None, metricName=None, **query))
    assert (judged.outcome, "query" in judged.reason) == (Outcome.NOT_APPLICABLE, True)


@pytest.mark.parametrize("namespace", ["AWS/RDS", "ECS/ContainerInsights", "CWAgent"])
def test_a_namespace_of_aws_that_is_not_listed_is_not_evaluated(namespace: str) -> None:
    judged = said(EXISTS, alarm(namespace=namespace))
    assert (judged.outcome, namespace in judged.reason) == (Outcome.NOT_APPLICABLE, True)


def publishing(namespace: Any, name: Any, language: str = "Arguments") -> Resource:
    data = {"Namespace": namespace, "MetricData": [{"MetricName": name, "Value": 1}]}
    put = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData", language: data}
    return machine(
        {"States": {"Tell": put, "Else": {"Type": "Pass", "Result": "TilesLost"}}}, name="publisher"
    )


TILES = {"namespace": "Tiles", "metricName": "TilesDone", "dimensions": {}}


@pytest.mark.parametrize("language", ["Arguments", "Parameters"])
@pytest.mark.parametrize("name", ["TilesDone", "{% $ok ? 'TilesDone' : 'TilesLost' %}"])
def test_an_alarm_on_a_metric_that_a_machine_publishes_passes(name: str, language: str) -> None:
    assert passes(EXISTS, alarm(**TILES), publishing("Tiles", name, language))


def test_an_alarm_on_a_metric_of_a_log_metric_filter_passes() -> None:
    counting = resource(LOG_METRIC_FILTER, metricTransformation={"namespace": "Tiles", "name": "TilesDone"})
    assert passes(EXISTS, alarm(**TILES), counting)


@pytest.mark.parametrize(
    "publisher",
    [
        publishing("Tiles", "Tilesdone"),
        publishing("Others", "TilesDone"),
        publishing("Tilez", "Others"),
        resource(LOG_METRIC_FILTER, metricTransformation={"namespace": "Tiles", "name": "Other"}),
    ],
    ids=["name", "namespace", "near namespace", "filter"],
)
def test_an_alarm_on_a_metric_that_nothing_publishes_is_refused(publisher: Resource) -> None:
    (told,) = violations(EXISTS, alarm(**TILES), publisher)
    assert "no state machine and no log metric filter in the plan publishes Tiles/TilesDone;" in told
    assert "publishedElsewhere" in told


def test_metrics_of_a_namespace_in_which_the_plan_publishes_nothing_are_unknown() -> None:
    """A container or a function may publish them, which the plan does not show."""
    passing_on = machine({"States": {"Tell": {"Type": "Pass", "Result": {"Tiles": "TilesDone"}}}})
    for publishers in ([], [machine({})], [passing_on], [publishing("Orders", "Received")]):
        judged = said(EXISTS, alarm(**TILES), *publishers)
        assert judged.outcome is Outcome.NOT_APPLICABLE
        assert judged.reason == "nothing in the plan publishes in Tiles, so that its metrics are not known"


def test_a_publisher_that_cannot_be_read_is_named() -> None:
    unread = resource(STATE_MACHINE, "unread", definition="no JSON")
    (told,) = violations(EXISTS, alarm(**TILES), unread)
    assert "(but unread cannot be read)" in told
    assert passes(EXISTS, alarm(**TILES), unread, publishing("Tiles", "TilesDone"))


def by(*names: Any) -> Resource:
    dimensions = [{"Name": name, "Value": "here"} for name in names]
    return publishing_data([{"MetricName": "TilesDone", "Dimensions": dimensions}])


def publishing_data(data: Any) -> Resource:
    arguments = {"Namespace": "Tiles", "MetricData": data}
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": arguments,
    }
    return machine({"States": {"Tell": put}, "Comment": "TilesDone"})


def watching(*names: str) -> Resource:
    return alarm(**{**TILES, "dimensions": dict.fromkeys(names, UNKNOWN)})


def test_an_alarm_with_the_dimensions_of_its_metric_passes() -> None:
    assert passes(EXISTS, watching("Stage", "Team"), by("Team", "Stage"))
    assert passes(EXISTS, watching("Stage"), by(), by("Stage"))


@pytest.mark.parametrize(
    ("watched", "publisher", "sentence"),
    [
        ((), by("Stage", "Team"), "is published by Stage, Team, and watched without dimensions"),
        (("Stage",), by(), "is published without dimensions, and watched by Stage"),
        (("Stage",), by("Stage", "Team"), "is published by Stage, Team, and watched by Stage"),
    ],
)
def test_an_alarm_with_other_dimensions_than_its_metric_is_refused(
    watched: tuple[str, ...], publisher: Resource, sentence: str
) -> None:
    (told,) = violations(EXISTS, watching(*watched), publisher)
    assert f"Tiles/TilesDone {sentence}, so that the alarm never receives data" in told


def test_a_second_state_that_publishes_other_metrics_changes_no_dimension() -> None:
    def put(*data: Any) -> dict[str, Any]:
        sdk = "arn:aws:states:::aws-sdk:cloudwatch:putMetricData"
        return {
            "Type": "Task",
            "Resource": sdk,
            "Arguments": {"Namespace": "Tiles", "MetricData": list(data)},
        }

    done, cost = put({"MetricName": "TilesDone"}), put({"MetricName": "Cost"})
    assert violations(EXISTS, watching("Stage"), machine({"States": {"Done": done, "Cost": cost}}))
    computed = put({"MetricName": "{% $name %}"})
    named = machine({"States": {"Any": computed}, "Comment": "TilesDone"})
    assert passes(EXISTS, watching("Stage"), named)


def test_a_log_metric_filter_has_dimensions_too() -> None:
    transformation = {"namespace": "Tiles", "name": "TilesDone", "dimensions": {"Stage": "$.stage"}}
    counting = resource(LOG_METRIC_FILTER, metricTransformation=transformation)
    assert passes(EXISTS, watching("Stage"), counting)
    assert violations(EXISTS, watching(), counting)


@pytest.mark.parametrize(
    "data",
    [
        "{% $metrics %}",
        [{"MetricName": "{% 'TilesDone' %}"}],
        [{"MetricName": "TilesDone", "Dimensions": "{% $dimensions %}"}],
        [{"MetricName": "TilesDone", "Dimensions.$": "$.dimensions"}],
        [{"MetricName": "TilesDone", "Dimensions": [{"Name": "{% $name %}"}]}],
        [{"MetricName": "TilesDone", "Dimensions": [5]}],
    ],
    ids=str,
)
def test_dimensions_that_a_run_computes_may_be_any(data: Any) -> None:
    assert passes(EXISTS, watching("Stage"), publishing_data(data))


def test_an_unknown_machine_definition_may_publish_with_any_dimensions() -> None:
    unread = resource(STATE_MACHINE, "unread", definition=UNKNOWN)
    assert said(EXISTS, watching("Stage"), by("Team"), unread).outcome is Outcome.DEFERRED


@pytest.mark.parametrize("elsewhere", ["Tiles/TilesDone", "Tiles/*"])
def test_a_stack_may_declare_metrics_that_are_published_elsewhere(elsewhere: str) -> None:
    assert passes(EXISTS, alarm(**TILES), publishedElsewhere=[elsewhere])
    others = publishing("Tiles", "Others")
    assert violations(EXISTS, alarm(**TILES), others, publishedElsewhere=["Other/*", "tiles/*"])


# alarm-can-fire


def test_an_alarm_within_its_metric_passes() -> None:
    assert passes(CAN_FIRE, alarm(), tiles())


def slow(threshold: Any, operator: str = "GreaterThanThreshold", **properties: Any) -> Resource:
    return alarm(
        "slow",
        metricName="ExecutionTime",
        threshold=threshold,
        comparisonOperator=operator,
        **{"statistic": "Maximum", **properties},
    )


@pytest.mark.parametrize(
    ("threshold", "operator", "rings"),
    [
        (10_799_999, "GreaterThanThreshold", True),
        (10_800_000, "GreaterThanThreshold", False),
        (10_800_001, "GreaterThanThreshold", False),
        (10_800_000, "GreaterThanOrEqualToThreshold", True),
        (10_800_001, "GreaterThanOrEqualToThreshold", False),
        (99_999_999, "LessThanThreshold", True),
    ],
)
def test_no_execution_is_longer_than_its_timeout(threshold: int, operator: str, rings: bool) -> None:
    assert passes(CAN_FIRE, slow(threshold, operator), tiles()) is rings


def test_a_threshold_beyond_the_timeout_is_reported_with_the_arithmetic() -> None:
    (told,) = violations(CAN_FIRE, slow(10_800_000.0), tiles())
    assert "threshold of 10,800,000 ms is not below the 10,800 s × 1,000 = 10,800,000 ms" in told
    assert "tiles-machine times out" in told
    assert "lower threshold or raise TimeoutSeconds" in told


@pytest.mark.parametrize(
    ("properties", "rings"),
    [
        ({"statistic": "Sum"}, True),
        ({"statistic": "SampleCount"}, True),
        ({"statistic": "Average"}, False),
        ({"statistic": None, "extendedStatistic": "p99"}, False),
        ({"statistic": None, "extendedStatistic": "ts90"}, True),
        ({"treatMissingData": "breaching"}, True),
        ({"treatMissingData": None}, False),
        ({"dimensions": {"StateMachineArn": ARN + "-of-others"}}, True),
        ({"threshold": None}, True),
    ],
    ids=str,
)
def test_an_alarm_on_a_duration_is_refused_only_if_it_certainly_cannot_fire(
    properties: dict[str, Any], rings: bool
) -> None:
    assert passes(CAN_FIRE, slow(**{"threshold": 20_000_000, **properties}), tiles()) is rings


@pytest.mark.parametrize("seconds", [None, "{% 3 %}", []])
def test_a_machine_without_a_timeout_has_no_longest_execution(seconds: Any) -> None:
    assert passes(CAN_FIRE, slow(20_000_000), tiles(TimeoutSeconds=seconds))


def test_a_machine_that_is_not_known_yet_is_reported() -> None:
    unknown = resource(STATE_MACHINE, "tiles", definition=UNKNOWN, arn=ARN)
    (told,) = violations(CAN_FIRE, slow(20_000_000), unknown)
    assert "tiles: definition is not known until" in told


@pytest.mark.parametrize(
    ("operator", "threshold", "rings"),
    [
        ("LessThanThreshold", 0, False),
        ("LessThanThreshold", 1, True),
        ("LessThanOrEqualToThreshold", -1, False),
        ("LessThanOrEqualToThreshold", 0, True),
    ],
)
def test_a_count_is_never_negative(operator: str, threshold: int, rings: bool) -> None:
    assert passes(CAN_FIRE, alarm(comparisonOperator=operator, threshold=threshold)) is rings
    assert passes(
        CAN_FIRE, alarm(comparisonOperator=operator, threshold=threshold, treatMissingData="breaching")
    )


@pytest.mark.parametrize(("threshold", "rings"), [(0.5, False), (1, False), (1.5, True)])
def test_a_metric_that_is_not_sent_while_it_is_zero_is_at_least_one(threshold: float, rings: bool) -> None:
    silence = {
        "namespace": "AWS/Events",
        "metricName": "Invocations",
        "comparisonOperator": "LessThanThreshold",
    }
    assert passes(CAN_FIRE, alarm(**silence, threshold=threshold)) is rings
    assert passes(CAN_FIRE, alarm(**silence, threshold=threshold, treatMissingData="breaching"))


def test_an_alarm_on_missing_data_that_cannot_fire_is_reported_with_the_remedy() -> None:
    silence = {
        "namespace": "AWS/Events",
        "metricName": "Invocations",
        "comparisonOperator": "LessThanThreshold",
    }
    (told,) = violations(CAN_FIRE, alarm(**silence, threshold=1))
    assert "AWS/Events/Invocations is never below 1" in told
    assert "LessThanThreshold 1 is never true" in told
    assert "treatMissingData to breaching" in told


def test_an_expression_may_have_other_values_than_its_metrics() -> None:
    difference = in_expression(
        counted("ExecutionsFailed"), comparisonOperator="LessThanThreshold", threshold=-5
    )
    assert passes(CAN_FIRE, difference)


def test_nothing_is_known_of_the_values_of_other_metrics() -> None:
    assert passes(CAN_FIRE, alarm(namespace="Tiles", comparisonOperator="LessThanThreshold", threshold=-5))


@pytest.mark.parametrize(
    ("period", "periods", "allowed"),
    [
        (300, 288, True),
        (300, 289, False),
        (3_540, 24, True),
        (3_600, 168, True),
        (3_600, 169, False),
        (86_400, 7, True),
        (86_400, 8, False),
    ],
)
def test_cloudwatch_evaluates_a_day_or_a_week(period: int, periods: int, allowed: bool) -> None:
    told = violations(CAN_FIRE, alarm(period=period, evaluationPeriods=periods))
    assert not told if allowed else f"= {period * periods:,} s, more than the " in told[0]


def test_more_breaching_periods_than_periods_are_refused() -> None:
    assert passes(CAN_FIRE, alarm(evaluationPeriods=3, datapointsToAlarm=3))
    (told,) = violations(CAN_FIRE, alarm(evaluationPeriods=3, datapointsToAlarm=4))
    assert "datapointsToAlarm 4 is more than evaluationPeriods 3" in told


def test_an_alarm_without_periods_is_refused() -> None:
    (told,) = violations(CAN_FIRE, alarm(evaluationPeriods=None))
    assert "no evaluationPeriods" in told


@pytest.mark.parametrize("path", ["evaluationPeriods", "period", "threshold", "comparisonOperator"])
def test_a_number_that_is_not_known_yet_is_refused(path: str) -> None:
    (told,) = violations(CAN_FIRE, alarm(**{path: UNKNOWN}))
    assert f"{path} is not known" in told


def test_a_statistic_that_is_not_known_yet_is_refused() -> None:
    (told,) = violations(CAN_FIRE, slow(1, statistic=UNKNOWN), tiles())
    assert "statistic is not known" in told


def test_everything_that_prevents_an_alarm_from_firing_is_reported() -> None:
    wrong = slow(20_000_000, period=86_400, evaluationPeriods=8, datapointsToAlarm=9)
    assert len(violations(CAN_FIRE, wrong, tiles())) == 3


def test_a_query_in_promql_has_no_periods() -> None:
    judged = said(CAN_FIRE, alarm(metricName=None, evaluationCriteria={"promqlCriteria": {"query": "up"}}))
    assert judged.outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize("nonsense", NONSENSE, ids=str)
@pytest.mark.parametrize("path", ["metricName", "namespace", "dimensions", "metricQueries", "alarmRule"])
def test_nonsense_is_evaluated_like_any_other_input(path: str, nonsense: Any) -> None:
    wrong = alarm(**{path: nonsense})
    queried = in_expression(**{path: nonsense})
    composite = resource(COMPOSITE_ALARM, alarmActions=[TOPIC_ARN], **{path: nonsense})
    for one in (wrong, queried):
        for asked in (EXISTS, CAN_FIRE):
            assert "defect" not in " ".join(violations(asked, one, tiles(), composite))
        assert "defect" not in " ".join(violations(ALARMED, tiles(), one, composite))


@pytest.mark.parametrize("nonsense", [*NONSENSE, None], ids=str)
def test_a_publisher_may_be_any_json(nonsense: Any) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:cloudwatch:putMetricData",
        "Arguments": nonsense,
    }
    for definition in ({"States": {"A": state}}, nonsense, {"States": nonsense}):
        publisher = resource(STATE_MACHINE, definition=json.dumps(definition))
        assert said(EXISTS, alarm(**TILES), publisher).outcome is not Outcome.PASSED


def above(threshold: float, namespace: str, metric: str, /, **dimensions: str) -> Resource:
    return alarm(
        namespace=namespace,
        metricName=metric,
        dimensions=dimensions,
        statistic="Maximum",
        threshold=threshold,
        comparisonOperator="GreaterThanThreshold",
    )


@pytest.mark.parametrize(("timeout", "longest"), [(60, 60_000), (None, 3_000)])
def test_an_invocation_is_not_longer_than_the_timeout_of_its_function(
    timeout: int | None, longest: int
) -> None:
    function = resource(FUNCTION, "report", name="report", timeout=timeout)
    within = above(longest - 1, "AWS/Lambda", "Duration", FunctionName="report")
    assert passes(CAN_FIRE, within, function)
    (told,) = violations(CAN_FIRE, above(longest, "AWS/Lambda", "Duration", FunctionName="report"), function)
    assert f"= {longest:,} ms after which report times out, so that no invocation reaches it" in told
    later = resource(FUNCTION, "report", name="report", timeout=UNKNOWN)
    assert passes(CAN_FIRE, above(1_000_000, "AWS/Lambda", "Duration", FunctionName="report"), later)


def test_a_message_is_not_older_than_the_retention_of_its_queue() -> None:
    def age(threshold: float) -> Resource:
        return above(threshold, "AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName="lost")

    for retention, longest in ((1_209_600, 1_209_600), (None, 345_600)):
        queue = resource(QUEUE, "lost", name="lost", messageRetentionSeconds=retention)
        assert passes(CAN_FIRE, age(longest - 1), queue)
        (told,) = violations(CAN_FIRE, age(longest), queue)
        assert f"is not below the {longest:,} s after which lost deletes a message" in told
    assert passes(CAN_FIRE, age(9_999_999)), "the queue is not in the plan"


@pytest.mark.parametrize(
    ("period", "is_accepted"), [(10, True), (20, True), (30, True), (60, True), (90, False), (45, False)]
)
def test_a_period_is_short_or_of_whole_minutes(period: int, is_accepted: bool) -> None:
    assert passes(CAN_FIRE, alarm(period=period)) is is_accepted
