"""The unchanged prod stack: deployed, planned again and destroyed, with its protected resources (docs/deploy.md)."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from local.paths import ROOT
from tests.aws_cli import install
from tests.components.guardrails import unknown_to_guardrails
from tests.local.emulator.local_aws import RunningAws, running_aws
from tests.previews.workspace import Workspace
from tests.stacks import names_of, settings_of

pytestmark = pytest.mark.engine

NAMES = names_of("prod")
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
KEPT = {
    "aws:ecr/repository:Repository": 1,
    "aws:kms/key:Key": 1,
    # The protected secret depends on it.
    "aws:kms/alias:Alias": 1,
    "aws:s3/bucket:Bucket": 2,
    "aws:secretsmanager/secret:Secret": 1,
}


class Prod:
    """The prod stack on a local AWS with its account, and a report in its bucket."""

    def __init__(self, aws: RunningAws, workspace: Workspace) -> None:
        self.aws, self.workspace, self.stack = aws, workspace, workspace.stack
        workspace.up()
        aws.client("s3").put_object(Bucket=NAMES.bucket("reports"), Key="weekly/2026-W48/a.pdf", Body=b"%PDF")

    def type(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a Pulumi command in the stack's folder; the Automation API would skip the preview of a destroy."""
        return subprocess.run(
            ["pulumi", *command, "--stack", "prod", "--non-interactive"],
            cwd=self.workspace.folder,
            env={**os.environ, **self.stack.workspace.env_vars},
            capture_output=True,
            text=True,
            check=False,
        )

    def type_in_shell(self, *commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a page's commands in a shell, with `pulumi` set to ask no questions."""
        asks_nothing = 'pulumi() { command pulumi "$@" --stack prod --yes --non-interactive; }'
        environment = {**os.environ, **self.stack.workspace.env_vars, **self.aws.aws.environment}
        done = subprocess.run(
            ["bash", "-euc", "\n".join([asks_nothing, *commands])],
            cwd=self.workspace.folder,
            env={
                **environment,
                "PATH": f"{install(folder / 'bin')}:{os.environ['PATH']}",
                "region": "us-east-1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def managed(self) -> dict[str, int]:
        """Return the number of AWS resources in the engine's state, by type."""
        counts: dict[str, int] = {}
        state = json.loads(self.workspace.state)["checkpoint"]["latest"]
        for resource in state.get("resources") or []:
            if resource["type"].startswith("aws:"):
                counts[resource["type"]] = counts.get(resource["type"], 0) + 1
        return counts

    def there(self) -> dict[str, Any]:
        """Return the resources with data that exist in the account."""
        client = self.aws.client
        return {
            "buckets": sorted(bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]),
            "repositories": [
                found["repositoryName"] for found in client("ecr").describe_repositories()["repositories"]
            ],
            "secrets": [found["Name"] for found in client("secretsmanager").list_secrets()["SecretList"]],
            "keys": [
                key["KeyId"]
                for key in client("kms").list_keys()["Keys"]
                if client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
            ],
        }


@pytest.fixture(scope="module")
def prod(engine: Path) -> Iterator[Prod]:
    with running_aws("--account", settings_of("prod").account) as aws:
        yield Prod(aws, Workspace(engine / "destruction", "prod", aws.aws))


def test_a_preview_of_the_deployed_stack_has_no_changes_and_no_unknown_values(prod: Prod) -> None:
    again = prod.workspace.preview()

    assert again.changes == []
    assert unknown_to_guardrails(again.inputs) == []


def test_a_plain_destroy_is_refused_and_removes_nothing(prod: Prod) -> None:
    before = prod.managed()

    refused = prod.type("destroy", "--yes")

    assert refused.returncode != 0
    assert "protected" in refused.stdout + refused.stderr
    assert prod.managed() == before


def test_destroy_with_exclude_protected_removes_all_else_and_keeps_the_data(prod: Prod) -> None:
    data = prod.there()

    removed = prod.type("destroy", "--exclude-protected", "--yes")

    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert prod.managed() == KEPT
    assert prod.there() == data
    assert prod.aws.client("stepfunctions").list_state_machines()["stateMachines"] == []
    assert prod.aws.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    held = prod.aws.client("s3").get_object(Bucket=NAMES.bucket("reports"), Key="weekly/2026-W48/a.pdf")
    assert held["Body"].read() == b"%PDF"


def test_an_up_makes_the_rest_again_around_the_data(prod: Prod) -> None:
    data = prod.there()

    prod.workspace.up()

    assert prod.managed().keys() > KEPT.keys()
    assert prod.there() == data


def block_of_page(beginning: str) -> str:
    """Return the block of commands in docs/deploy.md that begins with a text."""
    blocks = [dedent(found) for found in re.findall(r"(?:^    .+\n)+", PAGE, re.MULTILINE)]
    (block,) = (block for block in blocks if block.startswith(beginning))
    return block


def test_the_commands_in_the_docs_delete_the_remaining_resources(prod: Prod, tmp_path: Path) -> None:
    data = prod.there()

    forgotten = prod.type_in_shell(block_of_page("key="), 'echo "$key"', folder=tmp_path)

    assert prod.managed() == {}
    assert prod.there() == data
    assert data["buckets"] == sorted(NAMES.bucket(what) for what in ("reports", "cache"))
    assert forgotten.stdout.splitlines()[-1] == data["keys"][0]

    prod.type_in_shell(f"key={data['keys'][0]}", block_of_page("for bucket in"), folder=tmp_path)

    assert prod.there() == {"buckets": [], "repositories": [], "secrets": [], "keys": []}
