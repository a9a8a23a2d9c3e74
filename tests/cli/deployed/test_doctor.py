import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.doctor.check import Check, Context, Finding, Verdict, results
from cli.doctor.registry import CHECKS
from cli.errors import OperatorError
from guardrails.cost.prices.table import table
from local.run.service_account import _OPENS_NOTHING as ACCOUNT
from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import ACCOUNT as ACCOUNT_ID
from tests.cli.deployed.deployment import RUN, Deployment, push_image

NOW = datetime.now(UTC)
BY_NAME = {check.name: check for check in CHECKS}
# Those that moto has no answer for, and one that depends on the day.
TESTED_ALONE = {"roles", "quotas", "prices"}


@pytest.fixture
def healthy(deployment: Deployment) -> Deployment:
    """Return a stack that is in order: its last run succeeded an hour ago, its secret is set and its image pushed."""
    push_image(deployment, "2026-11-23")
    deployment.client("secretsmanager").put_secret_value(
        SecretId=deployment.stack["gee_credentials_secret_arn"], SecretString=json.dumps(ACCOUNT)
    )
    put(deployment, "state/last-success.json", {"run": RUN, "at": (NOW - timedelta(hours=1)).isoformat()})
    # moto gives a service-linked role another name.
    deployment.client("iam").create_role(RoleName="AWSServiceRoleForECS", AssumeRolePolicyDocument="{}")
    return deployment


def put(deployment: Deployment, key: str, body: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    deployment.client("s3").put_object(Bucket=deployment.stack["s3_cache_bucket"], Key=key, Body=text)


def finding(deployment: Deployment, name: str) -> Finding:
    [result] = results([BY_NAME[name]], Context(deployment.stack, NOW))
    return result.finding


def test_a_healthy_stack_is_ok(healthy: Deployment) -> None:
    asked = [check for check in CHECKS if check.name not in TESTED_ALONE]
    for result in results(asked, Context(healthy.stack, NOW)):
        assert result.finding.verdict is Verdict.OK, result
        assert result.finding.remedy == ""


def test_checks_have_distinct_names() -> None:
    assert len(BY_NAME) == len(CHECKS)


# Faults, each with the check that finds it and its verdict.


def pause(deployment: Deployment) -> None:
    scheduler, names = deployment.client("scheduler"), deployment.names
    set_state(scheduler, names.schedule, names.schedule_group)


def pause_watch(deployment: Deployment) -> None:
    scheduler, names = deployment.client("scheduler"), deployment.names
    set_state(scheduler, names.watch_schedule, names.schedule_group)


def set_state(scheduler: Any, name: str, group: str) -> None:
    found = scheduler.get_schedule(Name=name, GroupName=group)
    kept = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    scheduler.update_schedule(**{field: found[field] for field in kept}, State="DISABLED")


def disable_rule(deployment: Deployment) -> None:
    deployment.client("events").disable_rule(Name=deployment.names.rule("task-stopped"))


def delete_rule(deployment: Deployment) -> None:
    events, rule = deployment.client("events"), deployment.names.rule("execution-ended")
    events.remove_targets(Rule=rule, Ids=["watch"])


def delete_machine(deployment: Deployment) -> None:
    deployment.client("stepfunctions").delete_state_machine(
        stateMachineArn=deployment.stack["watch_state_machine_arn"]
    )


def delete_settings(deployment: Deployment) -> None:
    deployment.client("ssm").delete_parameter(Name=deployment.names.run_settings)


def damage_settings(deployment: Deployment) -> None:
    deployment.client("ssm").put_parameter(Name=deployment.names.run_settings, Value="{", Overwrite=True)


def deregister(deployment: Deployment) -> None:
    deployment.client("ecs").deregister_task_definition(
        taskDefinition=deployment.stack["ecs_task_definition_arn"]
    )


def damage_claim(deployment: Deployment) -> None:
    put(deployment, "claims/active", "not json")


def delete_cluster(deployment: Deployment) -> None:
    deployment.client("ecs").delete_cluster(cluster=deployment.names.cluster)


def delete_image(deployment: Deployment) -> None:
    deployment.client("ecr").batch_delete_image(
        repositoryName=deployment.names.worker_family, imageIds=[{"imageTag": "2026-11-23"}]
    )


def remove_route(deployment: Deployment) -> None:
    ec2 = deployment.client("ec2")
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [deployment.stack["vpc_id"]]}])
    for found in tables["RouteTables"]:
        if any("GatewayId" in route and route["GatewayId"].startswith("igw") for route in found["Routes"]):
            ec2.delete_route(RouteTableId=found["RouteTableId"], DestinationCidrBlock="0.0.0.0/0")


def close_security_group(deployment: Deployment) -> None:
    ec2 = deployment.client("ec2")
    [group] = ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [deployment.stack["vpc_id"]]},
            {"Name": "group-name", "Values": ["worker"]},
        ]
    )["SecurityGroups"]
    ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])


def delete_role(deployment: Deployment) -> None:
    deployment.client("iam").delete_role(RoleName=deployment.names.role("watch"))


def damage_secret(deployment: Deployment) -> None:
    deployment.client("secretsmanager").put_secret_value(
        SecretId=deployment.stack["gee_credentials_secret_arn"], SecretString="file://key.json"
    )


def disable_key(deployment: Deployment) -> None:
    deployment.client("kms").disable_key(KeyId=deployment.stack["kms_key_id"])


def delete_key(deployment: Deployment) -> None:
    deployment.client("kms").schedule_key_deletion(KeyId=deployment.stack["kms_key_id"])


def change_key_policy(change: Callable[[list[Any]], list[Any]]) -> Callable[[Deployment], None]:
    def apply(deployment: Deployment) -> None:
        kms, key = deployment.client("kms"), deployment.stack["kms_key_id"]
        policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        changed = {**policy, "Statement": change(policy["Statement"])}
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(changed))

    return apply


without_alarms = change_key_policy(lambda all_: [each for each in all_ if each["Sid"] != "AlarmsToTopics"])
condition_on_events = change_key_policy(
    lambda all_: [
        {**each, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}}
        if each["Sid"] == "EventsToQueues"
        else each
        for each in all_
    ]
)


def delete_bucket(deployment: Deployment) -> None:
    deployment.client("s3").delete_bucket(Bucket=deployment.stack["s3_reports_bucket"])


def expose_bucket(deployment: Deployment) -> None:
    deployment.client("s3").delete_public_access_block(Bucket=deployment.stack["s3_reports_bucket"])


def decrypt_bucket(deployment: Deployment) -> None:
    deployment.client("s3").delete_bucket_encryption(Bucket=deployment.stack["s3_reports_bucket"])


def unsubscribe(deployment: Deployment) -> None:
    sns = deployment.client("sns")
    for each in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def lose_a_start(deployment: Deployment) -> None:
    deployment.put("dlq_url", {"scheduled_time": "2026-11-30T06:00:00Z"})


def log_an_error(deployment: Deployment) -> None:
    logs, group = deployment.client("logs"), f"/aws/lambda/{deployment.names.reporter}"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    line = json.dumps({"level": "ERROR", "message": "not delivered", "channel": "slack", "why": "HTTP 404"})
    at = int(NOW.timestamp() * 1000) - 60_000
    logs.put_log_events(
        logGroupName=group,
        logStreamName="s",
        logEvents=[{"timestamp": at, "message": line}, {"timestamp": at, "message": "START RequestId: x"}],
    )


def ring(deployment: Deployment) -> None:
    deployment.client("cloudwatch").set_alarm_state(
        AlarmName=deployment.names.resource_name("success-missed"), StateValue="ALARM", StateReason="x"
    )


def delete_alarms(deployment: Deployment) -> None:
    cloudwatch = deployment.client("cloudwatch")
    found = cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]
    cloudwatch.delete_alarms(AlarmNames=[each["AlarmName"] for each in found])


def succeed_long_ago(deployment: Deployment) -> None:
    at = NOW - timedelta(hours=193)
    put(deployment, "state/last-success.json", {"run": RUN, "at": at.isoformat()})


def damage_last_success(deployment: Deployment) -> None:
    put(deployment, "state/last-success.json", "[]")


def forget_last_success(deployment: Deployment) -> None:
    deployment.client("s3").delete_object(
        Bucket=deployment.stack["s3_cache_bucket"], Key="state/last-success.json"
    )


def delete_topic(deployment: Deployment) -> None:
    deployment.client("sns").delete_topic(TopicArn=deployment.stack["pipeline_alarms_topic_arn"])


def delete_queue(deployment: Deployment) -> None:
    deployment.client("sqs").delete_queue(QueueUrl=deployment.stack["watch_dlq_url"])


def delete_schedule(deployment: Deployment) -> None:
    deployment.client("scheduler").delete_schedule(
        Name=deployment.names.schedule, GroupName=deployment.names.schedule_group
    )


def delete_repository(deployment: Deployment) -> None:
    deployment.client("ecr").delete_repository(repositoryName=deployment.names.worker_family, force=True)


def delete_function(deployment: Deployment) -> None:
    deployment.client("lambda").delete_function(FunctionName=deployment.names.reporter)


FAULTS = [
    ("subscriptions", delete_topic, Verdict.FAIL),
    ("dead-letter-queues", delete_queue, Verdict.FAIL),
    ("schedule", delete_schedule, Verdict.FAIL),
    ("image", delete_repository, Verdict.FAIL),
    ("reporter", delete_function, Verdict.FAIL),
    ("schedule", pause, Verdict.WARN),
    ("watch-triggers", pause_watch, Verdict.FAIL),
    ("watch-triggers", disable_rule, Verdict.FAIL),
    ("watch-triggers", delete_rule, Verdict.FAIL),
    ("state-machines", delete_machine, Verdict.FAIL),
    ("run-settings", delete_settings, Verdict.FAIL),
    ("run-settings", damage_settings, Verdict.FAIL),
    ("run-settings", deregister, Verdict.FAIL),
    ("claim", damage_claim, Verdict.FAIL),
    ("cluster", delete_cluster, Verdict.FAIL),
    ("image", delete_image, Verdict.FAIL),
    ("network", remove_route, Verdict.FAIL),
    ("network", close_security_group, Verdict.FAIL),
    ("roles", delete_role, Verdict.FAIL),
    ("secrets", damage_secret, Verdict.FAIL),
    ("key", disable_key, Verdict.FAIL),
    ("key", delete_key, Verdict.FAIL),
    ("key", without_alarms, Verdict.FAIL),
    ("key", condition_on_events, Verdict.FAIL),
    ("buckets", delete_bucket, Verdict.FAIL),
    ("buckets", expose_bucket, Verdict.WARN),
    ("buckets", decrypt_bucket, Verdict.WARN),
    ("subscriptions", unsubscribe, Verdict.FAIL),
    ("dead-letter-queues", lose_a_start, Verdict.FAIL),
    ("reporter", log_an_error, Verdict.WARN),
    ("alarms", ring, Verdict.FAIL),
    ("alarms", delete_alarms, Verdict.FAIL),
    ("last-success", succeed_long_ago, Verdict.FAIL),
    ("last-success", damage_last_success, Verdict.FAIL),
    ("last-success", forget_last_success, Verdict.WARN),
]


@pytest.mark.parametrize(
    ("name", "fault", "verdict"), FAULTS, ids=[f"{name}: {fault.__name__}" for name, fault, _ in FAULTS]
)
def test_a_fault_is_found_with_its_remedy(
    healthy: Deployment, name: str, fault: Callable[[Deployment], None], verdict: Verdict
) -> None:
    fault(healthy)
    found = finding(healthy, name)
    assert found.verdict is verdict, found
    assert found.remedy.endswith(".")
    assert found.command


def test_every_check_but_the_outside_ones_has_a_fault() -> None:
    assert {name for name, *_ in FAULTS} == BY_NAME.keys() - {
        "credentials",
        "lost-starts",
        "prices",
        "quotas",
    }


# The simulation of policies and the quotas, which moto does not have.


def simulate(deployment: Deployment, monkeypatch: pytest.MonkeyPatch, denied: str = "") -> list[Any]:
    calls: list[Any] = []

    def answer(**arguments: Any) -> dict[str, Any]:
        calls.append(arguments)
        decisions = {True: "implicitDeny", False: "allowed"}
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": decisions[action == denied]}
                for action in arguments["ActionNames"]
            ]
        }

    monkeypatch.setattr(deployment.client("iam"), "simulate_principal_policy", answer)
    return calls


def test_roles_are_simulated_with_the_conditions_of_their_policies(
    healthy: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = simulate(healthy, monkeypatch)
    assert finding(healthy, "roles").verdict is Verdict.OK
    run = next(call for call in calls if "ecs:RunTask" in call["ActionNames"])
    assert run["ContextEntries"] == [
        {
            "ContextKeyName": "ecs:cluster",
            "ContextKeyType": "string",
            "ContextKeyValues": [healthy.stack["ecs_cluster_arn"]],
        }
    ]


def test_a_denied_call_names_the_role(healthy: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    simulate(healthy, monkeypatch, denied="ecs:RunTask")
    found = finding(healthy, "roles")
    assert found.verdict is Verdict.FAIL
    assert "the state machine: ecs:RunTask on " in found.seen


@pytest.mark.parametrize(("quota", "verdict"), [(2.0, Verdict.OK), (1.0, Verdict.FAIL)])
def test_the_quota_is_compared_with_all_shards(
    healthy: Deployment, monkeypatch: pytest.MonkeyPatch, quota: float, verdict: Verdict
) -> None:
    quotas = healthy.client("service-quotas")
    monkeypatch.setattr(quotas, "get_service_quota", lambda **_: {"Quota": {"Value": quota}})
    found = finding(healthy, "quotas")
    assert found.verdict is verdict
    assert "2 vCPU at once (2 shards)" in found.seen


# The run of all checks.


def test_a_check_that_raises_is_unknown_and_stops_no_other(deployment: Deployment) -> None:
    def defect(_: Context) -> Finding:
        raise ZeroDivisionError

    def refused(_: Context) -> Finding:
        raise OperatorError("the stack has no output", "type `pulumi up`")

    checks = [Check("defect", defect), Check("refused", refused), BY_NAME["prices"]]
    first, second, third = results(checks, Context(deployment.stack, NOW))
    assert (first.finding.verdict, second.finding.verdict) == (Verdict.UNKNOWN, Verdict.UNKNOWN)
    assert "ZeroDivisionError" in first.finding.seen
    assert second.finding.remedy == "Type `pulumi up`."
    assert third.finding.verdict is not Verdict.UNKNOWN


def test_a_denied_check_is_unknown(
    healthy: Deployment, ccapi: Ccapi, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(**_: Any) -> None:
        raise ClientError(
            {
                "Error": {
                    "Code": "AccessDenied",
                    "Message": "User is not authorized to perform: kms:DescribeKey",
                }
            },
            "DescribeKey",
        )

    monkeypatch.setattr(healthy.client("kms"), "describe_key", deny)
    [check] = ccapi("doctor", "key", "--json").json["checks"]
    assert (check["verdict"], check["seen"]) == (
        "unknown",
        "not known: DescribeKey: AccessDenied: User is not authorized to perform: kms:DescribeKey",
    )


def test_a_fault_makes_the_exit_code_one(healthy: Deployment, ccapi: Ccapi) -> None:
    assert ccapi("doctor", "key", "claim").code == 0
    disable_key(healthy)
    examined = ccapi("doctor", "key", "claim")
    assert examined.code == 1
    assert "aws kms enable-key" in examined.out


def test_only_the_check_of_a_missing_function_fails(healthy: Deployment, ccapi: Ccapi) -> None:
    delete_function(healthy)
    checks = {each["check"]: each for each in ccapi("doctor", "--json").json["checks"]}
    assert [name for name, each in checks.items() if each["verdict"] == "fail"] == ["reporter"]
    assert checks["alarms"]["verdict"] == "unknown"
    assert "does not exist" in checks["alarms"]["seen"]


@pytest.mark.usefixtures("healthy")
def test_all_checks_are_made(ccapi: Ccapi) -> None:
    document = ccapi("doctor", "--json").json
    assert [each["check"] for each in document["checks"]] == [check.name for check in CHECKS]
    assert sum(document["counts"].values()) == len(CHECKS)


def test_the_quota_of_spot_matters_only_to_a_stack_that_uses_it(
    healthy: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(*, QuotaCode: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - the name of AWS
        asked.append(QuotaCode)
        return {"Quota": {"Value": 100.0}}

    monkeypatch.setattr(healthy.client("service-quotas"), "get_service_quota", answer)
    # prod's program cannot resume, so it runs on demand.
    finding(healthy, "quotas")
    assert asked == ["L-3032A538"]


@pytest.mark.parametrize(("days", "verdict"), [(730, Verdict.OK), (731, Verdict.WARN)])
def test_old_prices_are_a_warning(deployment: Deployment, days: int, verdict: Verdict) -> None:
    oldest = min(price.as_of for price in table(deployment.stack.region).prices.values())
    at = datetime.combine(oldest + timedelta(days=days), time(tzinfo=UTC))
    [result] = results([BY_NAME["prices"]], Context(deployment.stack, at))
    assert result.finding.verdict is verdict


def test_an_unknown_check_is_refused(ccapi: Ccapi) -> None:
    assert ccapi("doctor", "keys").code == 2


def test_another_account_is_refused(
    deployment: Deployment, ccapi: Ccapi, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"Account": "999999999999"}
    monkeypatch.setattr(deployment.client("sts"), "get_caller_identity", lambda: other)
    refused = ccapi("doctor")
    assert refused.code == 4
    assert "999999999999" in refused.err
