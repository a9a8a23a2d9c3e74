"""The parts of a check: what it gets, what it finds, and how it is run."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from cli.errors import MissingResourceError, OperatorError
from cli.images import DeployedImage, deployed_image
from cli.messages.deployed_reporter import reporter_settings
from cli.next_commands import ccapi_line
from cli.stack import Stack
from components.settings.names import Names
from reporter.settings import Settings

# The codes of AWS for a resource that does not exist, of whatever service.
_MISSING = re.compile(r"NotFound|NoSuch|NotExist|NonExistent|ParameterNotFound")
_AGAIN = "It was deleted by hand, or the deployment is incomplete: deploy the stack again."


class Verdict(StrEnum):
    """The verdict of a check."""

    OK = "ok"
    WARN = "warn"
    """Something needs attention, and runs and messages work."""
    FAIL = "fail"
    """A run or a message fails, or will fail."""
    UNKNOWN = "unknown"
    """The check could not be made; it never counts as ok."""


@dataclass(frozen=True)
class Finding:
    """The result of a check."""

    verdict: Verdict
    seen: str
    """The things that were looked at, with counts, and the state that was found."""
    remedy: str = ""
    """The step that mends it, in a sentence; empty if the verdict is ok."""
    command: str = ""
    """The command for that step, if there is one."""


def ok(seen: str) -> Finding:
    """Return a finding that all is in order."""
    return Finding(Verdict.OK, seen)


def warn(seen: str, remedy: str, command: str = "") -> Finding:
    """Return a finding that needs attention."""
    return Finding(Verdict.WARN, seen, remedy, command)


def fail(seen: str, remedy: str, command: str = "") -> Finding:
    """Return a finding of a fault."""
    return Finding(Verdict.FAIL, seen, remedy, command)


def unknown(seen: str, remedy: str, command: str = "") -> Finding:
    """Return a finding that the check could not be made."""
    return Finding(Verdict.UNKNOWN, seen, remedy, command)


@dataclass(frozen=True)
class Context:
    """The stack and the time, which every check gets."""

    stack: Stack
    now: datetime

    @cached_property
    def reporter(self) -> Settings:
        """The settings of the deployed reporter."""
        return reporter_settings(self.stack)

    @cached_property
    def image(self) -> DeployedImage:
        """The image of the task definition that the next run uses."""
        return deployed_image(self.stack)

    @cached_property
    def names(self) -> Names:
        """The names of the stack's resources that no output has."""
        return Names(self.reporter.project, self.reporter.environment, self.stack.region, self.stack.account)

    @property
    def up(self) -> str:
        """The command that deploys the stack again, with what was changed or deleted by hand."""
        if self.stack.is_local:
            return "ccapi local up"
        return f"pulumi up --refresh --stack {self.stack.name}"

    def ccapi(self, line: str) -> str:
        """Return a command of `ccapi` for the stack."""
        return ccapi_line(self.stack.name, *line.split())


@dataclass(frozen=True)
class Check:
    """A check with its name."""

    name: str
    run: Callable[[Context], Finding]


@dataclass(frozen=True)
class Result:
    """The finding of a check."""

    check: str
    finding: Finding


def results(checks: Iterable[Check], context: Context) -> Iterator[Result]:
    """Yield the result of each check; one that raises is unknown, with the reason, and does not stop the others."""
    for check in checks:
        yield Result(check.name, _finding(check, context))


def _finding(check: Check, context: Context) -> Finding:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as in cli.stack

    try:
        return check.run(context)
    except OperatorError as error:
        if isinstance(error, MissingResourceError):
            return fail(error.what, _AGAIN, context.up)
        return unknown(f"not known: {error.what}", _sentence(error.next_step))
    except ClientError as error:
        return _refused(error.operation_name, error.response["Error"], context)
    except BotoCoreError as error:
        return unknown(f"not known: {str(error).rstrip('.')}", "Check the network, and check again.")
    except Exception as error:  # noqa: BLE001 - a defect of one check must not hide what the others find
        return unknown(f"not known: the check failed with {type(error).__name__}: {error}", "Report it.")


def _refused(operation: str, error: Mapping[str, Any], context: Context) -> Finding:
    """Return the finding of a check whose call AWS refused: a fault if the resource does not exist."""
    message = error["Message"].rstrip(".")
    if _MISSING.search(error["Code"]):
        return fail(f"{operation}: {message}", _AGAIN, context.up)
    what = f"not known: {operation}: {error['Code']}: {message}"
    if context.stack.is_local and "does not support" in message:
        return unknown(what, "Only an account can answer it.")
    return unknown(what, "Use credentials that allow the call, and check again.")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def error_code(error: Exception) -> str:
    """Return AWS's code of a ClientError."""
    response = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))
