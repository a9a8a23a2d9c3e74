"""`ccapi doctor`: checks of everything that a run and its messages need."""

from collections import Counter
from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem

from cli.aws_errors import translated
from cli.doctor.check import Check, Context, Result, Verdict, results
from cli.doctor.registry import CHECKS
from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.times import iso

_NAMES = {check.name: check for check in CHECKS}
_STYLES = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red", Verdict.UNKNOWN: "magenta"}


def _chosen(context: click.Context, _argument: click.Parameter, names: tuple[str, ...]) -> Sequence[Check]:
    # While a shell completes a word, a wrong one before it is no error.
    return CHECKS if context.resilient_parsing else [_check(name) for name in names] or CHECKS


def _completed(_context: click.Context, _argument: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in _NAMES if name.startswith(begun)]


@click.command(cls=OperatorCommand)
@click.argument("checks", nargs=-1, metavar="[CHECK]...", callback=_chosen, shell_complete=_completed)
@pass_invocation
def doctor(invocation: Invocation, checks: Sequence[Check]) -> int:
    """Check everything that a run needs, or only some CHECKs, each with its remedy and a command.

    The exit code is 1 if a check fails. A check that could not be made is unknown, never ok.
    """
    stack, output, now = invocation.stack, invocation.output, invocation.now()
    with translated(stack):
        _require_account(invocation)
    found: list[Result] = []
    for result in results(checks, Context(stack, now)):
        found.append(result)
        finding = result.finding
        output.line(f"{finding.verdict:<8}{result.check}: {finding.seen}", style=_STYLES[finding.verdict])
        if finding.remedy:
            output.line(f"        {finding.remedy}")
        if finding.command:
            output.line(f"        {finding.command}")
    counts = Counter(result.finding.verdict for result in found)
    output.line()
    output.line(", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict))
    output.document(
        {
            "at": iso(now),
            "counts": {str(verdict): counts[verdict] for verdict in Verdict},
            "checks": [
                {
                    "check": result.check,
                    "verdict": str(result.finding.verdict),
                    "seen": result.finding.seen,
                    "remedy": result.finding.remedy or None,
                    "command": result.finding.command or None,
                }
                for result in found
            ],
        }
    )
    return ExitCode.FAILED if counts[Verdict.FAIL] else ExitCode.OK


def _check(name: str) -> Check:
    if name not in _NAMES:
        raise OperatorError(
            f"there is no check {name!r}",
            f"name some of {', '.join(repr(known) if ' ' in known else known for known in _NAMES)}",
            ExitCode.WRONG_COMMAND_LINE,
        )
    return _NAMES[name]


def _require_account(invocation: Invocation) -> None:
    """Raise OperatorError if the credentials are of another account, in which the stack does not exist."""
    stack = invocation.stack
    account = stack.client("sts").get_caller_identity()["Account"]
    if account != stack.account:
        raise OperatorError(
            f"the AWS credentials are of the account {account}, and the stack {stack.name} is in {stack.account}",
            f"sign in to {stack.account}, or name another stack with --stack",
            ExitCode.UNREACHABLE,
        )
