"""The outputs of a stack, from file backends in every form, and from the Pulumi CLI for all others."""

import gzip
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import local_stack
from cli.backend import read_outputs
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from local.aws import LocalAws

OUTPUTS = {"aws_region": "eu-west-1", "dlq_url": "https://example.com/queue"}


def checkpoint(outputs: dict[str, Any] | None = None, *others: dict[str, Any]) -> bytes:
    root = {"type": "pulumi:pulumi:Stack", "urn": "urn:1", **({"outputs": outputs} if outputs else {})}
    return json.dumps({"version": 3, "checkpoint": {"latest": {"resources": [root, *others]}}}).encode()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a Pulumi project that uses the file backend `state`, with a stack prod."""
    (tmp_path / "Pulumi.yaml").write_text("name: shops\nruntime: python\n", encoding="utf-8")
    write(tmp_path, "prod", checkpoint(OUTPUTS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    return tmp_path


def write(project: Path, stack: str, content: bytes, *, folder: str = "shops", suffix: str = "") -> Path:
    path = project / "state" / ".pulumi" / "stacks" / folder / f"{stack}.json{suffix}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.usefixtures("project")
def test_the_outputs_are_those_of_the_state() -> None:
    assert read_outputs("prod") == OUTPUTS


def test_the_project_is_found_from_a_folder_within_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "docs").mkdir()
    monkeypatch.chdir(project / "docs")
    assert read_outputs("prod") == OUTPUTS


def test_a_deployment_is_seen_at_once(project: Path) -> None:
    read_outputs("prod")
    write(project, "prod", checkpoint({**OUTPUTS, "aws_region": "us-east-1"}))
    assert read_outputs("prod")["aws_region"] == "us-east-1"


def test_numbers_and_lists_are_read_and_a_secret_output_is_left_out(project: Path) -> None:
    readable = {**OUTPUTS, "run_timeout_seconds": 7200, "alarm_arns": ["arn:1", "arn:2"]}
    write(project, "prod", checkpoint({**readable, "secret": {"4dabf18193072939515e22adb298388d": "x"}}))
    assert read_outputs("prod") == readable


def test_a_compressed_state_is_read(project: Path) -> None:
    write(project, "dev", gzip.compress(checkpoint(OUTPUTS)), suffix=".gz")
    assert read_outputs("dev") == OUTPUTS


def test_a_backend_of_an_old_pulumi_is_read(project: Path) -> None:
    write(project, "old", checkpoint(OUTPUTS), folder=".")
    assert read_outputs("old") == OUTPUTS


@pytest.mark.parametrize("url", ["file://./state", "file://state", "file://~/state"])
def test_a_backend_may_be_relative_or_in_the_home_folder(
    url: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(project))
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    assert read_outputs("prod") == OUTPUTS


def test_without_a_variable_the_backend_is_that_of_the_login(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    monkeypatch.setenv("PULUMI_HOME", str(project))
    (project / "credentials.json").write_text(
        json.dumps({"current": f"file://{project}/state"}), encoding="utf-8"
    )
    assert read_outputs("prod") == OUTPUTS


def refused(stack: str) -> OperatorError:
    with pytest.raises(OperatorError) as caught:
        read_outputs(stack)
    return caught.value


@pytest.mark.usefixtures("project")
def test_an_unknown_stack_is_refused_with_those_that_exist() -> None:
    error = refused("prdo")
    assert (error.what, error.next_step) == (
        "there is no stack prdo in the backend",
        "name one of prod with --stack",
    )
    assert error.exit_code is ExitCode.WRONG_COMMAND_LINE


def test_a_renamed_stack_is_refused_under_its_old_name(project: Path) -> None:
    path = project / "state" / ".pulumi" / "stacks" / "shops" / "prod.json"
    path.rename(path.with_name("production.json"))
    assert "production" in refused("prod").next_step


@pytest.mark.parametrize(
    "content", [b'{"version": 3, "checkpoint": {}}', b'{"checkpoint": {"latest": {"resources": []}}}']
)
def test_a_destroyed_stack_is_not_deployed(content: bytes, project: Path) -> None:
    write(project, "prod", content)
    error = refused("prod")
    assert (error.what, error.next_step) == (
        "the stack prod is not deployed",
        "type `pulumi up --stack prod`",
    )
    assert error.exit_code is ExitCode.UNREACHABLE


def test_a_stack_that_is_deployed_in_part_is_said_to_be(project: Path) -> None:
    write(project, "prod", checkpoint(None, {"type": "aws:s3/bucket:Bucket"}))
    assert "resources but no outputs" in refused("prod").what


def test_a_first_deployment_that_runs_is_said_to_run(project: Path) -> None:
    write(project, "prod", checkpoint(None, {"type": "aws:s3/bucket:Bucket"}))
    lock = project / "state" / ".pulumi" / "locks" / "organization" / "shops" / "prod" / "1.json"
    lock.parent.mkdir(parents=True)
    lock.write_text("{}", encoding="utf-8")
    assert "is being deployed" in refused("prod").what


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"checkpoint": 7}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"checkpoint": {"latest": 5}}',
        b'{"checkpoint": {"latest": {"resources": [5]}}}',
        b'{"checkpoint": {"latest": {"resources": {"a": 1}}}}',
        b'{"checkpoint": {"latest": {"resources": [{"type": "pulumi:pulumi:Stack", "outputs": [1]}]}}}',
    ],
    ids=lambda content: content[:60],
)
def test_a_damaged_state_is_a_sentence(content: bytes, project: Path) -> None:
    write(project, "prod", content)
    assert "cannot be read from" in refused("prod").what


def test_a_folder_without_a_project_uses_that_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    assert refused("prod").next_step == "type `pulumi up --stack prod`"


def test_without_any_project_the_operator_changes_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(local_stack, "CHECKOUT", tmp_path)
    assert "no Pulumi.yaml" in refused("prod").what


@pytest.fixture
def local_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A listening socket in place of this checkout's local AWS."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        file = tmp_path / "developer.env"
        LocalAws(f"http://127.0.0.1:{server.getsockname()[1]}", "key").write(file)
        monkeypatch.setattr("local.run.aws.DEVELOPER", file)
        monkeypatch.setattr(local_stack, "STATE", tmp_path / "state")
        yield server


@pytest.mark.usefixtures("local_aws")
def test_the_local_stack_is_that_of_the_checkout(tmp_path: Path) -> None:
    error = refused("local")
    assert (error.what, error.next_step) == ("the stack local is not deployed", "type `ccapi local up`")
    write(tmp_path, "local", checkpoint(OUTPUTS), folder="another-project")
    assert read_outputs("local") == OUTPUTS


def test_the_state_of_a_local_stack_that_was_stopped_is_not_believed(
    tmp_path: Path, local_aws: socket.socket
) -> None:
    write(tmp_path, "local", checkpoint(OUTPUTS), folder="another-project")
    local_aws.close()
    assert refused("local").what == "the local stack is not running"


@pytest.mark.parametrize(
    "name", ["", " ", "..", "../shops/prod", "a/../prod", "a\nb", "*", "\x1b[31m", "-" * 101, "a/b/c/d"]
)
@pytest.mark.usefixtures("project")
def test_a_name_that_no_stack_can_have_is_refused(name: str) -> None:
    error = refused(name)
    assert "cannot be the name of a stack" in error.what
    assert error.exit_code is ExitCode.WRONG_COMMAND_LINE


def test_a_name_may_have_its_organization_and_project(project: Path) -> None:
    write(project, "dev", checkpoint(OUTPUTS), folder="others")
    assert read_outputs("organization/others/dev") == OUTPUTS
    assert "no stack dev" in refused("dev").what


@pytest.mark.parametrize("url", ["file://[x", "file://~no-such-user/state"])
@pytest.mark.usefixtures("project")
def test_a_backend_that_cannot_be_a_folder_is_a_sentence(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    assert "cannot be a folder" in refused("prod").what


def test_a_damaged_login_is_none(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    monkeypatch.setenv("PULUMI_HOME", str(project))
    monkeypatch.setenv("PATH", str(project))
    (project / "credentials.json").write_text("[]", encoding="utf-8")
    assert "Pulumi's backend" in refused("prod").what


# Other backends


def pulumi_that(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put an executable `pulumi` on PATH that runs a shell script."""
    path = folder / "bin" / "pulumi"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{path.parent}:/usr/bin:/bin")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.pulumi.com")


def test_another_backend_is_read_by_the_pulumi_cli(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi_that('echo "{\\"stack\\": \\"$6\\", \\"number\\": 7}"', project, monkeypatch)
    assert read_outputs("acme/prod") == {"stack": "acme/prod", "number": 7}


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (
            "echo 'error: no stack named prod found' >&2; exit 255",
            "cannot be read: no stack named prod found",
        ),
        ("exit 1", "cannot be read: no reason"),
        ("echo '{}'", "is not deployed"),
    ],
)
def test_an_error_of_the_pulumi_cli_is_passed_on(
    script: str, what: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pulumi_that(script, project, monkeypatch)
    assert what in refused("prod").what


def test_without_the_pulumi_cli_its_installation_is_the_next_step(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(project))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    assert refused("prod").next_step == "install it (https://www.pulumi.com/docs/install/)"
