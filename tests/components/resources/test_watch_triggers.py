import json
from typing import Any

import pytest

from components.cost.expected import expected_watch
from components.machines.watch.machine import definition, watch_machine
from components.resources.watch_triggers import MAX_EVENT_AGE_SECONDS, MAX_RETRY_ATTEMPTS, patterns
from components.settings.bounds import WORKERS_A_PAGE, watch_timeout_seconds
from tests.components.deployment import Resource, deploy, deployed, previewed
from tests.stacks import ENVIRONMENTS, names_of, settings_of

MACHINE = "aws:sfn/stateMachine:StateMachine"
SCHEDULE = "aws:scheduler/schedule:Schedule"
RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
WATCH_ARN = f"arn:made:{MACHINE}:ccapi-watch"
QUEUE_ARN = "arn:made:aws:sqs/queue:Queue:ccapi-watcher"
RETRIES = {
    "maximumEventAgeInSeconds": MAX_EVENT_AGE_SECONDS,
    "maximumRetryAttempts": MAX_RETRY_ATTEMPTS,
}


def statements_of(type_: str, whose: str, key: str = "policy") -> list[dict[str, Any]]:
    (found,) = (
        item
        for item in deployed("prod").of_type(type_)
        if item.inputs["name"] == names_of("prod").role(whose)
    )
    statements: list[dict[str, Any]] = found.policy(key)["Statement"]
    return statements


def actions_of(whose: str) -> dict[str, list[str]]:
    """Return the actions of a role, with their resources."""
    return {
        action: statement["Resource"]
        for statement in statements_of(POLICY, whose)
        for action in statement["Action"]
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_machine_is_the_watch_of_the_settings(environment: str) -> None:
    machine = deployed(environment).the(MACHINE, "ccapi-watch")
    expected = definition(settings_of(environment), names_of(environment))
    assert json.loads(machine.inputs["definition"]) == expected
    assert machine.inputs["name"] == names_of(environment).watch
    assert machine.inputs["loggingConfiguration"]["level"] == "ALL"


def test_the_watch_component_passes_timeout_bounds_and_expected_usage_to_policies() -> None:
    prod = settings_of("prod")
    assert deployed("prod").the("ccapi:components:StateMachine", "ccapi-watch").inputs == {
        "timeoutSeconds": watch_timeout_seconds(prod.worker),
        "bounds": {"items": {"StopStalledWorkers": WORKERS_A_PAGE}},
        "expected": expected_watch(prod, watch_machine(prod, names_of("prod")), "ccapi-machine"),
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_kind_of_event_starts_the_watch_as_it_is(environment: str) -> None:
    names, deployment = names_of(environment), deployed(environment)
    rules = {
        rule.inputs["name"]: json.loads(rule.inputs["eventPattern"]) for rule in deployment.of_type(RULE)
    }
    assert rules == {names.rule(what): pattern for what, pattern in patterns(names).items()}
    targets = {target.inputs["rule"]: target.inputs for target in deployment.of_type(TARGET)}
    assert targets.keys() == rules.keys()
    for inputs in targets.values():
        assert inputs["arn"] == WATCH_ARN
        assert inputs["roleArn"] == "arn:made:aws:iam/role:Role:ccapi-watcher-events"
        assert inputs["retryPolicy"] == RETRIES
        assert inputs["deadLetterConfig"] == {"arn": QUEUE_ARN}
        assert not {"input", "inputPath", "inputTransformer"} & inputs.keys()


def test_only_the_two_rules_may_take_the_role_that_starts_the_watch() -> None:
    names = names_of("prod")
    (statement,) = statements_of(ROLE, "watch-events", "assumeRolePolicy")
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "222222222222"},
        "ArnEquals": {"aws:SourceArn": [names.rule_arn("task-stopped"), names.rule_arn("execution-ended")]},
    }
    assert actions_of("watch-events") == {"states:StartExecution": [names.watch_arn]}


def test_only_the_event_rules_may_send_to_the_queue_of_undelivered_events() -> None:
    names, deployment = names_of("prod"), deployed("prod")
    assert deployment.the("aws:sqs/queue:Queue", "ccapi-watcher").inputs["name"] == names.watch_queue
    policy = deployment.the("aws:sqs/queuePolicy:QueuePolicy", "ccapi-watcher").policy()
    statement, _ = policy["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": [names.rule_arn("task-stopped"), names.rule_arn("execution-ended")]}
    }


def watch_schedule(environment: str, **changes: Any) -> Resource:
    return deploy(environment, **changes).the(SCHEDULE, "ccapi-watcher")


def test_the_watch_machine_sweeps_every_few_hours() -> None:
    inputs = watch_schedule("prod").inputs
    assert inputs["scheduleExpression"] == "rate(6 hours)"
    assert inputs["groupName"] == "ccapi-prod"
    target = inputs["target"]
    assert (target["arn"], json.loads(target["input"])) == (WATCH_ARN, {"sweep": True})
    assert target["retryPolicy"] == RETRIES
    assert target["deadLetterConfig"] == {"arn": QUEUE_ARN}


def test_its_schedule_may_start_the_watch_and_nothing_else() -> None:
    names = names_of("prod")
    assert actions_of("watch-scheduler") == {
        "states:StartExecution": [names.watch_arn],
        "sqs:SendMessage": [names.arn("sqs", names.watch_queue)],
        "kms:Decrypt": [names.arn("kms", "key/*")],
        "kms:GenerateDataKey": [names.arn("kms", "key/*")],
    }
    (statement,) = statements_of(ROLE, "watch-scheduler", "assumeRolePolicy")
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}


@pytest.mark.parametrize("schedule", [{"paused": True}, {"preset": "on-demand"}])
def test_it_continues_while_the_pipeline_is_paused(schedule: dict[str, Any]) -> None:
    assert watch_schedule("prod", schedule=schedule).inputs["state"] == "ENABLED"


def test_the_alarm_on_its_silence_comes_after_its_first_start() -> None:
    waited_for = deployed("prod").the("ccapi:components:Monitoring").depends_on
    assert any(urn.endswith(f"{SCHEDULE}::ccapi-watcher") for urn in waited_for)


def test_the_watch_machine_depends_on_resources_that_its_definition_only_names() -> None:
    waited_for = deployed("prod").the("ccapi:components:StateMachine", "ccapi-watch").depends_on
    named = {"ccapi-notifier-failure", "ccapi-run-settings", "ccapi-scheduler", "ccapi-storage-cache"}
    assert named <= {urn.rpartition("::")[2] for urn in waited_for}


def test_the_outputs_name_its_location() -> None:
    outputs = deployed("prod").outputs
    assert outputs["watch_state_machine_arn"] == WATCH_ARN
    assert outputs["watch_dlq_url"] == "https://queue/ccapi-watcher"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_event_patterns_are_known_in_the_first_preview(environment: str) -> None:
    for rule in previewed(environment).of_type(RULE):
        assert json.loads(rule.inputs["eventPattern"]) in list(patterns(names_of(environment)).values())
