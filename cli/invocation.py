"""The options that all commands share, and the stack they name, read when a command first needs it."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import click

from cli.local_stack import LOCAL
from cli.output import Output
from cli.stack import Stack


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Invocation:
    """One command line: the named stack, the form of the output, and the clock."""

    stack_name: str = field(default_factory=lambda: os.environ.get("CCAPI_STACK") or LOCAL)
    output: Output = field(default_factory=Output)
    now: Callable[[], datetime] = field(default=_now)

    @cached_property
    def stack(self) -> Stack:
        """The deployed stack.

        Raises:
            OperatorError: if it cannot be read, or is not deployed.
        """
        return Stack.read(self.stack_name)


pass_invocation = click.make_pass_decorator(Invocation)
"""Passes the `Invocation` to a command as its first argument."""


def _shared_options() -> list[click.Parameter]:
    """Return the options that every command takes, before its name or behind it."""
    return [
        click.Option(
            ["--stack"],
            metavar="NAME",
            expose_value=False,
            callback=_set_stack,
            help="The Pulumi stack; without it, that of the variable CCAPI_STACK, or else `local`.",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help="Print one JSON document instead of text.",
        ),
    ]


def _set_stack(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Invocation).stack_name = value


def _set_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Invocation).output.as_json = True


class OperatorCommand(click.Command):
    """A command with the shared options."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params += _shared_options()


class OperatorGroup(click.Group):
    """A group of commands, all of them with the shared options."""

    command_class = OperatorCommand

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params += _shared_options()
