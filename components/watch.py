"""The watch machine: the work that a run cannot do itself, because it has ended or never started.

Three things start it, and none of them needs a Lambda function:

- A task of the stack stopped: the machine fails the worker's task token at once, before its heartbeat is missed.
- An execution of the weekly machine ended as FAILED, TIMED_OUT or ABORTED: the machine notifies the subscribers unless
  the execution has done so, since no Catch handles a timeout, a stop, or every error. It also stops the orphans.
- Its schedule, every few hours: the machine stops workers whose execution has ended, and publishes metrics: the hours
  since the last success, its own sign of life, and the number of addresses without a confirmed subscription.

The machine keeps a failure while it does the rest, and then fails its execution, which sets off an alarm.
"""

import json
from enum import StrEnum

from components import failures, how_far, messages, stalled_workers, subscriptions
from components.asl import (
    Definition,
    Integration,
    Machine,
    State,
    call,
    catch,
    choice,
    expression,
    fail,
    pass_state,
    succeed,
)
from components.cost import run_cost
from components.cost.unit_prices import NOT_KNOWN
from components.integrations import (
    CONTAINER,
    LOG_STREAM_PREFIX,
    READ_JSON,
    RUN_SETTINGS,
    TASK_TOKEN,
    describe_execution,
    fail_worker,
    last_success_uri,
    publish_message,
    publish_metrics,
    read_last_success,
    read_run_settings,
    read_schedule,
)
from components.names import Names
from components.run_name import run_name, validates_only
from components.settings import Settings
from components.settings.bounds import WATCH_HOURS, WATCH_TIMEOUT_SECONDS
from components.stalled_workers import Sweep, stop_stalled_workers

# Both as AWS writes them: "Amazon ECS task state change events", "Automating Step Functions event delivery".
TASK_CHANGED = "ECS Task State Change"
EXECUTION_CHANGED = "Step Functions Execution Status Change"
SWEEP_INPUT = {"sweep": True}
"""What the schedule starts the watch with."""


class Watch(StrEnum):
    """The names of the states."""

    BEGIN = "Begin"
    RECOGNISE = "Recognise"
    READ_TASK = "ReadTask"
    CHECK_TOKEN = "CheckToken"  # noqa: S105 - the name of a state
    FAIL_WORKER = "FailWorker"
    DESCRIBE_EXECUTION = "DescribeExecution"
    CHECK_TOLD = "CheckTold"
    LOAD_SETTINGS = "LoadSettings"
    SUM_UP = "SumUp"
    PUBLISH_END = "PublishEnd"
    NOTIFY_END = "NotifyEnd"
    CHECK_DUE = "CheckDue"
    READ_SCHEDULE = "ReadSchedule"
    READ_LAST_SUCCESS = "ReadLastSuccess"
    COUNT_HOURS = "CountHours"
    PUBLISH_HOURS = "PublishHours"
    CHECK_MISSED = "CheckMissed"
    NOTIFY_MISSED = "NotifyMissed"
    CHECK_FAILURE = "CheckFailure"
    DONE = "Done"
    FAIL_WATCH = "FailWatch"
    REFUSE_INPUT = "RefuseInput"


# Errors that mean the task token is no longer valid: the worker already answered, or the execution ended.
ANSWERED = failures.either_way("Sfn.InvalidToken", "Sfn.TaskDoesNotExist", "Sfn.TaskTimedOut")
# The stop codes of a task that lost its capacity or was stopped by a user. Source: Amazon ECS API Reference, Task.
_INTERRUPTIONS = ("SpotInterruption", "TerminationNotice", "UserInitiated")
# The exit codes of a container whose entry point cannot be executed. A worker that exits with one has answered before.
# Source: AWS re:Post, "How do I resolve the exec format error in Amazon ECS tasks?".
_NOT_EXECUTED = [1, 255]
# An exit code above 128 is 128 plus the number of the signal that ended the process.
_SIGNALLED = 128
# Messages of the container runtime about an image for another processor, and about an index without an image for
# this one. Sources: execve(2), ENOEXEC; Amazon ECS Developer Guide, "CannotPullContainerError task errors".
_WRONG_ARCHITECTURE = (
    "/exec format error|matching platform|no matching manifest|does not match the (specified|host) platform/i"
)

_KEEP_FAILURE = {"failure": expression(failures.CAUGHT)}
_DETAIL = "$states.input.detail"
_MILLISECONDS_AN_HOUR = 3_600_000
# AWS's clocks differ by less than 5 minutes; the pipeline did not write a last success that is later.
_CLOCK_MILLISECONDS = 300_000
# Reads the last success in the form that `record_success` writes; any other form raises an error.
_BELIEVED = (
    f"($last := {READ_JSON}; $type($last) = 'object' and $type($last.run) = 'string' and $type($last.at) = 'string'"
    f" and $toMillis($last.at) <= $millis() + {_CLOCK_MILLISECONDS} ? $last"
    " : $error('it is no last success, or one in the future'))"
)


def watch_machine(settings: Settings, names: Names) -> Machine:
    """Return the watch machine of a stack; nothing in it has to be created first."""
    return Machine(
        {
            Watch.BEGIN: pass_state(
                assign={
                    "failure": {"error": "", "cause": ""},
                    "due": expression("$states.input.sweep = true"),
                    "ended": False,
                    "input": {},
                    **stalled_workers.NOT_YET,
                },
                next_state=Watch.RECOGNISE,
            ),
            Watch.RECOGNISE: choice(
                [
                    (f"$states.input.`detail-type` = '{TASK_CHANGED}'", Watch.READ_TASK),
                    (f"$states.input.`detail-type` = '{EXECUTION_CHANGED}'", Watch.DESCRIBE_EXECUTION),
                    ("$due", stalled_workers.FIRST),
                ],
                default=Watch.REFUSE_INPUT,
            ),
            **_stopped_task(settings, names),
            **_ended_execution(settings, names),
            **stop_stalled_workers(
                names,
                Sweep(
                    stalled=stalled_workers.TELLS_EXECUTION,
                    next_state=Watch.CHECK_DUE,
                    unless_running=True,
                    failure="failure",
                ),
            ),
            # The workers of an execution that ended are stopped before its run is summed up. The caller of a validation
            # reads its result, so that no message is sent.
            Watch.CHECK_DUE: choice(
                [
                    ("$due", subscriptions.FIRST),
                    (f"$ended and $not({validates_only('$input')})", Watch.LOAD_SETTINGS),
                ],
                default=Watch.CHECK_FAILURE,
            ),
            **subscriptions.count_subscriptions(
                names, settings.notifications, failure="failure", next_state=Watch.READ_SCHEDULE
            ),
            **_hours_since_last_success(settings, names),
            Watch.CHECK_FAILURE: choice([("$failure.error != ''", Watch.FAIL_WATCH)], default=Watch.DONE),
            Watch.DONE: succeed(output={}),
            Watch.FAIL_WATCH: fail(error=expression("$failure.error"), cause=expression("$failure.cause")),
            Watch.REFUSE_INPUT: fail(
                error="Ccapi.InputNotUnderstood",
                cause=f"The input is neither {json.dumps(SWEEP_INPUT)} nor an event of a task or an execution.",
            ),
        },
        timeout_seconds=WATCH_TIMEOUT_SECONDS,
        comment=f"{names.project} {names.environment}: watches the runs",
    )


def _stopped_task(settings: Settings, names: Names) -> dict[str, State]:
    """The container and the variable are found by their names; their places are nobody's promise."""
    token = f"{_DETAIL}.overrides.containerOverrides[name = '{CONTAINER}'].environment[name = '{TASK_TOKEN}']"
    return {
        Watch.READ_TASK: pass_state(
            assign={
                "token": expression(f"[{token}.value, ''][0]"),
                "stopped": expression(_stopped(names, settings.worker.architecture)),
            },
            next_state=Watch.CHECK_TOKEN,
        ),
        Watch.CHECK_TOKEN: choice([("$token = ''", Watch.DONE)], default=Watch.FAIL_WORKER),
        Watch.FAIL_WORKER: call(
            fail_worker(names, "$token", error="$stopped.error", cause="$stopped.cause"),
            answers=ANSWERED,
            catches=[
                catch(Watch.DONE, errors=ANSWERED),
                catch(Watch.CHECK_FAILURE, assign=_KEEP_FAILURE),
            ],
            next_state=Watch.DONE,
        ),
    }


def _stopped(names: Names, architecture: str) -> str:
    """Return JSONata for what a task that stopped is to its execution: an error's name, and a cause to act on.

    Who stopped it decides before how its container ended, since a container that is stopped may have to be killed.
    """
    log = messages.log_link(names, f"('{LOG_STREAM_PREFIX}/{CONTAINER}/' & $split($task.taskArn, '/')[-1])")
    interruptions = ", ".join(f"'{code}'" for code in _INTERRUPTIONS)
    remedy = (
        f" The image is built for another processor than {architecture}: build it for that, or write the image's as "
        f"{names.project}:worker.architecture."
    )
    hint = (
        " If it did so at once and its log says exec format error, the image is built for another processor."
    )
    return (
        f"($task := {_DETAIL};"
        f" $container := [$task.containers[name = '{CONTAINER}']][0];"
        " $reasons := [$container.reason, $task.stoppedReason];"
        " $reason := $join([$reasons[$type($) = 'string']], '; ');"
        f" $wrong_architecture := $contains($reason, {_WRONG_ARCHITECTURE});"
        f" {{'error': $wrong_architecture ? '{failures.WRONG_ARCHITECTURE}'"
        f" : $task.stopCode = 'TaskFailedToStart' ? '{failures.START_FAILED}'"
        f" : $task.stopCode in [{interruptions}] ? '{failures.INTERRUPTED}'"
        f" : $contains($reason, 'OutOfMemory') ? '{failures.OUT_OF_MEMORY}'"
        f" : '{failures.CRASHED}',"
        " 'cause': ($reason = '' ? 'The task stopped' : $substring($reason, 0, 1000))"
        " & ($type($container.exitCode) = 'number'"
        f" ? ' (exit code ' & $string($container.exitCode) & ($container.exitCode > {_SIGNALLED}"
        f" ? ', which is signal ' & $string($container.exitCode - {_SIGNALLED}) : '') & ')' : '')"
        # ECS reports the runtime's message; on Fargate the kernel's message is only in the task's log.
        f" & '.' & ($container.exitCode in {_NOT_EXECUTED} and $not($wrong_architecture) ? {hint!r} : '')"
        f" & ($wrong_architecture ? {remedy!r} : '')"
        f" & ($exists($task.startedAt) ? ' Log: ' & {log} : ' It never started.')}})"
    )


def _ended_execution(settings: Settings, names: Names) -> dict[str, State]:
    told = ", ".join(f"'{error}'" for error in (failures.ALREADY_TOLD, failures.PARTIAL))
    message = messages.silent_end(names, settings.run.timeout_seconds, resumes=settings.takes_regions)
    metrics = (
        ("WeeklyMonitoringSuccess", "0", "Count"),
        ("WeeklyMonitoringPartial", "0", "Count"),
        ("ExecutionDuration", "$outcome.duration_seconds", "Seconds"),
        *run_cost.metrics(settings),
    )
    run_id = run_name(settings.schedule.period, "$outcome.name")
    usd = run_cost.of_execution_at_most(settings, "$outcome.duration_seconds")
    return {
        Watch.DESCRIBE_EXECUTION: call(
            describe_execution(names, f"{_DETAIL}.executionArn"),
            catches=[catch(stalled_workers.FIRST, assign=_KEEP_FAILURE)],
            assign={
                "ended": True,
                "input": expression(
                    "$exists($states.result.Input) ? $parse($states.result.Input) : {}",
                ),
                "outcome": _outcome(),
            },
            next_state=Watch.CHECK_TOLD,
        ),
        Watch.CHECK_TOLD: choice(
            [(f"$outcome.error in [{told}]", Watch.DONE)], default=stalled_workers.FIRST
        ),
        # The run's name is reckoned as the run itself did, with the changes of its zone's offset from UTC.
        Watch.LOAD_SETTINGS: call(
            read_run_settings(names),
            catches=[
                catch(
                    Watch.SUM_UP,
                    assign={**_KEEP_FAILURE, "settings": {"utcOffsets": [], "unitPrices": dict(NOT_KNOWN)}},
                )
            ],
            assign={"settings": expression(run_cost.with_prices(RUN_SETTINGS))},
            next_state=Watch.SUM_UP,
        ),
        Watch.SUM_UP: pass_state(
            assign={
                "run_id": expression(run_id),
                "outcome": expression(
                    f"$merge([{json.dumps(how_far.NOT_KNOWN)}, $outcome, {{'run_id': {run_id}, 'usd': {usd}}}])"
                ),
            },
            next_state=how_far.FIRST,
        ),
        **how_far.how_far_it_came(names, next_state=Watch.PUBLISH_END),
        Watch.PUBLISH_END: _told(publish_metrics(names, metrics), Watch.NOTIFY_END),
        Watch.NOTIFY_END: _told(
            publish_message(names, "failure", subject=message.subject, body=message.body),
            Watch.CHECK_FAILURE,
        ),
    }


def _outcome() -> dict[str, str]:
    """Return what is told of an execution; the event says how it ended, whatever a description still says."""

    def told(field: str) -> str:
        fields = f"[$states.result.{field.title()}, {_DETAIL}.{field}, '']"
        return expression(f"$substring({fields}[$type($) = 'string'][0], 0, 8000)")

    return {
        "status": expression(f"{_DETAIL}.status"),
        "name": expression("$states.result.Name"),
        "execution": expression(f"{_DETAIL}.executionArn"),
        "duration_seconds": expression(f"$floor(({_DETAIL}.stopDate - {_DETAIL}.startDate) / 1000)"),
        "log_stream": "",
        "error": told("error"),
        "cause": told("cause"),
    }


def _told(integration: Integration, next_state: str) -> State:
    return call(
        integration,
        catches=[catch(next_state, assign=_KEEP_FAILURE)],
        next_state=next_state,
    )


def _hours_since_last_success(settings: Settings, names: Names) -> dict[str, State]:
    """What is paused misses nothing; after a pause, and before the first success, the schedule's last change counts."""
    metrics = (("HoursSinceLastSuccess", "$hours", "None"), ("WatchAlive", "1", "Count"))
    hours = f"$paused ? 0 : $max([0, $round(($millis() - $since) / {_MILLISECONDS_AN_HOUR}, 2)])"
    most = settings.schedule.missed_after_hours
    message = messages.missed(names, most)
    return {
        Watch.READ_SCHEDULE: call(
            read_schedule(names),
            catches=[catch(Watch.CHECK_FAILURE, assign=_KEEP_FAILURE)],
            assign={
                "paused": expression("$states.result.State != 'ENABLED'"),
                "since": expression("$toMillis($states.result.LastModificationDate)"),
                "last_run": "",
            },
            next_state=Watch.READ_LAST_SUCCESS,
        ),
        Watch.READ_LAST_SUCCESS: call(
            read_last_success(names),
            answers=failures.NO_SUCCESS_YET,
            catches=[
                catch(Watch.COUNT_HOURS, errors=failures.NO_SUCCESS_YET),
                # An unreadable object does not stop the count, which then begins at the schedule's last change.
                catch(
                    Watch.COUNT_HOURS,
                    errors=[failures.QUERY_FAILED],
                    assign={"failure": expression(failures.unreadable(last_success_uri(names)))},
                ),
                catch(Watch.CHECK_FAILURE, assign=_KEEP_FAILURE),
            ],
            assign={
                "since": expression(f"$max([$since, $toMillis({_BELIEVED}.at)])"),
                "last_run": expression(f"{_BELIEVED}.run"),
            },
            next_state=Watch.COUNT_HOURS,
        ),
        Watch.COUNT_HOURS: pass_state(assign={"hours": expression(hours)}, next_state=Watch.PUBLISH_HOURS),
        Watch.PUBLISH_HOURS: _told(publish_metrics(names, metrics), Watch.CHECK_MISSED),
        # The alarm on the hours rings until there is a success; in words it is told once.
        Watch.CHECK_MISSED: choice(
            [(f"$hours > {most} and $hours <= {most + WATCH_HOURS}", Watch.NOTIFY_MISSED)],
            default=Watch.CHECK_FAILURE,
        ),
        Watch.NOTIFY_MISSED: _told(
            publish_message(names, "failure", subject=message.subject, body=message.body),
            Watch.CHECK_FAILURE,
        ),
    }


def definition(settings: Settings, names: Names) -> Definition:
    """Return the definition of the watch machine as AWS reads it."""
    return watch_machine(settings, names).definition
