import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from guardrails.__main__ import main
from guardrails.limits_source import LIMITS
from guardrails.preview import engine
from guardrails.preview.command import exit_code
from guardrails.preview.comment import MARKER
from guardrails.preview.preview_result import Preview
from guardrails.preview.requests import Request
from tests.policies.preview.previews import ADVISED, FAILED, PASSED, REFUSED, report, rule


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.dev.yaml", "Pulumi.lock", "notes.yaml"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    return tmp_path


@dataclass
class Asked:
    """A fake engine that records its requests; all previews pass, except those configured otherwise."""

    requests: list[Request] = field(default_factory=list)
    pack: Path = Path()
    otherwise: dict[tuple[Path, str], Preview] = field(default_factory=dict)

    @property
    def stacks(self) -> list[str]:
        """The requested stacks, in order."""
        return [one.stack for one in self.requests]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()

    def preview_all(requests: Sequence[Request], *, pack: Path) -> list[Preview]:
        asked.requests, asked.pack = list(requests), pack
        return [
            asked.otherwise.get((one.project, one.stack), Preview(stack=one.stack, report=PASSED.report))
            for one in requests
        ]

    monkeypatch.setattr(engine, "preview_all", preview_all)
    return asked


@pytest.mark.parametrize(
    ("previews", "code"),
    [
        ([PASSED, ADVISED], 0),
        ([PASSED, REFUSED], 1),
        ([PASSED, FAILED], 3),
        ([FAILED, REFUSED], 1),
    ],
)
def test_the_exit_code_depends_on_violations_and_failures(previews: list[Preview], code: int) -> None:
    assert exit_code(previews) == code


def test_deferred_rules_can_pass_and_are_still_reported(
    project: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    unknown = {"property": "policy", "resource": "role", "rules": ["narrow"]}
    deferred = Preview(stack="dev", report=report(rule("narrow"), deferred=(unknown,)))
    asked.otherwise[project, "dev"] = deferred
    assert main(["preview", str(project)]) == 4
    assert main(["preview", str(project), "--deferred-passes"]) == 0
    assert "policy of role: narrow" in capsys.readouterr().out
    # It hides neither a violation nor a failure.
    for other, code in ((REFUSED, 1), (FAILED, 3)):
        asked.otherwise[project, "prod"] = replace(other, stack="prod")
        assert main(["preview", str(project), "--deferred-passes"]) == code


def test_every_stack_that_has_a_file_is_previewed(project: Path, asked: Asked) -> None:
    assert main(["preview", str(project)]) == 0
    assert asked.stacks == ["dev", "prod"]
    assert (asked.pack / "PulumiPolicy.yaml").exists()
    assert {one.config_file for one in asked.requests} == {None}


def test_stacks_are_previewed_as_they_are_named_and_once(project: Path, asked: Asked) -> None:
    main(["preview", str(project), "--stack", "prod", "--stack", "org/other", "--stack", "prod"])
    assert asked.stacks == ["prod", "org/other"]


def test_the_folder_that_one_stands_in_is_the_project(
    project: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    main(["preview", "--stack", "dev", "--config-file", "notes.yaml"])
    assert asked.requests == [Request(project=project, stack="dev", config_file=project / "notes.yaml")]


def test_json_is_all_that_is_printed(project: Path, asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    main(["preview", str(project), "--format", "json"])
    assert [stack["stack"] for stack in json.loads(capsys.readouterr().out)["stacks"]] == asked.stacks


def make_project(folder: Path, *stacks: str) -> Path:
    folder.mkdir()
    for name in ("Pulumi.yaml", *(f"Pulumi.{stack}.yaml" for stack in stacks)):
        (folder / name).touch()
    return folder


def test_stacks_are_shown_with_their_previous_figures_and_removed_stacks(
    project: Path, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    before = make_project(project / "before", "dev", "old")
    assert main(["preview", str(project), "--base", str(before), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(stack["stack"], stack["base"] is None) for stack in told["stacks"]] == [
        ("dev", False),
        ("prod", True),
    ]
    assert told["gone"] == ["old"]
    assert [(one.project, one.stack) for one in asked.requests] == [
        (project, "dev"),
        (project, "prod"),
        (before, "dev"),
    ]
    main(["preview", str(project), "--base", str(before), "--stack", "dev", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["gone"] == []


@pytest.mark.parametrize("was", [REFUSED, Preview(stack="dev", errors=["no"])])
def test_the_base_preview_does_not_affect_the_exit_code(project: Path, asked: Asked, was: Preview) -> None:
    before = make_project(project / "before", "dev")
    asked.otherwise[before, "dev"] = was
    assert main(["preview", str(project), "--base", str(before)]) == 0
    asked.otherwise[project, "dev"] = REFUSED
    assert main(["preview", str(project), "--base", str(before)]) == 1


def test_an_unusable_base_is_reported_and_the_exit_code_is_that_of_a_wrong_command_line(
    project: Path, asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comment = tmp_path / "new" / "comment.md"
    arguments = ["preview", str(project), "--stack", "dev", "--base", "gone", "--output", str(comment)]
    assert main(arguments) == 2
    assert "is in no git repository; name the folder of the base" in capsys.readouterr().err
    assert "**The base could not be previewed**, so that no change is known:" in comment.read_text(
        encoding="utf-8"
    )
    assert asked.stacks == ["dev"]
    asked.otherwise[project, "dev"] = REFUSED
    assert main(arguments) == 1


def test_each_output_is_written_in_the_format_of_its_suffix(
    project: Path, asked: Asked, tmp_path: Path
) -> None:
    files = [tmp_path / "out" / name for name in ("a.txt", "b.json", "c.md", "d.sarif")]
    outputs = [argument for file in files for argument in ("--output", str(file))]
    assert main(["preview", str(project), "--limits", str(project), *outputs]) == 0
    text, data, comment, sarif = (file.read_text(encoding="utf-8") for file in files)
    assert text.startswith("✓ dev: passed")
    assert json.loads(data)["stacks"]
    assert comment.startswith(MARKER)
    assert json.loads(sarif)["version"] == "2.1.0"
    assert [request.environment for request in asked.requests] == [{LIMITS: str(project)}] * 2
    # A folder cannot be written as a file.
    (tmp_path / "e.md").mkdir()
    assert main(["preview", str(project), "--output", str(tmp_path / "e.md")]) == 74


def test_a_what_if_preview_does_not_affect_the_exit_code(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_as_they_are(requests: Sequence[Request], *, pack: Path) -> list[Preview]:
        assert pack
        return [Preview(stack=one.stack, errors=["no"]) if one.config_file else PASSED for one in requests]

    monkeypatch.setattr(engine, "preview_all", only_as_they_are)
    assert main(["preview", str(project), "--stack", "dev", "--what-if"]) == 0
    assert "not possible" in capsys.readouterr().out
    monkeypatch.setattr(engine, "preview_all", lambda requests, **_: [REFUSED for _ in requests])
    assert main(["preview", str(project), "--stack", "dev", "--what-if"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{}/gone"], "gone holds no Pulumi.yaml"),
        (["{}", "--policy-pack", "{}"], "holds no PulumiPolicy.yaml"),
        (["{}", "--config-file", "notes.yaml"], "notes.yaml does not exist"),
        (["{}", "--config-file", "{}/notes.yaml"], "--config-file configures one stack"),
        (["{}", "--format", "html"], "invalid choice: 'html'"),
        (
            ["{}", "--output", "report.html"],
            "report.html has no known format; end its name in .txt, .json, .md",
        ),
        (["{}", "--what-if", "--format", "sarif"], "the format sarif shows no variations"),
        (["{}", "--limits", "{}/gone"], "gone does not exist; name a file of limits"),
        (["{}", "--offline", "--secret", "key"], "'key' has no value; write KEY=VALUE"),
        (["{}", "--base", ""], "it is empty; name a folder"),
        (["{}", "--base", " "], "it is empty; name a folder"),
        (["{}", "--base", "{}", "--what-if"], "not allowed with argument --base"),
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


def test_an_error_without_pulumi_says_what_to_install(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["preview", str(project)]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "no `pulumi` on PATH; install it" in told.err


def test_an_interruption_is_reported_in_a_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any, **__: Any) -> list[Preview]:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "preview_all", interrupted)
    assert main(["preview", str(project)]) == 130
    assert capsys.readouterr().err == "guardrails: interrupted; nothing was changed.\n"
