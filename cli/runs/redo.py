"""The decision whether a run can be done again, and with which input."""

from typing import TYPE_CHECKING, Any

from cli.errors import OperatorError
from cli.exit_codes import ExitCode
from cli.runs.outcome import is_refused
from cli.runs.run import Execution, Run, Status

if TYPE_CHECKING:
    from reporter.outcome import Outcome


def refusal(run: Run, outcome: "Outcome | None") -> OperatorError | None:
    """Return the error for a run that is not to be done again, or None; a running one has no outcome yet."""
    running = next((each for each in run.executions if each.status is Status.RUNNING), None)
    if running is not None or outcome is None:
        return OperatorError(
            f"run {run.name} is running", f"type `ccapi follow {run.name}`, or stop it first", ExitCode.FAILED
        )
    if run.decisive.validates_only:
        return OperatorError(
            f"{run.name} was to validate its input only", "type `ccapi run`", ExitCode.WRONG_COMMAND_LINE
        )
    is_complete = run.status is Status.SUCCEEDED and outcome.is_summarized
    if is_complete or run.decisive.reason == "already run":
        return OperatorError(
            f"run {run.name} is complete, so nothing is missing",
            f"type `ccapi reports {run.name}`, or `ccapi run --force-refresh` for a new run",
        )
    if is_refused(outcome):
        return OperatorError(
            f"run {run.name} failed because its input was refused, and would fail again",
            f"read the reason with `ccapi show {run.name}`, and type `ccapi run` with other options",
        )
    return None


def redo_input(execution: Execution, outcome: "Outcome") -> dict[str, Any]:
    """Return the input that does what is missing: the original one, with the name of the run if it has a plan.

    Raises:
        OperatorError: if the original input is not known.
    """
    from reporter.commands import input_again  # noqa: PLC0415
    from reporter.run_commands import run_id_to_redo  # noqa: PLC0415

    if execution.given is None:
        raise OperatorError(
            f"the input of the execution {execution.name} is not known", "type `ccapi run` for a new run"
        )
    if execution.reason == "not this week":
        # The machine does a named run in any week.
        return input_again(execution.given, execution.run)
    return input_again(execution.given, run_id_to_redo(outcome))
