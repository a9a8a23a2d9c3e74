from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from guardrails.preview.preview_result import Preview
from guardrails.preview.requests import Request, with_base, with_variations
from guardrails.preview.variations import VariationsError, read_variations


class Engine:
    """An engine that names the config file of each preview, and keeps its requests."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def __call__(self, requests: Sequence[Request]) -> list[Preview]:
        self.asked += requests
        texts = (one.file.read_text(encoding="utf-8") if one.file else "" for one in requests)
        return [
            Preview(stack=one.stack, report={"project": one.project.name, "file": yaml.safe_load(text)})
            for one, text in zip(requests, texts, strict=True)
        ]


@pytest.fixture
def engine() -> Engine:
    return Engine()


def project(folder: Path, *stacks: str) -> Path:
    folder.mkdir()
    for stack in stacks:
        (folder / f"Pulumi.{stack}.yaml").write_text(f"config: {{p:of: {folder.name}}}", encoding="utf-8")
    return folder


def requests(folder: Path, *stacks: str) -> list[Request]:
    return [Request(project=folder, stack=stack) for stack in stacks]


def test_each_stack_is_previewed_in_the_project_and_in_its_base(tmp_path: Path, engine: Engine) -> None:
    now, before = (project(tmp_path / name, "dev", "prod") for name in ("now", "before"))
    previews, base = with_base(engine, requests(now, "dev", "prod"), before)
    assert [(one.stack, one.report["project"]) for one in previews] == [("dev", "now"), ("prod", "now")]
    assert {stack: one.report["project"] for stack, one in base.items()} == {
        "dev": "before",
        "prod": "before",
    }


def test_a_stack_that_is_new_was_not_there_to_be_previewed(tmp_path: Path, engine: Engine) -> None:
    now, before = project(tmp_path / "now", "dev", "new"), project(tmp_path / "before", "dev")
    _, base = with_base(engine, requests(now, "dev", "new"), before)
    assert list(base) == ["dev"]


def test_a_stack_without_a_file_on_either_side_is_previewed_on_both(tmp_path: Path, engine: Engine) -> None:
    now, before = project(tmp_path / "now"), project(tmp_path / "before")
    _, base = with_base(engine, requests(now, "org/elsewhere"), before)
    assert list(base) == ["org/elsewhere"]


def test_a_file_in_place_of_the_stack_file_applies_only_to_the_project_and_not_to_its_base(
    tmp_path: Path, engine: Engine
) -> None:
    now, before = (project(tmp_path / name, "dev") for name in ("now", "before"))
    file = tmp_path / "other.yaml"
    file.write_text("config: {p:of: other}", encoding="utf-8")
    with_base(engine, [Request(project=now, stack="dev", config_file=file)], before)
    assert [one.config_file for one in engine.asked] == [file, None]


def test_a_stack_is_previewed_as_it_is_and_with_each_variation(tmp_path: Path, engine: Engine) -> None:
    folder = project(tmp_path / "now", "dev", "prod")
    file = tmp_path / "what-if.yaml"
    file.write_text("more: {p:shards: 4}\nless: {p:of: null}", encoding="utf-8")
    found = with_variations(engine, requests(folder, "dev", "org/prod"), read_variations(file))
    assert [{name: one.report["file"]["config"] for name, one in varied.items()} for varied in found] == 2 * [
        {"as it is": {"p:of": "now"}, "more": {"p:of": "now", "p:shards": 4}, "less": {}}
    ]
    assert [one.stack for one in engine.asked] == 3 * ["dev"] + 3 * ["org/prod"]
    assert (folder / "Pulumi.dev.yaml").read_text(encoding="utf-8") == "config: {p:of: now}"
    assert not any(one.config_file and one.config_file.exists() for one in engine.asked)


def test_a_stack_without_a_file_cannot_vary(tmp_path: Path, engine: Engine) -> None:
    file = tmp_path / "what-if.yaml"
    file.write_text("more: {p:shards: 4}", encoding="utf-8")
    with pytest.raises(VariationsError, match=r"elsewhere has no file in .* name one with --config-file"):
        with_variations(engine, requests(tmp_path, "elsewhere"), read_variations(file))
    assert engine.asked == []
