import json
import re

import pytest

from components.cost.expected import expected_run
from components.machines.weekly.machine import definition
from components.settings.bounds import WORKERS_A_PAGE
from components.settings.names import Names
from tests.components.deployment import deploy, deployed
from tests.components.machines.runs import weekly
from tests.stacks import ENVIRONMENTS, names_of, settings_of

MACHINE = "aws:sfn/stateMachine:StateMachine"
# The recording of executions needs these actions, which cannot be limited to a resource.
LOGGING = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
TRACING = {
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
CALLS = {
    "cloudwatch:PutMetricData",
    "ecs:DescribeTasks",
    "ecs:ListTasks",
    "ecs:RunTask",
    "ecs:StopTask",
    "ecs:TagResource",
    "iam:PassRole",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "lambda:InvokeFunction",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "sns:Publish",
    "ssm:GetParameter",
    "states:DescribeExecution",
}


def actions_of(environment: str, *, tracing: bool) -> set[str]:
    deployment = deploy(environment, observability={"tracing": tracing})
    policies = deployment.of_type("aws:iam/rolePolicy:RolePolicy")
    (policy,) = (
        item for item in policies if item.inputs["name"] == names_of(environment).role("step-functions")
    )
    return {action for statement in policy.policy()["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_machine_is_the_one_of_the_settings(environment: str) -> None:
    settings = settings_of(environment)
    machine = deployed(environment).the(MACHINE, "ccapi-machine")
    assert json.loads(machine.inputs["definition"]) == definition(settings, Names.of(settings))
    assert machine.inputs["name"] == names_of(environment).machine
    assert machine.inputs["type"] == "STANDARD"


def test_the_definition_reads_the_same_in_every_console_and_has_no_escaped_letters() -> None:
    for machine in deployed("prod").of_type(MACHINE):
        assert machine.inputs["definition"].isascii()
        # A backslash of a regular expression is escaped itself.
        assert not re.search(r"(?<!\\)(?:\\\\)*\\u", machine.inputs["definition"])


@pytest.mark.parametrize("tracing", [True, False])
def test_the_role_allows_the_calls_of_the_states_the_logs_and_the_traces(tracing: bool) -> None:
    assert actions_of("prod", tracing=tracing) == CALLS | LOGGING | (TRACING if tracing else set())


def test_every_execution_is_logged_completely() -> None:
    logging = deployed("prod").the(MACHINE, "ccapi-machine").inputs["loggingConfiguration"]
    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", True)
    assert logging["logDestination"].endswith(":*")


def test_the_log_group_has_the_prefix_that_keeps_the_resource_policy_small() -> None:
    groups = [item.inputs["name"] for item in deployed("prod").of_type("aws:cloudwatch/logGroup:LogGroup")]
    assert "/aws/vendedlogs/states/ccapi-weekly-monitoring-prod" in groups


@pytest.mark.parametrize("tracing", [True, False])
def test_a_run_is_traced_if_the_setting_is_true(tracing: bool) -> None:
    machine = deploy("dev", observability={"tracing": tracing}).the(MACHINE, "ccapi-machine")
    assert machine.inputs["tracingConfiguration"] == {"enabled": tracing}


def test_only_the_machine_may_take_its_role() -> None:
    roles = deployed("prod").of_type("aws:iam/role:Role")
    (role,) = (item for item in roles if item.inputs["name"] == names_of("prod").role("step-functions"))
    (statement,) = role.policy("assumeRolePolicy")["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "222222222222"},
        "ArnEquals": {"aws:SourceArn": names_of("prod").machine_arn},
    }


def test_the_machine_depends_on_resources_that_its_definition_only_names() -> None:
    # Its component waits, and no resource in a component is created before the component itself.
    waited_for = deployed("prod").the("ccapi:components:StateMachine", "ccapi-machine").depends_on
    named = {
        "ccapi-notifier-failure",
        "ccapi-notifier-success",
        "ccapi-run-settings",
        "ccapi-storage-reports",
    }
    assert named <= {urn.rpartition("::")[2] for urn in waited_for}


def test_the_component_passes_timeout_bounds_and_expected_usage_to_policies() -> None:
    settings = settings_of("prod")
    component = deployed("prod").the("ccapi:components:StateMachine", "ccapi-machine")
    assert component.inputs == {
        "timeoutSeconds": settings.run.timeout_seconds,
        "bounds": {
            "items": {"RunWeeklyMonitoring": settings.worker.shards, "StopStalledWorkers": WORKERS_A_PAGE}
        },
        "expected": expected_run(settings, weekly(settings)),
    }
