"""A kept stack, handled with plain Pulumi: estimated, unchanged, without drift, and gone without a trace."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    "task definitions": ("list_task_definitions", {"status": "ACTIVE"}),
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
SERVICES = {"dashboards": "cloudwatch", "task definitions": "ecs", "schedule groups": "scheduler"}


@pytest.fixture(scope="module")
def kept(shared_checkout: Checkout) -> Iterator[Kept]:
    with keep(shared_checkout) as stack:
        yield stack


def test_a_run_costs_what_is_estimated_of_the_exported_stack(kept: Kept, tmp_path: Path) -> None:
    agree(Run(kept, {"regions_count": 1}), tmp_path)


def test_a_run_beyond_the_minute_that_is_billed_at_least_costs_what_was_measured(
    kept: Kept, tmp_path: Path
) -> None:
    with kept.slowed(kept.outputs["step_functions_state_machine_arn"], seconds_per_region=65):
        run = Run(kept, {"regions_count": 1})
    assert run.measured()[run.machine]["seconds"]["RunShard"] > 65
    agree(run, tmp_path)


def test_a_second_up_changes_nothing(kept: Kept) -> None:
    done = kept.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_refresh_finds_no_drift(kept: Kept) -> None:
    done = kept.pulumi("refresh", "--yes", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_change_made_by_hand_is_found_and_put_right(kept: Kept) -> None:
    group = "/aws/ecs/ccapi-local"
    kept.client("logs").put_retention_policy(logGroupName=group, retentionInDays=1)
    assert kept.pulumi("up", "--yes", "--refresh", "--skip-preview").returncode == 0
    (found,) = kept.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["retentionInDays"] == 90


def test_a_destroyed_stack_leaves_nothing(kept: Kept) -> None:
    done = kept.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    found = {
        what: getattr(kept.client(SERVICES.get(what, what)), call)(**arguments)
        for what, (call, arguments) in LISTS.items()
    }
    assert [what for what, listed in found.items() if "ccapi" in json.dumps(listed, default=str)] == []
    # A deleted cluster is still described for a while, as inactive.
    clusters = kept.client("ecs").describe_clusters(clusters=["ccapi-cluster-local"])["clusters"]
    assert [cluster for cluster in clusters if cluster["status"] == "ACTIVE"] == []
