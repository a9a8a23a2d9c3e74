"""The reporter's Lambda function: its properties, code, role and settings."""

import ast
import importlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi import FileAsset

from components.resources.reporter import (
    FOLDER,
    HANDLER,
    SETTINGS_VARIABLE,
    code,
    compact_json,
    role_document,
)
from components.resources.reporter_settings import reporter_settings
from components.resources.secrets import CHANNELS
from components.settings import STAND_INS, Settings
from components.settings.bounds import REPORT_TIMEOUT_SECONDS, REPORTER_TIMEOUT_SECONDS
from components.settings.channels import Occasion, Severity
from components.settings.names import Names
from reporter.settings import VARIABLE
from reporter.settings import Settings as ReporterSettings
from tests.components.deployment import Deployment, Resource, deploy, deployed, previewed
from tests.stacks import ENVIRONMENTS, names_of, settings_of, values_of

FUNCTION, PERMISSION = "aws:lambda/function:Function", "aws:lambda/permission:Permission"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
MADE = "arn:made:aws:{}:{}".format
EVENTS = MADE("sns/topic:Topic", "ccapi-notifier-events")
WEBHOOK = ("webhookUrl", "webhookSigningKey")

# "Lambda quotas": all variables of a function together, including their names.
MAX_ENVIRONMENT_BYTES = 4096

# Calls of boto3 by the client's name in reporter/aws.py, and the actions that they need.
CALLS = {
    "s3.get_object": {"s3:GetObject"},
    "s3.put_object": {"s3:PutObject"},
    "s3.delete_object": {"s3:DeleteObject"},
    "s3.list_objects_v2": {"s3:ListBucket"},
    "sns.publish": {"sns:Publish"},
    "sqs.send_message": {"sqs:SendMessage"},
    "cloudwatch.put_metric_data": {"cloudwatch:PutMetricData"},
    "cloudwatch.describe_alarms": {"cloudwatch:DescribeAlarms"},
    "scheduler.get_schedule": {"scheduler:GetSchedule"},
    "secrets.get_secret_value": {"secretsmanager:GetSecretValue"},
    "states.list_executions": {"states:ListExecutions"},
    "states.describe_execution": {"states:DescribeExecution"},
}
# Actions that Lambda itself uses with the role: logs and traces, and the key by which services encrypt.
OF_LAMBDA = {"logs:CreateLogStream", "logs:PutLogEvents"}
OF_TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
OF_THE_KEY = {"kms:Decrypt", "kms:GenerateDataKey"}


def function_of(deployment: Deployment) -> dict[str, Any]:
    return deployment.the(FUNCTION).inputs


def with_notifications(environment: str = "prod", *secrets: str, **changes: Any) -> Deployment:
    """Return a stack with changed notifications and the credentials of some channels."""
    notifications = {**values_of(environment)["notifications"], **changes}
    return deploy(environment, secrets={key: STAND_INS[key] for key in secrets}, notifications=notifications)


def with_every_channel() -> Deployment:
    return with_notifications("prod", *STAND_INS)


# The function


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_function_is_small_and_ends_before_the_state_that_waits_for_it(environment: str) -> None:
    function, names = function_of(deployed(environment)), names_of(environment)
    assert function["name"] == names.reporter
    assert function["runtime"] == "python3.13"
    assert function["architectures"] == ["arm64"]
    assert function["memorySize"] == 256
    assert function["timeout"] == REPORTER_TIMEOUT_SECONDS == 60
    assert function["timeout"] < REPORT_TIMEOUT_SECONDS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_function_has_the_role_the_key_and_the_queue_of_the_stack(environment: str) -> None:
    function = function_of(deployed(environment))
    assert function["role"] == MADE("iam/role:Role", "ccapi-reporter")
    assert function["kmsKeyArn"] == MADE("kms/key:Key", "ccapi-encryption")
    queue = MADE("sqs/queue:Queue", "ccapi-notifier")
    assert function["deadLetterConfig"] == {"targetArn": queue}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_function_logs_to_a_group_that_is_encrypted_and_cleared(environment: str) -> None:
    deployment = deployed(environment)
    group = deployment.the(LOG_GROUP, "ccapi-reporter").inputs
    assert group["name"] == names_of(environment).reporter_log_group
    assert group["retentionInDays"] == settings_of(environment).observability.log_retention_days
    assert group["kmsKeyId"] == MADE("kms/key:Key", "ccapi-encryption")
    assert function_of(deployment)["loggingConfig"] == {"logFormat": "Text", "logGroup": group["name"]}


@pytest.mark.parametrize(("wanted", "mode"), [(True, "Active"), (False, "PassThrough")])
def test_the_function_is_traced_if_the_setting_is_true(wanted: bool, mode: str) -> None:
    deployment = deploy("prod", observability={"tracing": wanted})
    assert function_of(deployment)["tracingConfig"] == {"mode": mode}
    assert (
        actions_of(deployment.the("aws:iam/rolePolicy:RolePolicy", "ccapi-reporter")) >= OF_TRACES
    ) is wanted


def test_concurrency_is_reserved_only_by_the_setting() -> None:
    assert "reservedConcurrentExecutions" not in function_of(deployed("prod"))
    assert function_of(with_notifications(reservedConcurrency=5))["reservedConcurrentExecutions"] == 5


def test_the_function_is_created_after_its_policy_and_all_that_its_settings_name() -> None:
    deployment = deployed("prod")
    after = {urn.rpartition("::")[2] for urn in deployment.the(FUNCTION).depends_on}
    types = {deployment.resources[urn].type for urn in deployment.the(FUNCTION).depends_on}
    assert "aws:iam/rolePolicy:RolePolicy" in types
    assert {"ccapi-reporter", "ccapi-encryption", "ccapi-notifier"} <= after


# The code


PAGE = "reporter/dashboard/page.html"


def modules() -> set[str]:
    return {f"reporter/{path.relative_to(FOLDER).as_posix()}" for path in FOLDER.rglob("*.py")} | {PAGE}


def test_the_archive_holds_exactly_the_modules_and_no_bytecode() -> None:
    assets = code().assets
    assert set(assets) == modules()
    assert {"reporter/__init__.py", "reporter/settings.py"} < set(assets)
    for name, asset in assets.items():
        assert isinstance(asset, FileAsset)
        assert name.endswith(".py") or name == PAGE
        assert str(asset.path) == str(FOLDER.parent / name)


def test_every_folder_of_the_archive_is_a_package() -> None:
    assert {name.rpartition("/")[0] for name in modules()} == {
        name.removesuffix("/__init__.py") for name in modules() if name.endswith("/__init__.py")
    }


def test_nothing_but_modules_and_the_page_is_in_the_folder_so_that_the_archive_lacks_nothing() -> None:
    found = {path for path in FOLDER.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in found if path.suffix != ".py"} == {FOLDER.parent / PAGE}


def test_the_function_is_deployed_with_that_archive() -> None:
    archive = function_of(deployed("prod"))["code"]
    assert set(archive["assets"]) == modules()


def test_the_handler_is_a_function_of_the_archive_that_takes_an_event_and_a_context() -> None:
    assert function_of(deployed("prod"))["handler"] == HANDLER
    module, _, name = HANDLER.rpartition(".")
    assert f"{module.replace('.', '/')}.py" in modules()
    source = (FOLDER.parent / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8")
    (handler,) = (
        node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    assert len(handler.args.args) == 2
    assert callable(getattr(importlib.import_module(module), name))


# The role


def statements_of(policy: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policy.policy()["Statement"]
    return found


def actions_of(policy: Resource) -> set[str]:
    return {action for statement in statements_of(policy) for action in statement["Action"]}


def policy_of(deployment: Deployment) -> Resource:
    return deployment.the("aws:iam/rolePolicy:RolePolicy", "ccapi-reporter")


def test_only_lambda_takes_the_role() -> None:
    role = deployed("prod").the("aws:iam/role:Role", "ccapi-reporter")
    assert role.inputs["name"] == names_of("prod").role("reporter")
    assert role.policy("assumeRolePolicy")["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
    assert not {"managedPolicyArns", "inlinePolicies"} & role.inputs.keys()
    attached = [item for item in deployed("prod").resources.values() if "PolicyAttachment" in item.type]
    assert attached == []


def calls_of_the_reporter() -> Iterator[str]:
    """Yield each call of boto3 in reporter/ as the client's name and the method or the paginator's operation."""
    call = re.compile(r"""aws\.(\w+)\.(?:get_paginator\(\s*"(\w+)"|(\w+)\()""")
    for path in FOLDER.rglob("*.py"):
        for client, paginated, method in call.findall(path.read_text(encoding="utf-8")):
            yield f"{client}.{paginated or method}"


def test_the_role_allows_the_calls_of_the_reporter_and_no_others() -> None:
    assert set(calls_of_the_reporter()) == CALLS.keys()
    called = {action for actions in CALLS.values() for action in actions}
    assert actions_of(policy_of(with_every_channel())) == called | OF_LAMBDA | OF_TRACES | OF_THE_KEY


def test_no_client_is_created_elsewhere() -> None:
    created = {
        path.name
        for path in FOLDER.rglob("*.py")
        if re.search(r"boto3\.(client|resource|[Ss]ession)", path.read_text("utf-8"))
    }
    assert created == {"aws.py"}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_without_credentials_no_secret_may_be_read(environment: str) -> None:
    assert "secretsmanager:GetSecretValue" not in actions_of(policy_of(deployed(environment)))


def scopes_of(policy: Resource) -> dict[str, tuple[str, ...]]:
    """Return the resources of each action."""
    scopes: dict[str, tuple[str, ...]] = {}
    for statement in statements_of(policy):
        for action in statement["Action"]:
            scopes[action] = (*scopes.get(action, ()), *statement["Resource"])
    return scopes


def test_each_action_is_limited_to_the_resources_of_the_stack() -> None:
    names, scopes = names_of("prod"), scopes_of(policy_of(with_every_channel()))
    records = ("arn:aws:s3:::ccapi-cache-prod-222222222222/reported/*",)
    reports = "arn:aws:s3:::ccapi-reports-prod-222222222222"
    assert scopes == {
        "logs:CreateLogStream": (
            "arn:aws:logs:us-east-1:222222222222:log-group:/aws/lambda/ccapi-reporter-prod:*",
        ),
        "logs:PutLogEvents": (
            "arn:aws:logs:us-east-1:222222222222:log-group:/aws/lambda/ccapi-reporter-prod:*",
        ),
        "sns:Publish": (names.topic_arn("success"), names.topic_arn("failure")),
        "sqs:SendMessage": ("arn:aws:sqs:us-east-1:222222222222:ccapi-notifications-dlq-prod",),
        "s3:GetObject": (*records, f"{reports}/history.json", f"{reports}/weekly/*/summary.json"),
        "s3:PutObject": (
            *records,
            f"{reports}/history.json",
            f"{reports}/history.unreadable/*",
            f"{reports}/dashboard.html",
        ),
        "s3:DeleteObject": records,
        "s3:ListBucket": ("arn:aws:s3:::ccapi-cache-prod-222222222222",),
        "states:ListExecutions": (names.machine_arn,),
        "states:DescribeExecution": (
            "arn:aws:states:us-east-1:222222222222:execution:ccapi-weekly-monitoring-prod:*",
        ),
        "cloudwatch:PutMetricData": ("*",),
        "cloudwatch:DescribeAlarms": ("arn:aws:cloudwatch:us-east-1:222222222222:alarm:*",),
        "scheduler:GetSchedule": (
            "arn:aws:scheduler:us-east-1:222222222222:schedule/ccapi-prod/ccapi-weekly-schedule-prod",
        ),
        "kms:Decrypt": ("arn:aws:kms:us-east-1:222222222222:key/*",),
        "kms:GenerateDataKey": ("arn:aws:kms:us-east-1:222222222222:key/*",),
        "secretsmanager:GetSecretValue": (
            "arn:aws:secretsmanager:us-east-1:222222222222:secret:ccapi-notification-channels-prod-??????",
        ),
        "xray:PutTelemetryRecords": ("*",),
        "xray:PutTraceSegments": ("*",),
    }


def test_permissions_on_all_resources_have_a_condition_except_those_of_traces() -> None:
    for statement in statements_of(policy_of(with_every_channel())):
        if statement["Resource"] == ["*"] and not set(statement["Action"]) <= OF_TRACES:
            assert statement["Action"] == ["cloudwatch:PutMetricData"]
            assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "CloudClearingAPI"}}


NAMES = st.builds(
    Names,
    project=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
    environment=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
    region=st.sampled_from(["us-east-1", "cn-north-1", "us-gov-west-1"]),
    account=st.from_regex(r"[0-9]{12}", fullmatch=True),
)


@given(names=NAMES, secret=st.sampled_from([None, CHANNELS]), tracing=st.booleans(), alarms=st.booleans())
def test_the_role_has_no_wildcard_actions_and_no_resources_of_other_accounts(
    names: Names, secret: str | None, tracing: bool, alarms: bool
) -> None:
    document = role_document(names, secret=secret, tracing=tracing, has_alarms_topic=alarms)
    # "IAM and AWS STS quotas": the inline policies of a role.
    assert len(document) <= 10_240
    for statement in json.loads(document)["Statement"]:
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if "*" in action or "?" in action]
        for resource in set(statement["Resource"]) - {"*"}:
            _, partition, service, _, account, _ = resource.split(":", 5)
            assert partition == names.partition
            assert account == ("" if service == "s3" else names.account)


# The topic of events


def test_the_function_is_subscribed_to_events_and_only_that_topic_may_invoke_it() -> None:
    deployment = deployed("prod")
    subscription = deployment.the(SUBSCRIPTION, "ccapi-reporter")
    assert (subscription.inputs["protocol"], subscription.inputs["topic"]) == ("lambda", EVENTS)
    assert subscription.inputs["endpoint"] == names_of("prod").reporter_arn
    assert "filterPolicy" not in subscription.inputs
    queue = MADE("sqs/queue:Queue", "ccapi-notifier")
    assert json.loads(subscription.inputs["redrivePolicy"]) == {"deadLetterTargetArn": queue}
    assert deployment.the(PERMISSION).inputs == {
        "action": "lambda:InvokeFunction",
        "function": names_of("prod").reporter,
        "principal": "sns.amazonaws.com",
        "sourceArn": EVENTS,
        "statementId": "events",
    }


def test_the_function_is_subscribed_once_it_may_be_invoked() -> None:
    deployment = deployed("prod")
    (permission,) = (urn for urn, item in deployment.resources.items() if item.type == PERMISSION)
    assert permission in deployment.the(SUBSCRIPTION, "ccapi-reporter").depends_on


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_endpoint_is_known_before_the_function_exists(environment: str) -> None:
    subscription = previewed(environment).the(SUBSCRIPTION, "ccapi-reporter").inputs
    assert subscription["endpoint"] == names_of(environment).reporter_arn


def test_only_the_function_is_subscribed_to_events() -> None:
    subscriptions = with_every_channel().of_type(SUBSCRIPTION)
    assert [item.name for item in subscriptions if item.inputs["topic"] == EVENTS] == ["ccapi-reporter"]


def test_policies_see_how_long_and_with_how_much_memory_it_runs() -> None:
    inputs = deployed("prod").the("ccapi:components:Reporter").inputs
    assert (inputs["timeoutSeconds"], inputs["memoryMib"]) == (60, 256)
    shown = json.dumps(with_every_channel().the("ccapi:components:Reporter").inputs)
    assert not [value for value in STAND_INS.values() if value in shown]
    assert "@" not in shown


# The settings


def environment_of(deployment: Deployment) -> dict[str, str]:
    variables: dict[str, str] = function_of(deployment)["environment"]["variables"]
    assert variables.keys() == {SETTINGS_VARIABLE}
    return variables


def load(
    values: dict[str, Any], *secrets: str, project: str = "ccapi", environment: str = "prod"
) -> Settings:
    return Settings.load(
        project=project,
        environment=environment,
        region="us-gov-west-1" if len(project) > 50 else "us-east-1",
        values={**values, **{key: STAND_INS[key] for key in secrets}},
        encrypted=secrets,
    )


def written(settings: Settings) -> str:
    """Return the settings in the function's environment."""
    return compact_json(reporter_settings(settings, Names.of(settings)))


def test_the_variable_is_the_one_that_the_reporter_reads() -> None:
    assert SETTINGS_VARIABLE == VARIABLE


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_reporter_reads_the_names_of_the_stack(environment: str) -> None:
    read, names = ReporterSettings.read(environment_of(deployed(environment))), names_of(environment)
    settings = settings_of(environment)
    assert (read.project, read.environment, read.aws_region) == ("ccapi", environment, "us-east-1")
    assert (read.machine_arn, read.watch_arn) == (names.machine_arn, names.watch_arn)
    assert read.success_topic_arn == names.topic_arn("success")
    assert read.failure_topic_arn == names.topic_arn("failure")
    assert read.alarms_topic_arn == ""
    assert read.undelivered_queue_url == (
        f"https://sqs.us-east-1.amazonaws.com/{names.account}/{names.message_queue}"
    )
    assert (read.reports_bucket, read.cache_bucket) == (names.bucket("reports"), names.bucket("cache"))
    assert (read.worker_log_group, read.schedule_queue) == (names.worker_log_group, names.schedule_queue)
    assert read.watch_queue == names.watch_queue
    assert (read.console, read.dashboard_url) == (names.console, names.dashboard_url)
    assert read.timeout_seconds == settings.run.timeout_seconds
    assert read.missed_after_hours == settings.schedule.missed_after_hours
    assert read.resumes is settings.takes_regions
    assert 1 <= len(read.worker_sizes) <= 2
    assert (read.contact, read.secret_id) == ("", "")
    assert read.channels.keys() == {"email"}


def test_every_field_is_filled_and_no_other_is_written() -> None:
    deployment = deploy(
        "prod",
        secrets=STAND_INS,
        notifications={
            **values_of("prod")["notifications"],
            "contact": "the data team",
            "alarmEmails": ["a@example.com"],
            "docsUrl": "https://example.com",
        },
        schedule={"everyWeeks": 2, "anchorWeek": "2026-11-23"},
    )
    document = json.loads(environment_of(deployment)[SETTINGS_VARIABLE])
    assert document.keys() == {field.name for field in fields(ReporterSettings)}
    # The program of prod cannot resume, so that the field for it is set too.
    assert [name for name, value in document.items() if value in ("", [], {}, None)] == []
    read = ReporterSettings.read({VARIABLE: json.dumps(document)})
    assert {name: getattr(read, name) for name in document} == {
        **document,
        "worker_sizes": tuple(document["worker_sizes"]),
    }
    assert read.contact == "the data team"
    assert read.secret_id == names_of("prod").secret(CHANNELS)
    assert read.channels.keys() == {"email", "slack", "pagerduty", "webhook"}


@pytest.mark.parametrize(
    ("secrets", "notifications", "channels"),
    [
        ((), {}, {"email"}),
        (("slackWebhookUrl",), {}, {"email", "slack"}),
        (("pagerDutyRoutingKey",), {}, {"email", "pagerduty"}),
        (WEBHOOK, {"webhook": {"occasions": ["failed"]}}, {"email", "webhook"}),
    ],
)
def test_a_channel_is_configured_if_its_credential_is_set(
    secrets: tuple[str, ...], notifications: dict[str, Any], channels: set[str]
) -> None:
    deployment = with_notifications("prod", *secrets, **notifications)
    read = ReporterSettings.read(environment_of(deployment))
    assert read.channels.keys() == channels
    assert all(configuration["occasions"] for configuration in read.channels.values())
    assert bool(read.secret_id) is bool(secrets)


def test_the_channels_are_those_that_the_reporter_has_a_module_for() -> None:
    settings = load({**values_of("prod"), "notifications": full_notifications()}, *STAND_INS)
    for channel in json.loads(written(settings))["channels"]:
        assert f"reporter/channels/{channel}.py" in modules()


def test_a_success_is_mailed_only_if_success_emails_are_set() -> None:
    bad = [str(occasion) for occasion in Occasion if occasion is not Occasion.SUCCEEDED]
    for emails, expected in (([], set(bad)), (["reports@example.com"], {"succeeded", *bad})):
        settings = settings_of("dev", notifications={"successEmails": emails})
        found = json.loads(written(settings))["channels"]["email"]["occasions"]
        assert (set(found), len(found)) == (expected, len(expected))


def test_a_worker_of_the_largest_size_is_named_once() -> None:
    largest = settings_of("dev", worker={"size": None, "cpuUnits": 16384, "memoryMib": 122880})
    assert json.loads(written(largest))["worker_sizes"] == ["16 vCPU with 120 GB"]


@pytest.mark.parametrize(
    ("cpu_units", "memory_mib", "sizes"),
    [
        (256, 512, ["0.25 vCPU with 0.5 GB", "0.25 vCPU with 1 GB"]),
        (512, 1024, ["0.5 vCPU with 1 GB", "0.5 vCPU with 2 GB"]),
        (2048, 4096, ["2 vCPU with 4 GB", "2 vCPU with 8 GB"]),
    ],
)
def test_sizes_are_written_as_people_say_them(cpu_units: int, memory_mib: int, sizes: list[str]) -> None:
    worker = {"size": None, "cpuUnits": cpu_units, "memoryMib": memory_mib}
    assert json.loads(written(settings_of("dev", worker=worker)))["worker_sizes"] == sizes


def test_no_secret_is_among_the_settings() -> None:
    text = function_of(with_every_channel())
    assert not [value for value in STAND_INS.values() if value in json.dumps(text)]
    assert "example.com" not in json.dumps(function_of(deployed("prod")))


def full_notifications(*, contact: str = "x" * 200) -> dict[str, Any]:
    """Return notifications with every setting that the reporter gets, each of maximum length."""
    every = [str(occasion) for occasion in Occasion]
    return {
        "failureEmails": ["alerts@example.com"],
        "successEmails": ["reports@example.com"],
        "contact": contact,
        "docsUrl": "https://".ljust(100, "x"),
        "slack": {"occasions": every, "mention": f"<@{'A' * 97}>"},
        "pagerDuty": {
            "occasions": ["partial", "failed", "missed", "alarm"],
            "severity": max(Severity, key=len),
            "url": "https://".ljust(100, "x"),
        },
        "webhook": {"occasions": every},
    }


def bytes_of(text: str) -> int:
    return len(SETTINGS_VARIABLE) + len(text.encode())


@pytest.mark.parametrize("letter", ["x", '"', "\\", "\N{LATIN SMALL LETTER U WITH DIAERESIS}", "\N{ROCKET}"])
def test_the_longest_settings_are_below_4_kb(letter: str) -> None:
    notifications = full_notifications(contact=letter * 200)
    worker = {"workload": "command", "cpuUnits": 8192, "memoryMib": 61440}
    values = {**values_of("prod"), "notifications": notifications, "worker": worker}
    text = written(load(values, *STAND_INS, project="P" * 100, environment="E" * 100))
    assert bytes_of(text) <= MAX_ENVIRONMENT_BYTES
    assert ReporterSettings.read({VARIABLE: text}).contact == letter * 200


@given(
    project=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
    environment=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True),
    contact=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200),
)
def test_the_reporter_reads_back_its_written_settings_for_all_names(
    project: str, environment: str, contact: str
) -> None:
    values = {**values_of("prod"), "notifications": full_notifications(contact=contact)}
    settings = load(values, *STAND_INS, project=project, environment=environment)
    text = written(settings)
    assert bytes_of(text) <= MAX_ENVIRONMENT_BYTES
    read = ReporterSettings.read({VARIABLE: text})
    assert (read.project, read.environment, read.contact) == (project, environment, contact)
