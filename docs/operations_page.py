"""The page docs/operations.md: each command that an operator types, for `ccapi` and for the AWS CLI."""

import ast
import inspect
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from cli import exit_codes
from cli.app import COMMANDS
from cli.exit_codes import ExitCode

SOURCE = Path(__file__).with_name("operations.toml")

_HEAD = """\
# Operations

`ccapi` is the command line of a pipeline's operator. It reads the outputs of a stack, so no ARN has to be copied, and
works the same on the local stack and on an AWS account. `make setup` installs it as `.venv/bin/ccapi`, and
`pip install '.[cli]' ./policies` as `ccapi`, without the local stack:

    . .venv/bin/activate
    export CCAPI_STACK=prod            # or --stack prod with each command; without it, the stack is `local`
    ccapi runs

It calls AWS with the credentials of the shell, as the AWS CLI does. `--json` prints one JSON document instead of text.
To complete commands and options by Tab: `eval "$(_CCAPI_COMPLETE=bash_source ccapi)"`, or `zsh_source`, `fish_source`.

Without an AWS account, `ccapi local up` starts the stack `local` on this machine, `ccapi local seed` fills it with
runs, and `ccapi local down` stops it. After `eval "$(ccapi local env)"`, `pulumi` and `aws` work on it too.

If its processes were killed, or the machine was restarted, `ccapi local resume` starts it again with its state. A run
that was going has failed then, and its message has the command that does the rest.
"""
_COMMANDS = """
## Commands

| command | effect |
|---|---|"""
_EXIT_CODES = """
## Exit codes

| exit code | meaning |
|---|---|"""
_SECTIONS = """
## In place of the guide's commands

The tables have each command of the guide, in its order, with the `ccapi` line and the line of the AWS CLI that do the
same. `RUN` is the name of a run, such as 2026-W49; `ccapi` takes the name of an execution too, and in most commands the
newest run where none is named. A setting takes effect with the next `pulumi up`. The lines of the AWS CLI (version 2)
use the stack's outputs as variables:

    eval "$(pulumi stack output --shell)"
    execution_arn=…                         # from list-executions
    scheduler_role=…                        # the role of the schedule, from get-schedule
"""
NONE = "none: "
"""The beginning of a line in place of one for the AWS CLI, before the reason that there is none."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A task of an operator, with its command lines."""

    what: str
    ccapi: str
    aws: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Section:
    """A chapter of the guide, with the rows that replace its commands."""

    title: str
    guide: str
    row: Sequence[Row]


def sections() -> list[Section]:
    """Return the content of operations.toml."""
    content = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return [
        Section(title=each["title"], guide=each["guide"], row=[Row(**row) for row in each["row"]])
        for each in content["section"]
    ]


def page() -> str:
    """Return the page."""
    lines = [_HEAD, _COMMANDS.lstrip("\n"), *_commands(), _EXIT_CODES, *_exit_codes(), _SECTIONS]
    for section in sections():
        lines += [f"### {section.title}\n", "| to do | `ccapi` | AWS CLI |", "|---|---|---|"]
        lines += [f"| {row.what} | {_code(row.ccapi)} | {_aws(row)} |" for row in section.row]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _commands() -> Iterator[str]:
    for name, registered in COMMANDS.items():
        yield f"| `ccapi {name}` | {registered.summary} |"


def _exit_codes() -> Iterator[str]:
    """Yield a row for each exit code, with the docstring below it in the source."""
    (described,) = (
        node for node in ast.parse(inspect.getsource(exit_codes)).body if isinstance(node, ast.ClassDef)
    )
    for node, after in pairwise(described.body):
        if isinstance(node, ast.Assign) and isinstance(after, ast.Expr):
            code = ExitCode[ast.unparse(node.targets[0])]
            yield f"| {code:d} | {ast.literal_eval(after.value)} |"


def _aws(row: Row) -> str:
    return "<br>".join(line.removeprefix(NONE) if line.startswith(NONE) else _code(line) for line in row.aws)


def _code(line: str) -> str:
    return f"`{line}`".replace("|", "\\|")
