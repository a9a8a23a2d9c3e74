"""The command behind `make run`: run every step in order, and stop everything at the end.

Exit codes: 0 success, 3 partial failure, 130 after Ctrl-C, 1 otherwise.
"""

import errno
import os
import shutil
import signal
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from components.settings.regions import region_names
from local.agent.image import assemble
from local.aws import LocalAws
from local.channels.client import LocalChannels
from local.channels.slack_page import slack_page
from local.paths import IMAGE, LOGS, ROOT, SLACK_PAGE
from local.process_record import stop_recorded
from local.run import execution, stack
from local.run.aws import local_aws
from local.run.channels import ChannelSettings, channel_messages, channel_settings, local_channels
from local.run.checks import checked
from local.run.display import Steps, VisibleConsole, show
from local.run.errors import RunError
from local.run.execution import Execution
from local.run.kept_stack import KeptStack, take_kept_stack
from local.run.layout import first_lines
from local.run.mailboxes import Mailbox, open_mailboxes, read_mail
from local.run.options import STACK, Options, monitored_catalog, parse
from local.run.outcome import Outcome, Status, collect
from local.run.package import build_package
from local.run.service_account import put_service_account
from local.run.single_instance import single_instance
from local.run.summary import ERROR_ROWS
from local.toolchain import ToolchainError, ready
from local.workspace import StackFileError, read_stack_file

EXIT_CODES = {Status.SUCCEEDED: 0, Status.PARTIAL: 3, Status.FAILED: 1}
FAILED = 1
NEEDED_BYTES = 300 * 1024 * 1024


def run(arguments: Sequence[str]) -> int:
    """Run the pipeline once and return the exit code."""
    return _reporting_errors("make run", lambda console: _run(console, parse(arguments), arguments))


def stop() -> int:
    """Stop the stack that `--keep` left running, and return the exit code."""
    return _reporting_errors("make stop", _stop)


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
        _report_stopped(console, stopped)
    if not stopped:
        console.print("Nothing of this checkout's runs was running.")
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
                _without_interruption(stop_recorded)
        outcome.write()
        if kept:
            kept.write()
    notes = [_slack_page_line()] if options.slack else []
    show(console, outcome, verbose=options.verbose, arguments=arguments, notes=notes, kept=kept)
    return EXIT_CODES[outcome.status]


def _slack_page_line() -> str:
    if SLACK_PAGE.exists():
        return f"Slack: {SLACK_PAGE.relative_to(ROOT)}"
    return (
        "Slack: no page, since no message came to the local channels; where Pulumi.local.yaml sets slackWebhookUrl, "
        "messages go there."
    )


def _without_interruption(clean_up: Callable[[], object]) -> None:
    """Clean up while Ctrl-C and SIGTERM are ignored, so that a second Ctrl-C leaves nothing running."""
    handlers = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        clean_up()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _run_once(console: Console, options: Options) -> tuple[Outcome, KeptStack | None]:
    config = checked(STACK, read_stack_file(STACK), options)
    # The items of another project are known when its run is planned.
    names = region_names(monitored_catalog(config)) if options.project is None else ()
    steps = Steps(console)
    with steps.step("toolchain", "Toolchain") as step:
        tools = ready(ROOT, progress=step.describe_progress)
        os.environ.update(tools.environment(stand_in_provider=not options.released_provider))
        if options.project is not None:
            os.environ.update(build_package())
    with steps.step("image", "Worker image"):
        base = options.project or options.program
        assemble(dockerfile=ROOT / "container" / "Dockerfile", context=ROOT, to=IMAGE, base=base)
    with ExitStack() as running:
        with steps.step("local_aws", "Local AWS") as step:
            channels = running.enter_context(local_channels(keep=options.keep))
            aws = running.enter_context(local_aws(account=str(config["ccapi:account"]), keep=options.keep))
            step.describe(aws.endpoint)
        outputs = _deploy(steps, aws, channels, config, options.project)
        finished = _execute(steps, aws, outputs, options, names)
        with steps.step("results", "Results"):
            received = channels.received()
            messages = [*read_mail(aws, finished.mailboxes), *channel_messages(received)]
            outcome = collect(aws, finished.execution, outputs, messages, steps.timings, region_names=names)
            _write_slack_page(received["slack"] if options.slack else ())
        kept = KeptStack(outcome.run_id, aws.endpoint, channels.endpoint) if options.keep else None
    return replace(outcome, timings=steps.timings), kept


def _write_slack_page(messages: Sequence[Mapping[str, Any]]) -> None:
    """Write the page of the Slack messages; without any, remove the page of an earlier run."""
    SLACK_PAGE.unlink(missing_ok=True)
    if messages:
        SLACK_PAGE.parent.mkdir(exist_ok=True)
        SLACK_PAGE.write_text(slack_page(messages), encoding="utf-8")


def _deploy(
    steps: Steps, aws: LocalAws, channels: LocalChannels, config: Mapping[str, Any], project: Path | None
) -> Mapping[str, Any]:
    with steps.step("up", "pulumi up") as step:
        stack.forget_stack()
        settings = (
            channel_settings(config, channels)
            if project is None
            else ChannelSettings(stack.config_of_another(config), secrets={})
        )
        stack.write_workspace(settings.config, aws=aws, project=project or ROOT)
        selected = stack.select_stack()
        stack.set_secrets(selected, settings.secrets)
        count = 0

        def on_resource(name: str) -> None:
            nonlocal count
            count += 1
            step.describe(f"{count} done, {name}")

        deployment = stack.up(selected, on_resource)
        step.describe(f"{deployment.resources} resources")
    return deployment.outputs


@dataclass(frozen=True)
class _Finished:
    execution: Execution
    mailboxes: Sequence[Mailbox]


def _execute(
    steps: Steps, aws: LocalAws, outputs: Mapping[str, Any], options: Options, names: Sequence[str]
) -> _Finished:
    topics = [outputs["pipeline_success_topic_arn"], outputs["pipeline_failure_topic_arn"]]
    mailboxes = open_mailboxes(aws, topics)
    if options.program is not None:
        put_service_account(aws, outputs["gee_credentials_secret_arn"])
    with (
        _withheld_imagery(aws, outputs["s3_cache_bucket"], options.fail_regions),
        steps.step("execution", "Regions", total=options.regions or len(names) or None) as step,
    ):
        arn = execution.start(aws, outputs)
        finished = execution.follow(aws, arn, outputs["s3_reports_bucket"], step.advance_to)
        if finished.status == "SUCCEEDED":
            step.describe(finished.status)
        else:
            step.fail(finished.status)
    return _Finished(finished, mailboxes)


@contextmanager
def _withheld_imagery(aws: LocalAws, cache_bucket: str, regions: Sequence[str]) -> Iterator[None]:
    """Withhold the imagery of regions for one execution, so that a redo of it finds some."""
    s3 = aws.client("s3")
    markers = [
        {"Bucket": cache_bucket, "Key": f"workloads/sample/unavailable/{region}"} for region in regions
    ]
    for marker in markers:
        s3.put_object(**marker)
    # Not in a `finally`: after an error the stack is gone, and nothing can be redone.
    yield
    for marker in markers:
        s3.delete_object(**marker)
