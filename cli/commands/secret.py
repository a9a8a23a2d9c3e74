"""`ccapi secret`: the credentials of Earth Engine and of the channels; no command prints a value."""

import sys
from typing import Any

import click

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorGroup, pass_invocation
from cli.next_commands import ccapi_line
from cli.pulumi_config import set_setting
from cli.secrets.secret_kinds import EARTH_ENGINE, KINDS, SecretKind
from cli.times import iso

# AWS Secrets Manager User Guide, "AWS Secrets Manager quotas": Secret value size.
_MAX_BYTES = 65_536


@click.group(cls=OperatorGroup)
def secret() -> None:
    """Set the credentials of Earth Engine and of the channels, or check those that are stored."""


@secret.command("show")
@pass_invocation
def show(invocation: Invocation) -> int:
    """Show whether each secret is set and valid, and since when.

    The exit code is 1 if one is damaged.
    """
    from cli.secrets.stored_secrets import stored_secrets  # noqa: PLC0415 - it is slow to import

    with translated(invocation.stack):
        found = stored_secrets(invocation.stack)
    invocation.output.table(
        ("secret", "state", "since", "remark"),
        [
            (
                each.kind.word,
                each.state,
                f"{each.since:%Y-%m-%d %H:%M} UTC" if each.since else "",
                each.problem or each.kind.what,
            )
            for each in found
        ],
    )
    for each in found:
        if each.problem:
            invocation.output.line(f"To replace {each.kind.word}: {_usage(each.kind, invocation.stack_name)}")
    invocation.output.document(
        {
            "secrets": [
                {
                    "secret": each.kind.word,
                    "setting": each.kind.setting,
                    "state": each.state,
                    "problem": each.problem,
                    "since": iso(each.since),
                }
                for each in found
            ]
        }
    )
    return ExitCode.FAILED if any(each.problem for each in found) else ExitCode.OK


@secret.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("name", metavar=f"[{'|'.join(KINDS)}]")
@click.argument("rest", nargs=-1, metavar="")
@pass_invocation
def set_(invocation: Invocation, name: str, rest: tuple[str, ...]) -> None:
    """Check and store a secret, whose value is read from standard input.

    On a terminal, the value is asked for without echo; the file of a service account is redirected:
    `ccapi secret set earth-engine < service-account.json`.

    earth-engine goes into Secrets Manager at once. The others are settings of the stack, so that they are encrypted
    into its stack file by `pulumi config set --secret`; the next `pulumi up` stores them. A value that was put into
    Secrets Manager by hand would be overwritten by it.
    """
    kind = KINDS.get(name)
    if kind is None or rest:
        # click's own error would repeat the argument, which may be the secret.
        what = "a secret is no argument: others can read it there" if rest else "there is no such secret"
        raise OperatorError(
            what,
            f"type `ccapi secret set {name if kind else '|'.join(KINDS)}` and give the value on standard input",
            ExitCode.WRONG_COMMAND_LINE,
        )
    value = _read(kind, invocation.stack_name)
    if problem := kind.problem(value):
        raise OperatorError(
            f"nothing was stored: {kind.what} {problem}"
            if problem.startswith(("is ", "has ", "holds "))
            else f"nothing was stored: {problem}",
            f"correct it, and type `{_usage(kind, invocation.stack_name)}` again",
            ExitCode.WRONG_COMMAND_LINE,
        )
    document = _put(invocation, value) if kind is EARTH_ENGINE else _configure(invocation, kind, value)
    invocation.output.document({"secret": kind.word, "setting": kind.setting, **document})


def _put(invocation: Invocation, value: bytes) -> dict[str, Any]:
    from worker.workloads.command.service_account_key import text_of  # noqa: PLC0415 - it imports botocore

    stack = invocation.stack
    with translated(stack):
        stack.client("secretsmanager").put_secret_value(
            SecretId=stack["gee_credentials_secret_arn"], SecretString=text_of(value)
        )
    invocation.output.line("Stored. The next run uses it; `pulumi up` does not change it.")
    return {"stored_in": "secretsmanager", "next_step": None}


def _configure(invocation: Invocation, kind: SecretKind, value: bytes) -> dict[str, Any]:
    name = invocation.stack_name
    folder = set_setting(name, str(kind.setting), value.decode(), secret=True)
    delivery = "ccapi local up" if name == "local" else f"pulumi up --stack {name}"
    invocation.output.line(
        f"Encrypted into {folder / f'Pulumi.{name}.yaml'} as {kind.setting}. It is not in use yet: type `{delivery}`, "
        "which stores it in Secrets Manager."
    )
    return {"stored_in": "stack file", "next_step": delivery}


def _read(kind: SecretKind, stack: str) -> bytes:
    """Return the value from standard input, which a terminal does not echo."""
    if sys.stdin is None:
        raise OperatorError(
            "standard input is closed, so there is no value",
            f"type `{_usage(kind, stack)}`",
            ExitCode.WRONG_COMMAND_LINE,
        )
    if sys.stdin.isatty():
        if kind is EARTH_ENGINE:
            raise OperatorError(
                "a service account has several lines, which a terminal cannot take without echo",
                f"type `{_usage(kind, stack)}`",
                ExitCode.WRONG_COMMAND_LINE,
            )
        typed: str = click.prompt(
            f"{kind.what[:1].upper()}{kind.what[1:]}", type=str, hide_input=True, err=True
        )
        return typed.strip().encode()
    value = sys.stdin.buffer.read(_MAX_BYTES + 1)
    if len(value) > _MAX_BYTES:
        raise OperatorError(
            f"the value has more than {_MAX_BYTES} bytes, which Secrets Manager does not take",
            "check that standard input is the right file",
            ExitCode.WRONG_COMMAND_LINE,
        )
    return value if kind is EARTH_ENGINE else value.strip()


def _usage(kind: SecretKind, stack: str) -> str:
    line = ccapi_line(stack, "secret", "set", kind.word)
    return f"{line} < service-account.json" if kind is EARTH_ENGINE else line
