from datetime import UTC, datetime, timedelta

import pytest

from components.pipeline import Pipeline
from components.resources.base import PipelineComponent
from components.scheduled_job import ScheduledFargateJob, next_step
from components.settings import STAND_INS
from components.settings.names import Names
from components.settings.next_starts import skipped_starts
from components.settings.schedule import Schedule
from tests.components.deployment import STACK, deploy, deployed, previewed
from tests.components.guardrails import unknown_to_guardrails
from tests.stacks import ENVIRONMENTS, REGION_NAMES, settings_of, values_of

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PROVIDER = "pulumi:providers:aws"
COMPONENT = "ccapi:components:"
MACHINE, SCHEDULE = "aws:sfn/stateMachine:StateMachine", "aws:scheduler/schedule:Schedule"
IMAGE = "111111111111.dkr.ecr.us-east-1.amazonaws.com/ccapi-monitor-dev:2026-11-23"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_pipeline_stands_alone_below_its_stack(environment: str) -> None:
    at_the_top = [
        item.type for item in deployed(environment).resources.values() if f"::{STACK}::" in item.parent
    ]
    assert sorted(at_the_top) == ["ccapi:components:Pipeline", PROVIDER]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_resource_belongs_to_a_component(environment: str) -> None:
    resources = deployed(environment).resources
    for item in resources.values():
        if item.type.startswith("aws:"):
            parent = resources[item.parent]
            assert parent.type.startswith(COMPONENT), item
            assert item.name == parent.name or item.name.startswith(f"{parent.name}-"), item


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_part_belongs_to_the_pipeline(environment: str) -> None:
    deployment = deployed(environment)
    parts = [item for item in deployment.resources.values() if item.type.startswith(COMPONENT)]
    owners = {deployment.resources[item.parent].type for item in parts if item.parent in deployment.resources}
    assert owners == {"ccapi:components:Pipeline"}
    assert {item.type.removeprefix(COMPONENT) for item in parts} == {
        part.__name__
        for part in (*PipelineComponent.__subclasses__(), Pipeline)
        if part is not ScheduledFargateJob
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_everything_goes_through_the_one_provider(environment: str) -> None:
    deployment = deployed(environment)
    provider = deployment.the(PROVIDER)
    for item in deployment.resources.values():
        if item.type.startswith("aws:"):
            assert f"{PROVIDER}::{provider.name}::" in item.provider


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_preview_and_a_deployment_have_the_same_resources(environment: str) -> None:
    assert set(previewed(environment).resources) == set(deployed(environment).resources)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_properties_that_guardrails_read_are_known_before_anything_exists(environment: str) -> None:
    resources = [item for item in previewed(environment).resources.values() if item.type.startswith("aws:")]
    assert unknown_to_guardrails((item.type, item.inputs) for item in resources) == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_plan_of_a_machine_is_the_machine_that_is_created(environment: str) -> None:
    for name in ("ccapi-machine", "ccapi-watch"):
        before, after = (
            stack.the(MACHINE, name) for stack in (previewed(environment), deployed(environment))
        )
        assert before.inputs["definition"] == after.inputs["definition"]


@pytest.mark.parametrize("preview", [True, False])
def test_the_properties_that_guardrails_read_of_every_channel_are_known_too(preview: bool) -> None:
    notifications = {
        **values_of("prod")["notifications"],
        "webhook": {"occasions": ["failed"]},
        "reservedConcurrency": 5,
    }
    deployment = deploy("prod", preview=preview, secrets=STAND_INS, notifications=notifications)
    resources = [item for item in deployment.resources.values() if item.type.startswith("aws:")]
    assert unknown_to_guardrails((item.type, item.inputs) for item in resources) == []


def test_policies_see_how_much_a_run_does() -> None:
    pipeline = deployed("prod").the("ccapi:components:Pipeline")
    assert pipeline.inputs == {"environment": "prod", "regions": len(REGION_NAMES), "shards": 1}


@pytest.mark.parametrize("type_", ["aws:s3/bucket:Bucket", "aws:ecr/repository:Repository"])
def test_only_disposable_stacks_delete_buckets_and_repositories_with_their_content(type_: str) -> None:
    key = "forceDestroy" if "bucket" in type_ else "forceDelete"
    for environment, disposable in (("dev", True), ("local", True), ("prod", False)):
        for resource in deployed(environment).of_type(type_):
            assert resource.inputs[key] is disposable, (environment, resource.name)


# Stateful resources, which cannot be restored after they are deleted.
STATEFUL = {
    "aws:ecr/repository:Repository",
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
}


def test_prod_protects_and_retains_exactly_its_stateful_resources() -> None:
    credentials = {"slackWebhookUrl": STAND_INS["slackWebhookUrl"]}
    resources = deploy("prod", secrets=credentials).resources.values()
    stateful = [item for item in resources if item.type in STATEFUL]
    # The key, the repository, two buckets and two secrets.
    assert len(stateful) == 6
    assert [item for item in resources if item.protected] == stateful
    assert [item for item in resources if item.retained] == stateful


@pytest.mark.parametrize("environment", ["dev", "local"])
def test_a_disposable_stack_keeps_nothing(environment: str) -> None:
    resources = deployed(environment).resources.values()
    assert not [item.name for item in resources if item.protected or item.retained]


@pytest.mark.parametrize(
    ("environment", "changes", "text"),
    [
        (
            "prod",
            {},
            "Push an image to 222222222222.dkr.ecr.us-east-1.amazonaws.com/ccapi-monitor-prod "
            "and name it as ccapi:worker.image.",
        ),
        ("dev", {"image": IMAGE}, "Nothing starts by itself; start a run by hand, or enable the schedule."),
        (
            "local",
            {},
            "Nothing; the schedule starts the next runs at Mon 2026-11-30 06:00 (UTC); Mon 2026-12-07 06:00 (UTC); "
            "Mon 2026-12-14 06:00 (UTC).",
        ),
    ],
)
def test_the_next_step_depends_on_the_image_and_on_the_schedule(
    environment: str, changes: dict[str, str], text: str
) -> None:
    settings = settings_of(environment, worker=changes)
    assert next_step(settings, Names.of(settings), NOW) == text


def test_the_next_starts_are_shown_in_the_zone_and_in_utc_until_one_has_passed() -> None:
    settings = settings_of("local", schedule={"timeZone": "Etc/GMT+7"})
    told = next_step(settings, Names.of(settings), NOW)
    assert "Mon 2026-11-30 06:00 (Etc/GMT+7, UTC−7) = Mon 2026-11-30 13:00 UTC" in told
    # Two previews between two starts have the same text.
    start = datetime(2026, 11, 30, 13, tzinfo=UTC)
    assert next_step(settings, Names.of(settings), start - timedelta(seconds=1)) == told
    assert next_step(settings, Names.of(settings), start) != told


@pytest.mark.parametrize("expression", ["cron(30 2 ? 3 SUN 2027)", "cron(30 2 27,28 3 ? 2027)"])
def test_a_last_start_that_the_clocks_skip_is_warned_of_too(expression: str) -> None:
    settings = settings_of("local", schedule={"expression": expression, "timeZone": "Europe/Berlin"})
    (warning,) = skipped_starts(settings.schedule, NOW)
    assert "skips that start; there is none after it." in warning


def test_a_start_that_the_clocks_skip_is_warned_of() -> None:
    schedule = Schedule(expression="cron(30 2 * * ? *)", time_zone="Europe/Berlin")
    (warning,) = skipped_starts(schedule, NOW)
    assert "go forward over Sun 2027-03-28 02:30" in warning
    assert "the next one is Mon 2027-03-29 02:30 (Europe/Berlin, UTC+2) = Mon 2027-03-29 00:30 UTC" in warning


def test_a_schedule_without_an_image_starts_nothing() -> None:
    assert deployed("prod").the(SCHEDULE, "ccapi-scheduler").inputs["state"] == "DISABLED"


def test_a_schedule_with_an_image_starts() -> None:
    worker = {"workload": "command", "image": IMAGE}
    schedule = deploy("prod", worker=worker).the(SCHEDULE, "ccapi-scheduler")
    assert schedule.inputs["state"] == "ENABLED"


@pytest.mark.parametrize("schedule", [{"paused": True}, {"preset": "on-demand"}])
def test_a_disabled_schedule_stays_disabled_with_an_image(schedule: dict[str, object]) -> None:
    worker = {"workload": "command", "image": IMAGE}
    found = deploy("prod", worker=worker, schedule=schedule).the(SCHEDULE, "ccapi-scheduler")
    assert found.inputs["state"] == "DISABLED"
