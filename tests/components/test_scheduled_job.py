"""The generic job: a few typed arguments, checked like a stack file, and everything that a pipeline has."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

import components.resources.program_access
import worker.workloads.each.settings
from components.job_arguments import given_provider
from components.scheduled_job import ProgramPermission, ScheduledFargateJob, ScheduledFargateJobArgs
from tests.components.deployment import Deployment, previewed, registered
from tests.components.guardrails import unknown_to_guardrails

CONFIG = {"aws:region": "eu-central-1", "aws:allowedAccountIds": ["111111111111"], "shop:unrelated": "1"}
MACHINE, WORKER = "aws:sfn/stateMachine:StateMachine", "aws:ecs/taskDefinition:TaskDefinition"
IMAGE = "111111111111.dkr.ecr.eu-central-1.amazonaws.com/export:7"


def deployed(
    config: Mapping[str, Any] = CONFIG, *, opts: pulumi.ResourceOptions | None = None, **changes: Any
) -> Deployment:
    """Return what the five-line program registers, with changes to the arguments."""
    args: dict[str, Any] = {
        "program": ["python", "export.py", "{region}"],
        "items": ["berlin", "paris"],
        "emails": ["ops@example.com"],
        "schedule": "cron(0 2 * * ? *)",
        "image": IMAGE,
    }
    return registered(
        lambda: ScheduledFargateJob("nightly-export", ScheduledFargateJobArgs(**{**args, **changes}), opts),
        environment="dev",
        config=config,
        preview=True,
    )


def variables_of(deployment: Deployment) -> dict[str, str]:
    (container,) = json.loads(deployment.the(WORKER).inputs["containerDefinitions"])
    return {each["name"]: each["value"] for each in container["environment"]}


def test_a_job_brings_everything_that_a_pipeline_has() -> None:
    def types(deployment: Deployment) -> set[str]:
        return {item.type for item in deployment.resources.values()}

    job = types(deployed()) - {"ccapi:components:ScheduledFargateJob"}
    assert job == types(previewed("dev")) - {"ccapi:components:Pipeline"}


def test_nothing_that_a_guardrail_reads_is_unknown() -> None:
    resources = [item for item in deployed().resources.values() if item.type.startswith("aws:")]
    assert unknown_to_guardrails((item.type, item.inputs) for item in resources) == []


def test_items_reach_the_worker_in_its_task_definition() -> None:
    variables = variables_of(deployed(environment={"SHOP": "1"}))
    listed = {"title": "nightly-export", "regions": [{"name": "berlin"}, {"name": "paris"}]}
    assert json.loads(variables["ITEMS"]) == listed
    assert (variables["WORKLOAD"], variables["REGIONS_COUNT"], "CATALOG" in variables) == ("each", "2", False)
    program = json.loads(variables["EACH"])
    assert (program["program"][-1], program["environment"]) == ("{region}", {"SHOP": "1"})


SECRET = "arn:aws:secretsmanager:eu-central-1:111111111111:secret:shops/database-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-central-1:111111111111:parameter/shops/token"


def statements_of(deployment: Deployment, role: str) -> list[dict[str, Any]]:
    (policy,) = (
        item.inputs["policy"]
        for item in deployment.of_type("aws:iam/rolePolicy:RolePolicy")
        if item.name.endswith(role)
    )
    found: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return found


def test_a_program_gets_the_secrets_and_the_permissions_that_it_is_given() -> None:
    job = deployed(
        secrets={"DATABASE_URL": f"{SECRET}:url::", "SHARDS": pulumi.Output.from_input(PARAMETER)},
        permissions=[ProgramPermission(actions=["s3:PutObject"], resources=["arn:aws:s3:::shops/*"])],
    )
    (container,) = json.loads(job.the(WORKER).inputs["containerDefinitions"])
    assert container["secrets"] == [
        {"name": "PROGRAM_SECRET_DATABASE_URL", "valueFrom": f"{SECRET}:url::"},
        {"name": "PROGRAM_SECRET_SHARDS", "valueFrom": PARAMETER},
    ]
    program = json.loads(variables_of(job)["EACH"])
    assert (program["secrets"], program["usesAws"]) == (["DATABASE_URL", "SHARDS"], True)

    without = deployed()
    reads, writes = (
        [each for each in statements_of(job, role) if each not in statements_of(without, role)]
        for role in ("-worker-start", "-worker")
    )
    assert reads == [
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]},
        {"Effect": "Allow", "Action": ["ssm:GetParameters"], "Resource": [PARAMETER]},
    ]
    assert writes == [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::shops/*"]}]
    (bare,) = json.loads(without.the(WORKER).inputs["containerDefinitions"])
    assert "secrets" not in bare
    assert {"secrets", "usesAws"}.isdisjoint(json.loads(variables_of(without)["EACH"]))


def test_every_fault_of_secrets_and_permissions_is_reported_at_once() -> None:
    with pytest.raises(pulumi.RunError) as refused:
        deployed(
            environment={"TOKEN": "1"},
            secrets={"TOKEN": PARAMETER, "9": SECRET, "URL": "shops/database"},
            permissions=[
                ProgramPermission(actions="s3:PutObject", resources=[]),
                ProgramPermission(actions=["*"], resources=["*"]),
                {"actions": ["s3:PutObject"], "resources": ["*"]},
            ],
        )
    said = str(refused.value)
    for part in (
        "secrets['TOKEN']: is in environment too",
        "secrets['9']: is not a variable's name",
        "secrets['URL']: 'shops/database' is neither the ARN of a secret",
        "permissions[0].actions: 's3:PutObject' is not a list",
        "permissions[0].resources: is empty",
        "permissions[1].actions: has *, which is every action of AWS",
        "permissions[2]: is no permission; write ProgramPermission(",
    ):
        assert part in said


def test_a_list_of_secrets_and_one_permission_are_refused_without_a_traceback() -> None:
    with pytest.raises(pulumi.RunError) as refused:
        deployed(
            secrets=[SECRET],
            permissions=ProgramPermission(actions=["s3:PutObject"], resources=["arn:aws:s3:::shops/*"]),
        )
    assert "secrets: is no dict; write the ARN of each secret" in str(refused.value)
    assert "permissions: ProgramPermission(" in str(refused.value)


def test_the_task_definition_and_the_worker_use_the_same_prefix_for_secret_variables() -> None:
    assert (
        components.resources.program_access.VARIABLE_PREFIX == worker.workloads.each.settings.VARIABLE_PREFIX
    )


def test_a_catalog_is_a_file_with_the_list(tmp_path: Path) -> None:
    (tmp_path / "shops.json").write_text('["rome", {"name": "oslo", "labels": {"country": "Norway"}}]')
    variables = variables_of(deployed(items=(), catalog=tmp_path / "shops.json"))
    assert json.loads(variables["ITEMS"])["regions"] == [
        {"name": "rome"},
        {"name": "oslo", "labels": {"country": "Norway"}},
    ]


def test_a_catalog_of_the_image_is_named_among_the_settings() -> None:
    variables = variables_of(deployed(items=(), settings={"monitoring": {"catalog": "example"}}))
    assert (variables["CATALOG"], "ITEMS" in variables) == ("example", False)


def test_two_jobs_of_an_account_share_no_name_and_no_metric() -> None:
    names = {
        (item.type, item.inputs["name"])
        for item in deployed().resources.values()
        if item.type.startswith("aws:") and isinstance(item.inputs.get("name"), str)
    }
    others = {(item.type, item.inputs.get("name")) for item in previewed("dev").resources.values()}
    assert names
    assert not names & others
    assert "CloudClearingAPI" not in deployed().text


def test_the_provider_allows_only_the_job_s_account_and_sets_the_tag_of_the_budget_filter() -> None:
    provider = deployed().the("pulumi:providers:aws")
    assert provider.inputs["region"] == "eu-central-1"
    assert json.loads(provider.inputs["allowedAccountIds"]) == ["111111111111"]
    assert json.loads(provider.inputs["defaultTags"])["tags"]["Project"] == "nightly-export"


def test_a_provider_of_the_program_is_used_as_it_is() -> None:
    def program() -> None:
        provider = aws.Provider("mine", region="eu-central-1")
        args = ScheduledFargateJobArgs(program=["x"], items=["a"], emails=["a@example.com"])
        ScheduledFargateJob("export", args, pulumi.ResourceOptions(provider=provider))

    deployment = registered(program, environment="dev", config=CONFIG, preview=True)
    assert [item.name for item in deployment.of_type("pulumi:providers:aws")] == ["mine"]
    assert {item.provider.split("::")[3] for item in deployment.of_type(MACHINE)} == {"mine"}


def test_without_options_there_is_no_provider() -> None:
    assert given_provider(None) is None


@pytest.mark.parametrize(("minutes", "shards"), [(6, 1), (5, 2)])
def test_a_target_decides_the_number_of_workers_and_is_explained(
    minutes: int, shards: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(pulumi, "info", lambda text, _resource: logged.append(text))
    job = deployed(target_minutes=minutes)
    assert variables_of(job)["SHARDS"] == str(shards)
    assert job.the("ccapi:components:ScheduledFargateJob").inputs["shards"] == shards
    # Two regions of a minute, 60 s to start, 90 s for the validation and 70 s for the summary.
    expected = 6 if shards == 1 else 5
    assert logged[0] == (
        f"Shards: {shards}, the fewest for the target of {minutes} min; a run is expected to take {expected} min."
    )


def test_any_other_key_of_a_stack_file_is_a_setting() -> None:
    job = deployed(settings={"worker": {"size": "large"}, "budget": {"monthlyUsd": 5}})
    assert job.the(WORKER).inputs["cpu"] == "4096"
    assert job.the("aws:budgets/budget:Budget").inputs["limitAmount"] == "5"


def test_successes_are_for_the_same_addresses_unless_others_are_named() -> None:
    def topics(**changes: Any) -> list[str]:
        emails = deployed(**changes).of_type("aws:sns/topicSubscription:TopicSubscription")
        return sorted(item.inputs["endpoint"] for item in emails if item.inputs["protocol"] == "email")

    assert topics() == ["ops@example.com", "ops@example.com"]
    others = {"notifications": {"successEmails": ["boss@example.com"]}}
    assert topics(settings=others) == ["boss@example.com", "ops@example.com"]


def test_every_mistake_is_reported_at_once_by_the_name_of_its_argument() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deployed(
            items=["berlin", "Paris!"],
            image="export:latest",
            schedule="rate(1 day)",
            emails=[],
            program=[],
            shards=1,
            settings={"worker": {"shards": 2, "sise": "large"}, "budgett": {}},
        )
    lines = str(caught.value).splitlines()
    assert lines[0] == "ScheduledFargateJob nightly-export: 7 settings cannot be used:"
    keys = sorted(line.strip().partition(":")[0] for line in lines[1:])
    assert keys == [
        "emails",
        "image",
        "items.1.name",
        "schedule",
        "settings.budgett",
        "settings.worker.shards",
        "settings.worker.sise",
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"items": ()}, "settings.monitoring: has neither catalog nor items; write one of them"),
        ({"items": ["a", "a"]}, "duplicate items, a;"),
        ({"items": ["summary"]}, "items.0.name: 'summary' is the name of an object of the run itself"),
        (
            {"items": [f"item-{number:030}" for number in range(900)]},
            "30,000 that a task definition holds",
        ),
        ({"shards": 3}, "shards: 3 is more than the 2 regions"),
        (
            {"shards": 2, "target_minutes": 9},
            "target_minutes: 9 and worker.shards 2 both decide the number of workers; write one of them",
        ),
        (
            {"target_minutes": 4},
            "target_minutes: 4 is less than the 280 s that a run is expected to take in 2",
        ),
        (
            {"target_minutes": 9, "settings": {"worker": {"targetMinutes": 9}}},
            "settings.worker.targetMinutes: is given by target_minutes; take it out",
        ),
        ({"program": []}, "program: is missing, and the workload each runs it"),
        ({"catalog": Path("/nowhere.json")}, "catalog: is given beside items"),
        ({"items": (), "catalog": Path("/nowhere.json")}, "catalog: /nowhere.json cannot be read"),
        ({"account": "1"}, "account: '1' is not an account of twelve digits"),
        ({"settings": {"each": {"stallSeconds": 9000}}}, "settings.each.stallSeconds: 9000 is not below"),
        (
            {"settings": {"run": {"timeoutSeconds": 7200}}},
            "settings.run.timeoutSeconds: 7200 is shorter than all attempts together",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_remedy(changes: dict[str, Any], expected: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deployed(**changes)
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "value", "mistake"),
    [
        (
            "program",
            "python export.py {region}",
            "program: 'python export.py {region}' is not a list; write one, such as "
            "['python', 'export.py', '{region}']",
        ),
        ("emails", "a@b.example", "emails: 'a@b.example' is not a list; write one, such as ['a@b.example']"),
        ("items", "berlin", "items: 'berlin' is not a list; write one, such as ['berlin']"),
        ("environment", [("A", "b")], "environment: is not a group; write its names indented below it"),
        ("settings", "x", "settings: is not a group of settings; write a dict"),
    ],
)
def test_a_text_in_place_of_a_list_is_not_taken_for_its_letters(
    argument: str, value: Any, mistake: str
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        deployed(**{argument: value})
    assert str(caught.value) == f"ScheduledFargateJob nightly-export: 1 setting cannot be used:\n  {mistake}"


def test_items_may_be_generated() -> None:
    variables = variables_of(deployed(items=(f"shop-{number}" for number in range(2))))
    assert json.loads(variables["ITEMS"])["regions"] == [{"name": "shop-0"}, {"name": "shop-1"}]
