import json
from pathlib import Path
from typing import Any

import pytest

from guardrails.__main__ import main
from guardrails.preview import engine
from guardrails.preview.command import exit_code
from guardrails.preview.outcome import Preview
from tests.policies.preview.previews import ADVISED, FAILED, PASSED, REFUSED


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dev.yaml", "Pulumi.lock", "notes.yaml"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the engine was asked for; it answers that everything passed."""
    call: dict[str, Any] = {}

    def preview_all(project: Path, stacks: list[str], **options: Any) -> list[Preview]:
        call.update(project=project, stacks=stacks, **options)
        return [Preview(stack=stack, report=PASSED.report) for stack in stacks]

    monkeypatch.setattr(engine, "preview_all", preview_all)
    return call


@pytest.mark.parametrize(
    ("previews", "code"),
    [
        ([PASSED, ADVISED], 0),
        ([PASSED, REFUSED], 1),
        ([PASSED, FAILED], 3),
        ([FAILED, REFUSED], 1),
    ],
)
def test_the_exit_code_tells_what_is_certain(previews: list[Preview], code: int) -> None:
    assert exit_code(previews) == code


def test_every_stack_that_has_a_file_is_previewed(project: Path, asked: dict[str, Any]) -> None:
    assert main(["preview", str(project)]) == 0
    assert asked["stacks"] == ["dev", "prod"]
    assert (asked["pack"] / "PulumiPolicy.yaml").exists()
    assert asked["config_file"] is None


def test_stacks_are_previewed_as_they_are_named_and_once(project: Path, asked: dict[str, Any]) -> None:
    main(["preview", str(project), "--stack", "prod", "--stack", "org/other", "--stack", "prod"])
    assert asked["stacks"] == ["prod", "org/other"]


def test_the_folder_that_one_stands_in_is_the_project(
    project: Path, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    main(["preview", "--stack", "dev", "--config-file", "notes.yaml"])
    assert asked["project"] == project
    assert asked["config_file"] == project / "notes.yaml"


def test_json_is_all_that_is_printed(
    project: Path, asked: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["preview", str(project), "--format", "json"])
    assert [stack["stack"] for stack in json.loads(capsys.readouterr().out)["stacks"]] == asked["stacks"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{}/gone"], "gone holds no Pulumi.yaml"),
        (["{}", "--policy-pack", "{}"], "holds no PulumiPolicy.yaml"),
        (["{}", "--config-file", "notes.yaml"], "notes.yaml is not there"),
        (["{}", "--config-file", "{}/notes.yaml"], "one file configures one stack"),
        (["{}", "--format", "html"], "invalid choice: 'html'"),
        (["{}", "--stak", "dev"], "--stak"),
    ],
)
def test_a_command_line_that_cannot_be_meant_exits_with_two(
    arguments: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["preview", *(argument.format(project) for argument in arguments)])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_project_without_stack_files_needs_a_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Pulumi.yaml").touch()
    with pytest.raises(SystemExit):
        main(["preview", str(tmp_path)])
    assert "name its stacks, as in --stack dev" in capsys.readouterr().err


def test_a_machine_without_pulumi_is_told_what_to_install(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["preview", str(project)]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "no `pulumi` on PATH; install it" in told.err


def test_an_interruption_is_told_in_a_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> list[Preview]:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "preview_all", interrupted)
    assert main(["preview", str(project)]) == 130
    assert capsys.readouterr().err == "guardrails: interrupted; nothing was changed.\n"
