"""A kept stack and plain Pulumi: cost estimate, no-op update, no drift, and complete removal."""

import json
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.emulator.local_aws import eventually
from tests.local.run.bills import Run, agree
from tests.local.run.conftest import Checkout
from tests.local.run.kept import Kept, keep

# Every list of the local AWS that a stack could leave something in.
LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "budgets": ("describe_budgets", {"AccountId": "123456789012"}),
    "cloudwatch": ("describe_alarms", {}),
    "dashboards": ("list_dashboards", {}),
    "ec2": ("describe_vpcs", {"Filters": [{"Name": "is-default", "Values": ["false"]}]}),
    "ecr": ("describe_repositories", {}),
    "events": ("list_rules", {}),
    "iam": ("list_roles", {}),
    "kms": ("list_aliases", {}),
    "logs": ("describe_log_groups", {}),
    "s3": ("list_buckets", {}),
    "scheduler": ("list_schedules", {}),
    "schedule groups": ("list_schedule_groups", {}),
    "secretsmanager": ("list_secrets", {}),
    "sns": ("list_topics", {}),
    "sqs": ("list_queues", {"QueueNamePrefix": "ccapi"}),
    "ssm": ("describe_parameters", {}),
    "stepfunctions": ("list_state_machines", {}),
}
SERVICES = {"dashboards": "cloudwatch", "schedule groups": "scheduler"}


KEY = re.compile(r"AKIA[A-Z2-7]{32}")


@pytest.fixture(scope="module")
def kept(shared_checkout: Checkout) -> Iterator[Kept]:
    with keep(shared_checkout) as stack:
        yield stack


def test_access_keys_are_only_in_files_that_only_this_user_can_read(kept: Kept) -> None:
    state = kept.checkout.path / ".local"
    private = [state / name for name in ("credentials", "workspace", "state", "aws")]
    files = [path for path in kept.checkout.path.rglob("*") if path.is_file()]
    holding = [path for path in files if KEY.search(path.read_text("utf-8", errors="replace"))]

    assert {stat.S_IMODE(folder.stat().st_mode) for folder in private} == {0o700}
    assert [path for path in holding if not any(map(path.is_relative_to, private))] == []
    # The history of the engine too, though its folder is private already.
    assert {stat.S_IMODE(path.stat().st_mode) for path in holding} == {0o600}
    names = {path.name for path in holding if path.parent in private[:2]}
    assert names == {"developer.env", "developer.header", "agent.env", "Pulumi.local.yaml"}
    assert state / "aws" / "snapshot" in holding


def test_the_engines_state_has_no_access_key_in_clear(kept: Kept) -> None:
    exported = kept.pulumi("stack", "export").stdout
    assert '"accessKey"' in exported
    assert not KEY.search(exported)


def test_no_process_has_an_access_key_in_its_arguments(kept: Kept) -> None:
    processes = kept.checkout.processes()
    assert any("local.emulator" in line for line in processes)
    assert any("local.agent" in line for line in processes)
    assert not [line for line in processes if KEY.search(line)]


def test_the_metered_cost_of_a_run_matches_the_estimate(kept: Kept, tmp_path: Path) -> None:
    agree(Run(kept, {"regions_count": 1}), tmp_path)


def test_the_metered_cost_of_a_run_beyond_the_billed_minimum_of_a_minute_matches_the_estimate(
    kept: Kept, tmp_path: Path
) -> None:
    with kept.slowed(kept.outputs["step_functions_state_machine_arn"], seconds_per_region=65):
        run = Run(kept, {"regions_count": 1})
    assert run.measured()[run.machine]["seconds"]["RunShard"] > 65
    agree(run, tmp_path)


def test_the_doctor_finds_no_fault_and_does_not_guess(kept: Kept) -> None:
    done = kept.ccapi("doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = {each["check"]: each["verdict"] for each in json.loads(done.stdout)["checks"]}
    # The local AWS has neither of them.
    assert {name for name, verdict in verdicts.items() if verdict == "unknown"} == {"quotas", "roles"}
    assert {verdict for name, verdict in verdicts.items() if name != "prices"} == {"ok", "unknown"}


def test_a_test_message_arrives_through_every_channel(kept: Kept) -> None:
    done = kept.ccapi("notify", "test", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    delivered = [each["channel"] for each in json.loads(done.stdout)["channels"] if each["delivered"]]
    assert sorted(delivered) == ["email", "pagerduty", "slack", "webhook"]


def schedule_state(kept: Kept) -> str:
    return str(json.loads(kept.ccapi("schedule", "--json").stdout)["state"])


def test_a_second_up_changes_nothing_and_a_pause_outlasts_it(kept: Kept) -> None:
    assert kept.ccapi("schedule", "pause").returncode == 0
    done = kept.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert schedule_state(kept) == "DISABLED"
    assert kept.ccapi("schedule", "resume").returncode == 0


def test_a_refresh_finds_no_drift(kept: Kept) -> None:
    done = kept.pulumi("refresh", "--yes", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_made_by_hand_is_found_and_put_right(kept: Kept) -> None:
    group = "/aws/ecs/ccapi-local"
    kept.client("logs").put_retention_policy(logGroupName=group, retentionInDays=1)
    paused = json.loads(kept.ccapi("schedule", "pause", "--json").stdout)
    assert "--refresh, enables it again" in paused["next_deployment"]
    assert kept.pulumi("up", "--yes", "--refresh", "--skip-preview").returncode == 0
    (found,) = kept.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 90
    assert schedule_state(kept) == "ENABLED"


def revisions(kept: Kept) -> list[str]:
    active = kept.client("ecs").list_task_definitions(status="ACTIVE")["taskDefinitionArns"]
    return [arn for arn in active if "/ccapi-" in arn]


def test_a_run_keeps_its_revision_when_another_is_deployed(kept: Kept) -> None:
    states, outputs = kept.client("stepfunctions"), kept.outputs
    (first,) = revisions(kept)
    started = states.start_execution(
        stateMachineArn=outputs["step_functions_state_machine_arn"], input='{"regions_count": 1}'
    )
    worker = kept.worker()
    worker.suspend()
    try:
        for command in (
            ("config", "set", "--path", "worker.logLevel", "DEBUG"),
            ("up", "--yes", "--skip-preview"),
        ):
            done = kept.pulumi(*command)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        worker.resume()

    assert kept.ended(started["executionArn"])["status"] == "SUCCEEDED"
    assert kept.worker_errors(started["executionArn"]) == []
    (second,) = set(revisions(kept)) - {first}
    pinned = kept.client("ssm").get_parameter(Name=outputs["run_settings_parameter"])["Parameter"]["Value"]
    assert json.loads(pinned)["taskDefinition"] == second
    ecs, cluster = kept.client("ecs"), outputs["ecs_cluster_arn"]
    arns = ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED")["taskArns"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    assert {task["taskDefinitionArn"] for task in tasks} == {first}


def test_a_destroyed_stack_leaves_nothing_but_revisions_of_task_definitions(kept: Kept) -> None:
    done = kept.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    found = {
        what: getattr(kept.client(SERVICES.get(what, what)), call)(**arguments)
        for what, (call, arguments) in LISTS.items()
    }
    assert [what for what, listed in found.items() if "ccapi" in json.dumps(listed, default=str)] == []
    # A run in progress needs its revision, and none costs anything.
    assert len(revisions(kept)) == 2
    # A deleted cluster is still described for a while, as inactive.
    clusters = kept.client("ecs").describe_clusters(clusters=["ccapi-cluster-local"])["clusters"]
    assert [cluster for cluster in clusters if cluster["status"] == "ACTIVE"] == []


def test_a_kept_run_is_left_running_until_it_is_stopped(kept: Kept) -> None:
    checkout = kept.checkout
    assert any("local.emulator" in line for line in checkout.processes())
    done = subprocess.run(
        checkout.command("stop"), cwd=checkout.path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Stopped the kept stack of run {checkout.last_run['run_id']} (")
    eventually(lambda: checkout.processes() == [])
