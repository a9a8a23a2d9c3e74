"""Tests that AWS CLI commands in the docs pass `--region`, because the CLI's default region may be another one."""

import re

import pytest

from tests.stacks import ROOT

PAGES = sorted(
    str(path.relative_to(ROOT))
    for folder in ("", "docs", "local", "policies", "container", "components")
    for path in (ROOT / folder).glob("*.md" if not folder else "**/*.md")
)
COMMAND = re.compile(
    r"(?<![\w/])aws (?!\w+\.)[a-z0-9]+ [a-z]+(?:-[a-z0-9]+)+[^`]*?(?=`|(?<!\\)\n)", re.DOTALL
)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_names_its_region(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8").replace("\\\n", " ").replace("|\n", "| ")

    assert [found for found in COMMAND.findall(text) if "--region" not in found] == []


def test_commands_are_found() -> None:
    assert COMMAND.findall("    aws sns list-topics --x\n and `aws ecs stop-task`") == [
        "aws sns list-topics --x",
        "aws ecs stop-task",
    ]


def test_no_command_reads_a_device_as_a_file() -> None:
    """The AWS CLI answers `--body /dev/null` with "Blob values must be a path to a file."."""
    commands = [
        found
        for page in PAGES
        for found in COMMAND.findall((ROOT / page).read_text(encoding="utf-8").replace("\\\n", " "))
    ]
    assert commands
    assert [found for found in commands if "/dev/" in found] == []
