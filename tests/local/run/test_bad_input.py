"""Invalid input of `make run`: the error states the problem, its reason and the remedy, and nothing is left behind."""

import shutil

import pytest
import yaml

from local.run import command
from tests.local.run.conftest import DEAD_PROXY, Checkout
from tests.stacks import REGION_NAMES


def _refused(checkout: Checkout, *arguments: str, **environment: str) -> str:
    finished = checkout.run(*arguments, **environment)
    assert finished.returncode == 1, finished.stdout + finished.stderr
    assert "Traceback" not in finished.stdout + finished.stderr
    assert checkout.processes() == []
    assert not (checkout.path / "build").exists()
    return finished.stderr


def test_an_option_that_cannot_be_is_refused(checkout: Checkout) -> None:
    said = _refused(checkout, "--regions", "0")
    assert said == f"make run: --regions 0 is not a whole number from 1 to {len(REGION_NAMES)}; write one\n"


def test_a_wrong_and_an_unknown_setting_are_both_reported(checkout: Checkout) -> None:
    path = checkout.path / "Pulumi.local.yaml"
    stack_file = yaml.safe_load(path.read_text("utf-8"))
    stack_file["config"]["ccapi:worker"]["logLevel"] = "LOUD"
    stack_file["config"]["ccapi:wroker"] = {"shards": 2}
    path.write_text(yaml.safe_dump(stack_file), encoding="utf-8")
    said = _refused(checkout, "--regions", "1")
    assert "ccapi:worker.logLevel: 'LOUD' is not one of the choices" in said
    assert "ccapi:wroker: is not a setting" in said


def test_a_full_disk_is_reported_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = shutil.disk_usage(".")._replace(free=7 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert command.run([]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "7 MiB are free on the disk of" in said
    assert "and a run needs 300 MiB; free some and run again" in said


def test_a_missing_released_provider_is_reported(checkout: Checkout) -> None:
    said = _refused(checkout, "--released-provider", HTTPS_PROXY=DEAD_PROXY, ALL_PROXY=DEAD_PROXY)
    assert "pulumi plugin install resource aws" in said
