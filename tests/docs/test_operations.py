"""Tests that every command line of the operator's pages exists, with its options."""

import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import botocore.session
import click
import pytest
from botocore import xform_name

from cli.app import ccapi
from components.resources.alarms import alarms
from components.settings.schedule import Schedule
from docs.operations_page import NONE, SOURCE, Row, sections
from reporter.alarm_commands import alarm_commands
from reporter.alarm_source import AlarmSource
from tests.reporter.examples import SETTINGS
from tests.stacks import ROOT, names_of
from worker.errors import ErrorName

ROWS = [row for section in sections() for row in section.row]
PAGES = ["README.md", *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md"))]


def ccapi_lines(page: str) -> Iterator[str]:
    """Yield the `ccapi` command lines of a page: in code, alone or before `,`, `;` or a comment."""
    text = (ROOT / page).read_text(encoding="utf-8")
    code = [*re.findall(r"`([^`\n]+)`", text), *re.findall(r"^    (.+)$", text, flags=re.MULTILINE)]
    for line in code:
        # The subject of a message begins with the name of the project too.
        if line.startswith("ccapi ") and "…" not in line and "<stack>" not in line:
            yield re.split(r"\s+#|\s<\s", line)[0].strip()


def check(line: str) -> None:
    """Raise click's error if a command line of `ccapi` names a command or an option that does not exist."""
    program, *words = shlex.split(line)
    assert program == "ccapi"
    context = click.Context(ccapi, info_name="ccapi")
    command: click.Command = ccapi
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"{line}: {words[0]} is not a command"
        command, words = found, words[1:]
    # A group without a command, or `--help`, prints and exits; a name alone stands for the command.
    of_a_name: tuple[type[Exception], ...] = () if words else (click.MissingParameter,)
    with suppress(click.exceptions.Exit, click.exceptions.NoArgsIsHelpError, *of_a_name):
        command.make_context(line, words, parent=context)


@pytest.mark.parametrize("line", sorted({line for page in PAGES for line in ccapi_lines(page)}))
def test_a_command_line_of_a_page_exists(line: str) -> None:
    check(line)


MESSAGES = sorted((ROOT / "tests" / "golden" / "reporter").glob("*.txt"))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda path: path.stem)
def test_a_message_has_a_command_line_that_exists(message: Path) -> None:
    lines = re.findall(r"^ccapi .+$", message.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert lines or message.stem == "alarm-ok"
    for line in lines:
        check(line)


def test_each_alarm_of_a_stack_has_a_command_line_that_exists() -> None:
    names = names_of("prod")
    for each in alarms(names, timeout_seconds=43_200, schedule=Schedule()):
        source = AlarmSource(
            name=names.resource_name(each.what), state="ALARM", metric=each.metric, dimensions=each.dimensions
        )
        check(alarm_commands(source, SETTINGS)[0].line)


def test_a_command_line_that_does_not_exist_is_found() -> None:
    for line in ("ccapi nope", "ccapi outputs --nope", "ccapi outputs one two"):
        with pytest.raises((click.ClickException, AssertionError)):
            check(line)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_no_cell_is_empty(row: Row) -> None:
    assert row.what
    assert row.ccapi.split()[0] in {"ccapi", "pulumi", "make"}
    assert row.aws
    assert all(line.removeprefix(NONE).strip() for line in row.aws)


SESSION = botocore.session.Session()
SERVICES = {"s3api": "s3"}


@pytest.mark.parametrize(
    "line", sorted({line for row in ROWS for line in row.aws if not line.startswith(NONE)})
)
def test_an_operation_of_the_aws_cli_exists_with_its_options(line: str) -> None:
    program, *words = shlex.split(line)
    assert program == "aws"
    if words == ["--version"]:
        return
    service, operation, *rest = words
    model = SESSION.get_service_model(SERVICES.get(service, service))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    shape = model.operation_model(names[operation]).input_shape
    members = shape.members if shape else {}
    options = {word.removeprefix("--") for word in rest if word.startswith("--")}
    assert options <= {xform_name(member, "-") for member in members} | {"region", "query", "output"}
    assert "region" in options
    required = shape.required_members if shape else []
    assert {xform_name(member, "-") for member in required} <= options


def test_every_chapter_of_the_guide_with_commands_has_its_section() -> None:
    chapters = [section.guide for section in sections()]
    assert chapters == sorted(set(chapters), key=chapters.index), f"{SOURCE.name} has a chapter twice"
    assert len(chapters) == 11


def test_the_page_about_troubleshooting_has_every_error_of_a_run() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(Worker\.\w+)`", page))
    assert named == {str(error) for error in ErrorName}


def test_the_page_about_troubleshooting_has_every_alarm() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    listed = alarms(names_of("prod"), timeout_seconds=43_200, schedule=Schedule())
    assert set(re.findall(r"`…-([a-z-]+)-…`", page)) == {each.what for each in listed}
