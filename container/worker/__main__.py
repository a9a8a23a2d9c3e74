"""`python -m worker validate`, `monitor` and `summarize`: one task token each, answered whatever happens."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from worker import logs
from worker.aws import Clients
from worker.callback import Progress, TaskToken
from worker.deadline import end_process_after, working_seconds
from worker.errors import ErrorName, ExitCode, Interrupted, Stop, TokenDead, WorkerError
from worker.logs import logger
from worker.sigterm import Interruption

if TYPE_CHECKING:
    from worker.settings import Settings
    from worker.workloads import Workload

# Several heartbeats within the machine's heartbeat timeout make up for a lost one; more of them only cost requests.
BEATS_PER_HEARTBEAT = 5
MOST_SECONDS_BETWEEN_BEATS = 10.0

_EXIT_CODES = {"succeeded": ExitCode.OK, "partial": ExitCode.PARTIAL, "failed": ExitCode.FAILED}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do the work of one command and answer the task token; return the exit code."""
    started = time.monotonic()
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Works through the regions of a run.",
        allow_abbrev=False,
    )
    parser.add_argument("command", choices=["validate", "monitor", "summarize"])
    command: str = parser.parse_args(arguments).command
    logs.configure("INFO", {"run": os.environ.get("RUN_ID", "")})
    task_token = os.environ.get("TASK_TOKEN")
    if not task_token:
        logger.error("TASK_TOKEN is missing: a worker is started by a state machine, with a token to answer")
        return ExitCode.FAILED
    interruption = Interruption()
    try:
        interruption.listen()
        clients = Clients()
        client = clients.step_functions(heartbeat_seconds=_heartbeat_seconds())
        return _answered(command, TaskToken(task_token, client), clients, interruption, started)
    except Interrupted:
        logger.warning("interrupted: published regions are kept, and the next attempt does the rest")
        _last_word(task_token, ErrorName.INTERRUPTED, "The task was stopped, or Spot took its capacity back.")
        return ExitCode.INTERRUPTED
    except TokenDead as reason:
        logger.warning("the task token is no longer valid (%s)", reason)
        return ExitCode.TOKEN_DEAD
    except BotoCoreError as error:
        logger.error("the AWS client cannot be created: %s", error)
        return ExitCode.FAILED


def _answered(
    command: str, token: TaskToken, clients: Clients, interruption: Interruption, started: float
) -> ExitCode:
    try:
        # Send the first heartbeat before all other work: the machine's timeouts began when it requested the task.
        token.beat()
        answer = _work(command, token, clients, interruption, started)
        token.succeed(answer)
    except WorkerError as error:
        logger.error("%s: %s", error.name, error.cause)
        _fail(token, error.name, error.cause)
    except MemoryError:
        _fail(
            token, ErrorName.OUT_OF_MEMORY, "The process ran out of memory: give the task the next size up."
        )
    except Stop:
        raise
    except BaseException as error:  # noqa: BLE001 - a library may raise SystemExit, and the machine waits for an answer
        interruption.check()
        logger.exception("crashed")
        _fail(token, ErrorName.CRASHED, f"{type(error).__name__}: {error}. See the log of the task.")
    else:
        return _EXIT_CODES[answer.get("status", "succeeded")]
    return ExitCode.FAILED


def _work(
    command: str, token: TaskToken, clients: Clients, interruption: Interruption, started: float
) -> dict[str, Any]:
    # Imported after the first heartbeat, and each command only what it needs.
    from worker.s3 import Bucket  # noqa: PLC0415
    from worker.settings import Settings  # noqa: PLC0415
    from worker.task import this_task  # noqa: PLC0415

    settings = Settings.from_environment(os.environ)
    working = working_seconds(settings.task_timeout_seconds)
    end_process_after(
        working - (time.monotonic() - started),
        report=lambda: _last_word(
            os.environ["TASK_TOKEN"],
            ErrorName.DEADLINE_EXCEEDED,
            f"The task worked for {working:g} seconds, and its timeout of {settings.task_timeout_seconds} includes "
            "its start: raise run.taskTimeoutSeconds. Published regions are kept.",
        ),
    )
    task = this_task()
    about = {"run": settings.run_id, "shard": str(settings.shard), "attempt": str(settings.attempt)}
    logs.configure(settings.log_level, about | ({"task": task.arn} if task.arn else {}))
    is_check = command == "validate"
    # A validation ends within seconds, so its AWS calls are not limited by the heartbeat.
    patience = None if is_check else settings.heartbeat_seconds
    client = clients.s3(heartbeat_seconds=patience)
    reports, cache = Bucket(client, settings.s3_reports_bucket), Bucket(client, settings.s3_cache_bucket)
    progress = Progress(
        token,
        interval_seconds=min(MOST_SECONDS_BETWEEN_BEATS, settings.heartbeat_seconds / BEATS_PER_HEARTBEAT),
        check=interruption.check,
    )
    if command == "summarize":
        from worker.summarize import summarize  # noqa: PLC0415

        return summarize(settings, reports=reports, cache=cache, progress=progress, beat=token.beat)

    workload = _workload(settings, clients, patience)
    if is_check:
        from worker.validate import validate  # noqa: PLC0415

        return validate(
            settings, workload, reports=reports, cache=cache, progress=progress, now=datetime.now(UTC)
        )

    from worker.monitor import monitor  # noqa: PLC0415

    return monitor(
        settings,
        workload,
        reports=reports,
        cache=cache,
        progress=progress,
        beat=token.beat,
        log_stream=task.log_stream,
    )


def _heartbeat_seconds() -> float | None:
    """Return the heartbeat timeout from the environment, since clients are created before the settings are
    validated."""
    try:
        return float(os.environ.get("HEARTBEAT_SECONDS", ""))
    except ValueError:
        return None


def _workload(settings: "Settings", clients: Clients, patience: float | None) -> "Workload":
    if settings.workload == "sample":
        from worker.workloads.sample import SampleWorkload  # noqa: PLC0415

        return SampleWorkload(seconds_per_region=settings.sample_seconds_per_region)

    if settings.workload == "each":
        from worker.workloads.each.workload import EachWorkload  # noqa: PLC0415

        if settings.each is None:
            raise WorkerError(ErrorName.INVALID_INPUT, "EACH is missing: set it in the task definition.")
        return EachWorkload(settings, settings.each)

    from worker.workloads.command.workload import CommandWorkload  # noqa: PLC0415

    if settings.command is None:
        raise WorkerError(ErrorName.INVALID_INPUT, "COMMAND is missing: set it in the task definition.")
    return CommandWorkload(settings, settings.command, clients.secrets_manager(heartbeat_seconds=patience))


def _fail(token: TaskToken, name: ErrorName, cause: str) -> None:
    """Answer with an error and the log stream, in the form that the watch machine uses for a worker that ended without
    an answer."""
    from worker.task import this_task  # noqa: PLC0415 - most workers do not fail

    stream = this_task().log_stream
    try:
        token.fail(name, f"{cause} Log stream: {stream}" if stream else cause)
    except (BotoCoreError, ClientError) as error:
        logger.error("could not report %s, so the machine has to wait for the heartbeat: %s", name, error)


def _last_word(task_token: str, name: ErrorName, cause: str) -> None:
    try:
        _fail(TaskToken(task_token, Clients().step_functions()), name, cause)
    except TokenDead as reason:
        logger.info("the task token is no longer valid (%s)", reason)


if __name__ == "__main__":
    sys.exit(main())
