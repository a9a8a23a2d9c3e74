import json
import re
from pathlib import Path

import botocore.session
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.resources.notifier import TOPICS
from components.resources.secrets import CHANNELS
from components.settings import Settings, SettingsError
from components.settings.names import Names, fitted, partition_of
from tests.stacks import names_of, values_of

RULES = json.loads((Path(__file__).parent / "aws_name_rules.json").read_text(encoding="utf-8"))

ACCOUNT = "111111111111"

# The names that Pulumi allows for projects and stacks. Source: "Projects" and "Stacks" in Pulumi's
# documentation.
PULUMI_NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", fullmatch=True)
NAMES = st.builds(
    Names,
    project=PULUMI_NAME,
    environment=PULUMI_NAME,
    region=st.sampled_from(["us-east-1", "cn-north-1", "us-gov-west-1"]),
    account=st.from_regex(r"[0-9]{12}", fullmatch=True),
)


ROLES = (
    "reporter",
    "scheduler",
    "step-functions",
    "watch",
    "watch-events",
    "watch-scheduler",
    "worker",
    "worker-start",
)


def everything(names: Names) -> list[tuple[str, str]]:
    """Return every name in a stack, with the kind of the named resource."""
    return [
        ("budget", names.resource_name("monthly")),
        ("cloudwatch alarm", names.resource_name("executions-nearly-out-of-time")),
        ("cloudwatch dashboard", names.dashboard),
        ("ecr repository", names.worker_family),
        ("ecs cluster", names.cluster),
        ("ecs task definition family", names.worker_family),
        *(("event rule", names.rule(what)) for what in ("execution-ended", "task-stopped")),
        *(("iam role", names.role(whose)) for whose in ROLES),
        ("kms alias", names.key_alias),
        ("lambda function", names.reporter),
        ("log group", names.machine_log_group(names.machine)),
        ("log group", names.machine_log_group(names.watch)),
        ("log group", names.reporter_log_group),
        ("log group", names.worker_log_group),
        *(("s3 bucket", names.bucket(what)) for what in ("cache", "reports")),
        ("schedule", names.schedule),
        ("schedule", names.watch_schedule),
        ("schedule group", names.schedule_group),
        *(("secret", names.secret(what)) for what in ("gee-credentials", CHANNELS)),
        *(("sns topic", names.topic(what)) for what in TOPICS),
        ("sqs queue", names.message_queue),
        ("sqs queue", names.schedule_queue),
        ("sqs queue", names.watch_queue),
        ("ssm parameter", names.run_settings),
        ("state machine", names.machine),
        ("state machine", names.watch),
    ]


def test_prod_has_the_names_of_the_guide() -> None:
    names = names_of("prod")
    assert names.machine == "ccapi-weekly-monitoring-prod"
    assert names.cluster == "ccapi-cluster-prod"
    assert names.worker_family == "ccapi-monitor-prod"
    assert names.schedule == "ccapi-weekly-schedule-prod"
    assert names.role("step-functions") == "ccapi-step-functions-prod"
    assert names.dashboard == "CloudClearingAPI-prod"
    assert names.worker_log_group == "/aws/ecs/ccapi-prod"


def test_a_bucket_carries_the_account() -> None:
    assert names_of("prod").bucket("reports") == "ccapi-reports-prod-222222222222"


@given(NAMES)
@example(Names("aws-monitoring", "prod", "us-east-1", ACCOUNT))
@example(Names("SSM", "prod", "us-east-1", ACCOUNT))
@example(Names("sthree", "prod", "us-east-1", ACCOUNT))
@example(Names("amzn-s3-demo", "prod", "us-east-1", ACCOUNT))
@example(Names("p" * 100, "e" * 100, "us-east-1", ACCOUNT))
def test_every_name_is_one_that_its_service_takes(names: Names) -> None:
    for kind, name in everything(names):
        assert re.fullmatch(RULES[kind]["form"], name), (kind, name)


@given(NAMES)
def test_no_two_things_of_a_kind_share_a_name(names: Names) -> None:
    for kind in RULES:
        of_a_kind = [name for what, name in everything(names) if what == kind]
        assert len(of_a_kind) == len(set(of_a_kind)), of_a_kind


def test_every_rule_is_tried() -> None:
    assert {kind for kind, _ in everything(names_of("dev"))} == set(RULES)


@given(st.text("abc-", min_size=1, max_size=100), st.integers(10, 80))
def test_a_fitted_name_is_never_too_long_and_a_short_one_is_left_alone(name: str, most: int) -> None:
    assert len(fitted(name, most)) <= most
    if len(name) <= most:
        assert fitted(name, most) == name


def test_long_names_that_differ_only_at_their_end_stay_different() -> None:
    assert fitted("x" * 100 + "a", 64) != fitted("x" * 100 + "b", 64)


def test_a_cut_name_does_not_end_in_two_hyphens() -> None:
    assert "--" not in fitted("a" * 56 + "-" + "b" * 20, 64)


@given(NAMES)
def test_every_arn_is_in_the_stacks_partition(names: Names) -> None:
    arns = [
        names.machine_arn,
        names.watch_arn,
        names.rule_arn("task-stopped"),
        names.cluster_arn,
        names.role_arn("worker"),
        names.bucket_arn("cache"),
        names.topic_arn("success"),
        names.reporter_arn,
        names.run_settings_arn,
    ]
    assert {arn.split(":")[1] for arn in arns} == {partition_of(names.region)}


def test_a_bucket_arn_names_neither_region_nor_account() -> None:
    assert names_of("dev").bucket_arn("cache") == "arn:aws:s3:::ccapi-cache-dev-111111111111"


def test_the_parameters_arn_has_one_slash_before_its_name() -> None:
    assert names_of("dev").run_settings_arn.endswith(":parameter/ccapi/dev/run-settings")


def regions_of_aws() -> list[tuple[str, str]]:
    session = botocore.session.get_session()
    return [
        (region, partition)
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("stepfunctions", partition, allow_non_regional=False)
    ]


@pytest.mark.parametrize(("region", "partition"), regions_of_aws())
def test_a_region_is_in_its_partition_or_is_refused(region: str, partition: str) -> None:
    try:
        Settings.load(project="ccapi", environment="dev", region=region, values=values_of("dev"))
    except SettingsError:
        assert partition not in {"aws", "aws-cn", "aws-us-gov"}
    else:
        assert partition_of(region) == partition


@pytest.mark.parametrize(
    ("region", "console"),
    [
        ("eu-central-1", "https://eu-central-1.console.aws.amazon.com"),
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_is_that_of_the_partition(region: str, console: str) -> None:
    assert Names("ccapi", "prod", region, ACCOUNT).console == console
