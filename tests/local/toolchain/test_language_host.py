"""The language host with the real engine."""

import json
import platform
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pulumi import automation

from local.toolchain import Toolchain
from tests.local.emulator.local_aws import PATIENCE_SECONDS
from tests.local.toolchain.projects import VIRTUALENV, make_project

POLICY_PACK = """
import os
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def check(args, report):
    if args.props.get("size", 0) > 5:
        report(f"size {args.props['size']:.0f} is over 5 in {os.environ['PULUMI_STACK']}")

PolicyPack("sizes", [ResourceValidationPolicy("small", "Things are small.", check, EnforcementLevel.MANDATORY)])
"""
SLEEPS = "pulumi.log.info('sleeps'); import time; time.sleep(600)"


@pytest.fixture(autouse=True)
def engine(toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The toolchain of this checkout, with the test's own state and home."""
    variables = toolchain.environment(stand_in_provider=True)
    state = tmp_path / "state"
    state.mkdir()
    own = {"PULUMI_BACKEND_URL": f"file://{state}", "PULUMI_HOME": str(tmp_path / "home")}
    for name, value in {**variables, **own}.items():
        monkeypatch.setenv(name, value)


def test_a_program_is_deployed_found_unchanged_and_destroyed(tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", "Thing('one', 1); pulumi.export('answer', 42)")
    assert project.up()["answer"].value == 42
    assert project.preview().change_summary == {"same": 2}
    project.stack.destroy()
    assert project.resource_count == 0


def test_a_program_gets_its_stack_its_configuration_and_its_folder(tmp_path: Path) -> None:
    program = """
config = pulumi.Config()
pulumi.export("message", {
    "project": pulumi.get_project(), "stack": pulumi.get_stack(), "organization": pulumi.get_organization(),
    "root": pulumi.runtime.get_root_directory(), "folder": os.getcwd(), "size": config.require_int("size"),
    "preview": pulumi.runtime.is_dry_run(),
})
"""
    project = make_project(tmp_path / "small", program)
    project.stack.set_config("size", automation.ConfigValue("7"))
    folder = str(project.folder)
    assert project.up()["message"].value == {
        "project": "small",
        "stack": "dev",
        "organization": "organization",
        "root": folder,
        "folder": folder,
        "size": 7,
        "preview": False,
    }


def test_a_secret_stays_one_through_configuration_output_and_stack_reference(tmp_path: Path) -> None:
    source = make_project(tmp_path / "source", "pulumi.export('key', pulumi.Config().require_secret('key'))")
    source.stack.set_config("key", automation.ConfigValue("hunter2", secret=True))
    assert source.up()["key"].secret
    reader = make_project(
        tmp_path / "reader",
        "pulumi.export('read', pulumi.StackReference('organization/source/dev').require_output('key'))",
    )
    read = reader.up()["read"]
    assert (read.value, read.secret) == ("hunter2", True)
    (state,) = (tmp_path / "state").glob("**/reader/dev.json")
    assert "hunter2" not in state.read_text()


def test_a_crash_shows_the_programs_own_traceback_once(tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", "def fail():\n    raise ValueError('no such size')\n\nfail()")
    with pytest.raises(automation.CommandError):
        project.preview()
    (error,) = project.errors
    assert error.startswith("Program failed with an unhandled exception:\nTraceback (most recent call last):")
    assert error.endswith("ValueError: no such size")
    assert f'File "{project.folder}/__main__.py"' in error
    assert "runpy" not in error


def test_a_run_error_is_its_message_alone(tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", "raise pulumi.RunError('size: 7 is over 5; write 5 or less')")
    with pytest.raises(automation.CommandError):
        project.preview()
    assert project.errors == ["size: 7 is over 5; write 5 or less"]


def test_a_program_that_exits_by_itself_is_an_error_with_its_exit_code(tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", "sys.exit(7)")
    with pytest.raises(automation.CommandError):
        project.preview()
    assert project.errors == ["an unhandled error occurred: Program exited with non-zero exit code: 7"]


def test_the_program_runs_in_the_virtualenv_that_the_project_names(tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", other], check=True)
    (other_packages,) = other.glob("lib/*/site-packages")
    (our_packages,) = VIRTUALENV.glob("lib/*/site-packages")
    (other_packages / "ours.pth").write_text(str(our_packages))
    project = make_project(tmp_path / "small", "pulumi.export('prefix', sys.prefix)", virtualenv=other)
    assert project.up()["prefix"].value == str(other)


def test_a_virtualenv_that_is_not_there_is_named(tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", "", virtualenv=tmp_path / "gone")
    with pytest.raises(automation.CommandError, match=f"has no {tmp_path}/gone/bin/python; create it"):
        project.preview()


def make_pack(pack: Path, program: str) -> Path:
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 0.0.1\n")
    (pack / "__main__.py").write_text(program)
    return pack


def test_a_policy_pack_sees_the_resources_and_the_stack_and_its_violation_fails_the_preview(
    tmp_path: Path,
) -> None:
    pack = make_pack(tmp_path / "pack", POLICY_PACK)
    project = make_project(tmp_path / "small", "Thing('one', 1); Thing('nine', 9)")
    with pytest.raises(automation.CommandError):
        project.preview(policy_packs=[str(pack)])
    violations = [event.policy_event for event in project.events if event.policy_event]
    assert [(said.policy_name, said.enforcement_level) for said in violations] == [("small", "mandatory")]
    assert "size 9 is over 5 in dev" in violations[0].message


def test_a_policy_pack_that_cannot_start_is_reported_with_its_output(tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "pack", "import sys; sys.exit('the limits have a mistake')")
    project = make_project(tmp_path / "small", "")
    ended = "the policy pack ended before it could be called: the limits have a mistake"
    with pytest.raises(automation.CommandError, match=ended):
        project.preview(policy_packs=[str(pack)])


def test_pulumi_install_says_who_makes_the_environment(tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", "")
    printed = subprocess.check_output(["pulumi", "install"], cwd=project.folder, text=True)
    assert "The Python environment is made by `make setup`." in printed


def test_the_dependencies_of_a_program_are_listed(tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", "")
    about = json.loads(subprocess.check_output(["pulumi", "about", "--json"], cwd=project.folder, text=True))
    assert about["runtime"] == {
        "language": "python",
        "executable": str(VIRTUALENV / "bin" / "python"),
        "version": platform.python_version(),
    }
    assert "pulumi_aws" in {dependency["name"] for dependency in about["dependencies"]}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_or_killed_engine_leaves_no_process(number: signal.Signals, tmp_path: Path) -> None:
    project = make_project(tmp_path / "small", SLEEPS)
    with subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview"], cwd=project.folder, stdout=subprocess.PIPE, text=True
    ) as engine:
        assert engine.stdout
        assert any("sleeps" in line for line in engine.stdout)
        started = psutil.Process(engine.pid).children(recursive=True)
        assert len(started) >= 2
        engine.send_signal(number)
        engine.stdout.read()
    _, alive = psutil.wait_procs(started, timeout=PATIENCE_SECONDS)
    assert alive == []
