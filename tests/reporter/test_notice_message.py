"""The content of the messages of alarms, budgets and other notices."""

import json
import re
import shlex
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.resources.alarms import alarms
from components.settings.names import Names
from components.settings.schedule import Schedule
from reporter.alarm_message import alarm_message
from reporter.message import Message, Occasion
from reporter.notice_message import notice_message
from reporter.plain_text import MAX_BYTES, plain_text
from tests.reporter.examples import MACHINE, SETTINGS, alarm, budget_text

REMOVED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def categories_of(text: str) -> set[str]:
    return {unicodedata.category(letter) for letter in text.replace("\n", "")}


def notice(text: str, subject: Any = None, message_id: str = "1-2-3") -> Message:
    return notice_message({"MessageId": message_id, "Subject": subject, "Message": text}, SETTINGS)


def of_alarm(*, state: str = "ALARM", namespace: str = "N", metric: str = "M", **dimensions: str) -> Message:
    return notice(json.dumps(alarm("ccapi-x-prod", "It happened.", namespace, metric, state, **dimensions)))


@pytest.mark.parametrize(
    ("state", "occasion", "incident", "resolves"),
    [
        ("ALARM", Occasion.ALARM, "alarm/ccapi-x-prod", ()),
        ("OK", Occasion.OK, None, ("alarm/ccapi-x-prod",)),
        ("INSUFFICIENT_DATA", Occasion.ALARM, None, ()),
    ],
)
def test_an_alarm_opens_its_incident_and_its_ok_resolves_it(
    state: str, occasion: Occasion, incident: str | None, resolves: tuple[str, ...]
) -> None:
    message = of_alarm(state=state)
    assert (message.occasion, message.incident, message.resolves) == (occasion, incident, resolves)
    assert message.id == "sns/1-2-3"
    assert message.document["alarm"]["AlarmName"] == "ccapi-x-prod"


@pytest.mark.parametrize(
    ("metric", "dimensions", "command"),
    [
        (
            "X",
            {"QueueName": "q"},
            "aws sqs receive-message --region us-east-1 --queue-url https://sqs.us-east-1.amazonaws.com/111111111111/q",
        ),
        (
            "ExecutionsTimedOut",
            {"StateMachineArn": MACHINE},
            f"list-executions --region us-east-1 --state-machine-arn {MACHINE} --status-filter TIMED_OUT",
        ),
        (
            "Errors",
            {"FunctionName": "ccapi-reporter-prod"},
            "aws logs tail /aws/lambda/ccapi-reporter-prod --region us-east-1",
        ),
        ("ExecutionsSucceeded", {"StateMachineArn": SETTINGS.watch_arn}, SETTINGS.watch_arn),
        ("SubscriptionsMissing", {"Environment": "prod"}, f"--topic-arn {SETTINGS.success_topic_arn}"),
        ("InvocationDroppedCount", {"ScheduleGroup": "ccapi-prod"}, SETTINGS.schedule_queue),
        ("HoursSinceLastSuccess", {"Environment": "prod"}, "start-execution"),
        ("Other", {}, "describe-alarm-history --region us-east-1 --alarm-name ccapi-x-prod"),
        ("Other", {"QueueName": "q; rm -rf ~"}, "describe-alarm-history"),
    ],
)
def test_the_message_of_an_alarm_has_the_commands_for_its_metric(
    metric: str, dimensions: dict[str, str], command: str
) -> None:
    message = of_alarm(metric=metric, **dimensions)
    assert command in "\n".join(each.line for each in message.commands)
    assert [shlex.split(each.line)[0] for each in message.commands] == [
        "ccapi",
        *["aws"] * (len(message.commands) - 1),
    ]
    assert not [each.line for each in message.commands if "; rm" in each.line]


@pytest.mark.parametrize(
    ("metric", "dimensions", "command"),
    [
        ("X", {"QueueName": "ccapi-schedule-dlq-prod"}, "ccapi dlq redrive schedule --stack prod"),
        ("X", {"QueueName": "ccapi-watch-dlq-prod"}, "ccapi dlq redrive watch --stack prod"),
        (
            "InvocationDroppedCount",
            {"ScheduleGroup": "ccapi-prod"},
            "ccapi dlq redrive schedule --stack prod",
        ),
        ("SubscriptionsMissing", {"Environment": "prod"}, "ccapi notify confirm --stack prod"),
        ("ExecutionsFailed", {"StateMachineArn": MACHINE}, "ccapi show --stack prod"),
        ("X", {"QueueName": "of-another-project"}, "ccapi doctor --stack prod"),
    ],
)
def test_the_first_command_of_an_alarm_fixes_or_shows_its_cause(
    metric: str, dimensions: dict[str, str], command: str
) -> None:
    assert of_alarm(metric=metric, **dimensions).commands[0].line == command


def test_every_alarm_of_the_stack_has_a_command_of_its_own() -> None:
    names = Names("ccapi", "prod", "us-east-1", "111111111111")
    for each in alarms(names, timeout_seconds=43_200, schedule=Schedule()):
        if each.is_direct:
            # CloudWatch's own notice has no other text than this.
            assert re.search(r"Type (ccapi|aws) ", each.text), each.what
            continue
        given_alarm = alarm(
            names.resource_name(each.what), each.text, each.namespace, each.metric, **each.dimensions
        )
        message = notice(json.dumps(given_alarm))
        assert message.subject == f"ccapi prod: {each.what} is in ALARM"
        assert (
            " ".join(message.lines[: len(message.lines) - 1])
            == each.text.removeprefix(message.headline).strip()
        )
        assert message.commands
        assert not [each for each in message.commands if "describe-alarm-history" in each.line], each.what


@pytest.mark.parametrize(
    "text", ['{"AlarmName": "x"}', '{"AlarmName": "x", "Trigger": [], "NewStateValue": 3}']
)
def test_an_alarm_with_missing_fields_is_a_message(text: str) -> None:
    assert notice(text).incident == "alarm/x"


def test_an_alarm_of_other_alarms_is_a_message() -> None:
    text = json.dumps({"AlarmName": "all", "AlarmRule": "ALARM(a) OR ALARM(b)", "NewStateValue": "ALARM"})
    message = notice(text)
    assert message.headline == "The alarm all is in state ALARM."
    assert message.lines == ("The alarm all ends by itself when its condition no longer holds.",)


def test_an_alarm_on_an_expression_of_one_metric_names_that_metric() -> None:
    dimensions = [{"name": "FunctionName", "value": "ccapi-reporter-prod"}]
    metric = {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": dimensions}
    used = [
        {"Id": "a", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"},
        {"Id": "m", "MetricStat": {"Metric": metric}},
    ]
    found = {"AlarmName": "x", "NewStateValue": "ALARM", "Trigger": {"Metrics": used}}
    message = notice(json.dumps(found))
    assert "Metric: AWS/Lambda Errors (FunctionName ccapi-reporter-prod)" in message.details
    assert message.commands[1].line.startswith("aws logs tail /aws/lambda/ccapi-reporter-prod ")
    two = [*used, {"Id": "n", "MetricStat": {"Metric": {**metric, "MetricName": "Invocations"}}}]
    several = notice(json.dumps({**found, "Trigger": {"Metrics": two}}))
    assert not any(line.startswith("Metric") for line in several.details)


def test_an_abbreviation_does_not_end_the_first_sentence_of_an_alarm() -> None:
    found = {"AlarmName": "x", "AlarmDescription": "Too much, e.g. of disk. Look.", "NewStateValue": "ALARM"}
    message = notice(json.dumps(found))
    assert (message.headline, message.lines[0]) == ("Too much, e.g. of disk.", "Look.")


def test_an_alarm_without_a_name_is_another_notice() -> None:
    assert "neither a CloudWatch alarm" in notice('{"AlarmName": " "}').lines[0]


def test_a_budget_message_has_the_amount_spent() -> None:
    message = notice(
        budget_text("ACTUAL", "$16.53", "$16.00"), "AWS Budgets: ccapi-monthly-prod has exceeded"
    )
    assert message.occasion is Occasion.BUDGET
    assert message.headline.startswith(
        "$16.53 has been spent this month, above the alert threshold of $16.00"
    )
    assert message.incident is None


@pytest.mark.parametrize(
    ("lines", "headline"),
    [
        (
            "Budget Type: Usage\nBudgeted Amount: 100 GB\nAlert Threshold: > 80 GB\nACTUAL Amount: 91 GB",
            "The actual amount is 91 GB, above the alert threshold of 80 GB (budget b, 100 GB).",
        ),
        (
            "Budget Type: RI Utilization\nAlert Threshold: < 80%\nACTUAL Amount: 61%",
            "The actual amount is 61%, below the alert threshold of 80% (budget b).",
        ),
        (
            "Budget Type: Cost\nBudgeted Amount: $2,000.00\nAlert Threshold: > 80%\nFORECASTED Amount: $1,700.00",
            "AWS forecasts a cost of $1,700.00, above the alert threshold of 80% (budget b, $2,000.00).",
        ),
    ],
)
def test_a_budget_of_another_kind_states_only_the_facts_of_its_notice(lines: str, headline: str) -> None:
    text = f"AWS Budget Notification November 23, 2026\n\nBudget Name: b\n{lines}\n"
    assert notice(text, "AWS Budgets: b").headline == headline


def test_a_budget_of_another_form_is_shown_whole() -> None:
    message = notice("Something new.\nA second line.", "AWS Budgets: a new form")
    assert message.occasion is Occasion.BUDGET
    assert message.headline == "AWS Budgets: a new form"
    assert message.details == ("Something new.", "A second line.")


@pytest.mark.parametrize("text", ["plain", "{", "[]", '{"a": 1}', "[" * 100_000, ""])
@pytest.mark.parametrize("subject", [None, "", "A subject"])
def test_any_other_notice_is_shown_whole(text: str, subject: str | None) -> None:
    message = notice(text, subject)
    assert message.occasion is Occasion.ALARM
    assert text in plain_text(message).text
    assert message.document["notice"] == {"subject": subject or "", "text": text}


def test_a_notice_that_is_longer_than_a_mail_is_cut_with_a_sentence() -> None:
    text = plain_text(notice("ü" * 200_000)).text
    assert len(text.encode()) <= MAX_BYTES
    assert text.endswith("(The message was too long and was cut here.)\n")


@given(st.text(st.characters(), max_size=80), st.text(st.characters(), max_size=80))
def test_any_notice_has_a_subject_that_sns_takes(subject: str, text: str) -> None:
    for given_text in (
        text,
        json.dumps({"AlarmName": text, "AlarmDescription": text, "NewStateReason": text}),
    ):
        mail = plain_text(notice(given_text, subject))
        assert re.fullmatch(r"[ -~]{1,99}", mail.subject)
        assert not categories_of(mail.text) & REMOVED


@pytest.mark.parametrize(
    ("metric", "dimensions", "incident"),
    [
        ("HoursSinceLastSuccess", {"Environment": "prod"}, "missed"),
        ("ExecutionsFailed", {"StateMachineArn": SETTINGS.machine_arn}, None),
        ("ExecutionsAborted", {"StateMachineArn": SETTINGS.machine_arn}, None),
        ("ExecutionsFailed", {"StateMachineArn": SETTINGS.watch_arn}, "alarm/a"),
        ("ExecutionTime", {"StateMachineArn": SETTINGS.machine_arn}, "alarm/a"),
    ],
)
def test_a_condition_that_the_machines_report_has_one_incident(
    metric: str, dimensions: dict[str, str], incident: str | None
) -> None:
    trigger = {
        "MetricName": metric,
        "Dimensions": [{"name": name, "value": value} for name, value in dimensions.items()],
    }
    notified = {"AlarmName": "a", "NewStateValue": "ALARM", "Trigger": trigger}
    assert alarm_message(notified, "id", SETTINGS).incident == incident
    ended = alarm_message({**notified, "NewStateValue": "OK"}, "id", SETTINGS)
    assert ended.resolves == ((incident,) if incident else ())
