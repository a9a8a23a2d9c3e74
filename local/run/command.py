"""The commands on the local stack: run the pipeline once, only deploy it, start it again, and stop it.

Exit codes: 0 success, 3 partial failure, 130 after Ctrl-C, 1 otherwise.
"""

import errno
import shutil
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.text import Text

from local.channels.slack_page import slack_page
from local.interruption import without_interruption
from local.paths import LOGS, ROOT, SLACK_PAGE
from local.process_record import stop_recorded
from local.run import execution, stack
from local.run.aws import forget_state
from local.run.channels import channel_messages
from local.run.deployment import LocalStack, deployed
from local.run.display import Steps, VisibleConsole, show
from local.run.errors import RunError
from local.run.execution import Execution
from local.run.imagery import withheld_imagery
from local.run.kept_stack import KeptStack, take_kept_stack
from local.run.layout import first_lines
from local.run.mailboxes import Mailbox, read_mail
from local.run.options import Options, parse
from local.run.outcome import Outcome, Status, collect
from local.run.resume import resume as resume_kept
from local.run.service_account import put_service_account
from local.run.single_instance import checkout_held, single_instance
from local.run.summary import ERROR_ROWS
from local.toolchain import ToolchainError
from local.workspace import StackFileError

EXIT_CODES = {Status.SUCCEEDED: 0, Status.PARTIAL: 3, Status.FAILED: 1}
FAILED = 1
NEEDED_BYTES = 300 * 1024 * 1024


def run(arguments: Sequence[str]) -> int:
    """Run the pipeline once and return the exit code."""
    return _reporting_errors("make run", lambda console: _run(console, parse(arguments), arguments))


def stop() -> int:
    """Stop the stack that `--keep` left running, and return the exit code."""
    return _reporting_errors("make stop", _stop)


def up(arguments: Sequence[str]) -> int:
    """Deploy the local stack, leave it running without a run, and return the exit code."""
    return _reporting_errors("ccapi local up", lambda console: _up(console, parse(arguments)))


def resume() -> int:
    """Start the kept stack again after its processes have ended, and return the exit code."""
    return _reporting_errors("ccapi local resume", _resume)


def _reporting_errors(name: str, command: Callable[[Console], int]) -> int:
    """Run a command; report any error in one sentence, but leave Ctrl-C to the caller.

    Raises:
        KeyboardInterrupt: after Ctrl-C, once everything that was started is stopped.
    """
    console = VisibleConsole()
    # Threads of the Automation API fail when a run is interrupted; the operator asked for that, so only log it.
    threading.excepthook = lambda hook: _log(_traceback(hook.exc_value))
    try:
        return command(console)
    except (RunError, StackFileError, ToolchainError) as error:
        _print_error(name, str(error))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            _print_error(name, f"{error}; the traceback is in {_log(_traceback(error))}")
        else:
            _print_error(name, f"no space left on the disk of {ROOT}; free some and run again.")
    except Exception as error:  # noqa: BLE001 - the operator gets a sentence, the log gets the traceback
        _print_error(name, f"{type(error).__name__}: {error}; the traceback is in {_log(_traceback(error))}")
    return FAILED


def _print_error(name: str, text: str) -> None:
    """Print an error; of a long one print the first rows and the name of the log that has all of it."""
    console = VisibleConsole(stderr=True)
    lines = f"{name}: {text}".splitlines()
    shown = first_lines(lines, width=console.width, rows=ERROR_ROWS)
    if shown != lines:
        shown = [*shown, f"… and the rest in {_log(text)}"]
    for line in shown:
        console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)


def _traceback(error: BaseException | None) -> str:
    return "".join(traceback.format_exception(error))


def _log(text: str) -> str:
    """Append a text to the log of runs, and return the path of the log."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / "run.log"
    with path.open("a", encoding="utf-8") as log:
        log.write(f"{text.rstrip()}\n")
    return str(path.relative_to(ROOT))


def _stop(console: Console) -> int:
    with single_instance() as stopped:
        stack.forget_stack()
        forget_state()
        _report_stopped(console, stopped)
    if not stopped:
        console.print("No process of an earlier run was running.")
    return 0


def _report_stopped(console: Console, stopped: int) -> None:
    """Print what the command has stopped: the kept stack, or processes that a killed run left."""
    kept = take_kept_stack()
    if stopped:
        text = f"Stopped {kept or f'{stopped} processes that an earlier run left running'}."
        console.print(Text(text), soft_wrap=True)


def _run(console: Console, options: Options, arguments: Sequence[str]) -> int:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        raise RunError(
            f"{free // 1024**2} MiB are free on the disk of {ROOT}, and a run needs "
            f"{NEEDED_BYTES // 1024**2} MiB; free some and run again"
        )
    with single_instance() as stopped:
        _report_stopped(console, stopped)
        kept: KeptStack | None = None
        try:
            outcome, kept = _run_once(console, options)
        finally:
            if kept is None:
                without_interruption(stop_recorded)
        outcome.write()
        if kept:
            kept.write()
    notes = [_slack_page_line()] if options.slack else []
    show(console, outcome, verbose=options.verbose, arguments=arguments, notes=notes, kept=kept)
    return EXIT_CODES[outcome.status]


def _up(console: Console, options: Options) -> int:
    with single_instance() as stopped:
        _report_stopped(console, stopped)
        kept: KeptStack | None = None
        try:
            with deployed(Steps(console), options, keep=True) as local_stack:
                local_stack.open_mailboxes()
                kept = local_stack.kept(run_id=None)
        finally:
            if kept is None:
                without_interruption(stop_recorded)
        kept.write()
    _print_commands(console, kept)
    return 0


def _resume(console: Console) -> int:
    with checkout_held():
        kept, started = resume_kept()
    text = (
        f"Started again with its state: {', '.join(started)}."
        if started
        else "All parts are running already."
    )
    console.print(Text(text), soft_wrap=True)
    _print_commands(console, kept)
    return 0


def _print_commands(console: Console, kept: KeptStack) -> None:
    for purpose, command in kept.commands():
        console.print(Text(f"{purpose}  {command}"), soft_wrap=True)


def _slack_page_line() -> str:
    if SLACK_PAGE.exists():
        return f"Slack: {SLACK_PAGE.relative_to(ROOT)}"
    return (
        "Slack: no page, since no message came to the local channels; where Pulumi.local.yaml sets slackWebhookUrl, "
        "messages go there."
    )


def _run_once(console: Console, options: Options) -> tuple[Outcome, KeptStack | None]:
    steps = Steps(console)
    with deployed(steps, options, keep=options.keep) as local_stack:
        if options.keep:
            # Written before the run, so that the stack can be resumed if its processes are killed meanwhile.
            local_stack.kept(run_id=None).write()
        with _end_of_aws_reported(local_stack, options):
            outcome = _outcome(steps, local_stack, options)
        kept = local_stack.kept(outcome.run_id) if options.keep else None
    return replace(outcome, timings=steps.timings), kept


def _outcome(steps: Steps, local_stack: LocalStack, options: Options) -> Outcome:
    finished = _execute(steps, local_stack, options)
    with steps.step("results", "Results"):
        received = local_stack.channels.received()
        messages = [*read_mail(local_stack.aws, finished.mailboxes), *channel_messages(received)]
        outcome = collect(
            local_stack.aws,
            finished.execution,
            local_stack.outputs,
            messages,
            steps.timings,
            region_names=local_stack.region_names,
        )
        _write_slack_page(received["slack"] if options.slack else ())
    return outcome


@contextmanager
def _end_of_aws_reported(local_stack: LocalStack, options: Options) -> Iterator[None]:
    """Replace the errors of a block whose local AWS has ended by one that says so."""
    try:
        yield
    except Exception:
        stack_record = local_stack.kept(run_id=None)
        if stack_record.answers():
            raise
        again = (
            "type `ccapi local resume`, which starts it again with its state, then `ccapi runs`, which lists the run"
            if options.keep
            else "run again; with --keep, `ccapi local resume` would start it again with its state"
        )
        raise RunError(
            f"the local AWS ({stack_record.endpoint}) ended while the run was at work; {again}"
        ) from None


def _write_slack_page(messages: Sequence[Mapping[str, Any]]) -> None:
    """Write the page of the Slack messages; without any, remove the page of an earlier run."""
    SLACK_PAGE.unlink(missing_ok=True)
    if messages:
        SLACK_PAGE.parent.mkdir(exist_ok=True)
        SLACK_PAGE.write_text(slack_page(messages), encoding="utf-8")


@dataclass(frozen=True)
class _Finished:
    execution: Execution
    mailboxes: Sequence[Mailbox]


def _execute(steps: Steps, local_stack: LocalStack, options: Options) -> _Finished:
    aws, outputs = local_stack.aws, local_stack.outputs
    mailboxes = local_stack.open_mailboxes()
    if options.program is not None:
        put_service_account(aws, outputs["gee_credentials_secret_arn"])
    with (
        withheld_imagery(aws, outputs["s3_cache_bucket"], options.fail_regions),
        steps.step(
            "execution", "Regions", total=options.regions or len(local_stack.region_names) or None
        ) as step,
    ):
        arn = execution.start(aws, outputs)
        finished = execution.follow(aws, arn, outputs["s3_reports_bucket"], step.advance_to)
        if finished.status == "SUCCEEDED":
            step.describe(finished.status)
        else:
            step.fail(finished.status)
    return _Finished(finished, mailboxes)
