"""The watch machine: the work that a run cannot do itself, because it has ended or never started.

Three things start it:

- A task of the stack stopped: the machine fails the worker's task token at once, before its heartbeat is missed.
- An execution of the weekly machine ended as FAILED, TIMED_OUT or ABORTED: the machine reports its outcome unless the
  execution has done so, since no Catch handles a timeout, a stop, or every error. It also stops the orphans.
- Its schedule, every few hours: the machine stops workers whose execution has ended, publishes metrics (the hours since
  the last success, and the number of addresses without a confirmed subscription), and reports an execution that was
  not reported: the oldest of them, with a list of the others.

The machine keeps a failure while it does the rest, and then fails its execution, which sets off an alarm.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from components.cost import run_cost
from components.machines import errors, orphans, progress, subscriptions
from components.machines.asl import (
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
from components.machines.expressions import jsonata, text
from components.machines.integrations import (
    CONTAINER,
    LOG_STREAM_PREFIX,
    READ_JSON,
    RUN_SETTINGS,
    TASK_TOKEN,
    bounded_input,
    describe_execution,
    fail_worker,
    last_success_uri,
    publish_metrics,
    publish_outcome,
    read_last_success,
    read_run_settings,
    read_schedule,
)
from components.machines.orphans import OrphanSweep, orphan_sweep_states
from components.machines.reporting import call_reporter
from components.machines.run_name import run_name, validates_only
from components.settings import Settings
from components.settings.bounds import sweep_pages, watch_timeout_seconds
from components.settings.names import Names

# The names that AWS uses: "Amazon ECS task state change events", "Automating Step Functions event delivery".
TASK_CHANGED = "ECS Task State Change"
EXECUTION_CHANGED = "Step Functions Execution Status Change"
TASKS, EXECUTIONS = "aws.ecs", "aws.states"
"""The sources of those events."""
SWEEP_INPUT = {"sweep": True}
"""The input of the watch machine's scheduled executions."""


class WatchState(StrEnum):
    """The names of the watch machine's states."""

    BEGIN = "Begin"
    RECOGNISE = "Recognise"
    CHECK_TOKEN = "CheckToken"  # noqa: S105 - the name of a state
    FAIL_WORKER = "FailWorker"
    DESCRIBE_EXECUTION = "DescribeExecution"
    CHECK_REPORTED = "CheckReported"
    LOAD_SETTINGS = "LoadSettings"
    SUM_UP = "SumUp"
    CHECK_PUBLISHED = "CheckPublished"
    PUBLISH_END = "PublishEnd"
    REPORT_END = "ReportEnd"
    PUBLISH_OUTCOME = "PublishOutcome"
    CHECK_DUE = "CheckDue"
    READ_SCHEDULE = "ReadSchedule"
    READ_LAST_SUCCESS = "ReadLastSuccess"
    COUNT_HOURS = "CountHours"
    PUBLISH_HOURS = "PublishHours"
    CHECK_MISSED = "CheckMissed"
    REPORT_MISSED = "ReportMissed"
    FIND_UNREPORTED = "FindUnreported"
    CHECK_UNREPORTED = "CheckUnreported"
    CHECK_FAILURE = "CheckFailure"
    DONE = "Done"
    FAIL_WATCH = "FailWatch"
    REFUSE_INPUT = "RefuseInput"


# Errors that mean the task token is no longer valid: the worker already answered, or the execution ended.
ANSWERED = errors.either_way("Sfn.InvalidToken", "Sfn.TaskDoesNotExist", "Sfn.TaskTimedOut")

_KEEP_FAILURE = {"failure": expression(errors.CAUGHT)}
_KEEP_FIRST_FAILURE = {"failure": expression(errors.FIRST_CAUGHT)}
_DETAIL = "$states.input.detail"
_MILLISECONDS_AN_HOUR = 3_600_000
_BELIEVED = f"{READ_JSON}.{jsonata('last_success')}"
_NO_SUCCESS = {"run": "", "at": "1970-01-01T00:00:00Z"}
# The errors with which the weekly machine ends an execution, after it reported the outcome or published the
# metrics.
_ENDED_BY_STATE = {
    "reported": [errors.REPORTED, errors.PARTIAL],
    "published": [errors.REPORTED, errors.PARTIAL, errors.NOT_REPORTED],
}
_SINCE = "$max([$since, $toMillis($last.at)])"


def watch_machine(settings: Settings, names: Names) -> Machine:
    """Return the watch machine of a stack, which refers to resources by name only."""
    return Machine(
        {
            WatchState.BEGIN: pass_state(
                assign={
                    "failure": errors.NO_FAILURE,
                    "due": expression("$states.input.sweep = true"),
                    "input": {},
                    "run_id": "",
                    **progress.INITIAL_VARIABLES,
                    **_ENDED_BY_STATE,
                    **orphans.initial_variables(names),
                },
                next_state=WatchState.RECOGNISE,
            ),
            WatchState.RECOGNISE: choice(
                [
                    (f"$states.input.source = '{TASKS}'", WatchState.CHECK_TOKEN, _task_of_event(names)),
                    (
                        f"$states.input.source = '{EXECUTIONS}'",
                        WatchState.DESCRIBE_EXECUTION,
                        {
                            # AWS writes null for an input that it leaves out of the event: it is not known.
                            "input": expression(f"$parse([{_DETAIL}.input[$], 'null'][0])"),
                            "outcome": expression(f"{_DETAIL}.{jsonata('ended_execution')}"),
                        },
                    ),
                    ("$due", orphans.ENTRY_STATE),
                ],
                default=WatchState.REFUSE_INPUT,
                # An event leads to fewer states than the schedule.
                expected=orphans.ENTRY_STATE,
            ),
            **_stopped_task(names),
            **_ended_execution(settings, names),
            **orphan_sweep_states(
                names,
                OrphanSweep(
                    filter=orphans.OF_ANY_EXECUTION,
                    next_state=WatchState.CHECK_DUE,
                    pages=sweep_pages(settings.worker),
                    unless_running=True,
                    failure="failure",
                ),
            ),
            # Workers of an ended execution are stopped before its run is summarized. For validation-only
            # executions no message is sent, since the caller reads the result.
            WatchState.CHECK_DUE: choice(
                [
                    ("$due", subscriptions.FIRST),
                    (validates_only("$input"), WatchState.CHECK_FAILURE),
                ],
                default=WatchState.LOAD_SETTINGS,
                expected=subscriptions.FIRST,
            ),
            **subscriptions.count_subscriptions(
                names, settings.notifications, failure="failure", next_state=WatchState.READ_SCHEDULE
            ),
            **_hours_since_last_success(settings, names),
            WatchState.CHECK_FAILURE: choice(
                [("$failure.Error != ''", WatchState.FAIL_WATCH)], default=WatchState.DONE
            ),
            WatchState.DONE: succeed(output={}),
            WatchState.FAIL_WATCH: fail(
                error=expression("$failure.Error"),
                cause=expression(f"$substring($failure.Cause, 0, {errors.CAUSE_MAX_CHARACTERS}) & ''"),
            ),
            WatchState.REFUSE_INPUT: fail(
                error="Ccapi.InputNotUnderstood",
                cause=f"The input is neither {json.dumps(SWEEP_INPUT)} nor an event of a task or an execution.",
            ),
        },
        timeout_seconds=watch_timeout_seconds(settings.worker),
        comment=f"{names.project} {names.environment}: watches the runs",
    )


def _stopped_task(names: Names) -> dict[str, State]:
    """Return the states that answer a stopped worker's task token for it."""
    return {
        WatchState.CHECK_TOKEN: choice(
            [("$exists($answer.TaskToken)", WatchState.FAIL_WORKER)], default=WatchState.DONE
        ),
        WatchState.FAIL_WORKER: call(
            fail_worker(names, "$answer"),
            answers=ANSWERED,
            catches=[
                catch(WatchState.DONE, errors=ANSWERED),
                catch(WatchState.CHECK_FAILURE, assign=_KEEP_FAILURE),
            ],
            next_state=WatchState.DONE,
        ),
    }


def _task_of_event(names: Names) -> dict[str, str]:
    """Return the answer to the task token of a worker that stopped.

    It finds the container and the variable by name, since AWS does not guarantee their order. A child execution may
    outlive the execution of its run: an orphan that a sweep stopped is not tried again.
    """
    answer = jsonata(
        "stopped_task",
        name=text(CONTAINER),
        token=text(TASK_TOKEN),
        stream=text(f"{LOG_STREAM_PREFIX}/{CONTAINER}/"),
        cut=jsonata("cut"),
    )
    if not names.is_distributed:
        return {"answer": expression(f"{_DETAIL}.{answer}")}
    is_orphan = f"$contains([stoppedReason, ''][0], {text(orphans.STOP_REASON)})"
    orphaned = f"$merge([{answer}, {is_orphan} ? {{'Error': {text(errors.ORPHANED)}}} : {{}}])"
    return {"answer": expression(f"{_DETAIL}.({orphaned})")}


def _ended_execution(settings: Settings, names: Names) -> dict[str, State]:
    metrics = (
        ("WeeklyMonitoringSuccess", "0", "Count"),
        ("WeeklyMonitoringPartial", "0", "Count"),
        ("ExecutionDuration", "$outcome.duration_seconds", "Seconds"),
        *run_cost.metrics(settings),
    )
    usd = run_cost.of_execution_at_most(settings, "$outcome.duration_seconds")
    return {
        WatchState.DESCRIBE_EXECUTION: call(
            # The sweep's permission, which covers it.
            describe_execution(names, f"{_DETAIL}.executionArn", names.machine, names.watch),
            # An execution that cannot be described is reported from its event.
            catches=[catch(WatchState.CHECK_REPORTED, assign=_KEEP_FAILURE)],
            assign={
                "input": expression("$parse($states.result.Input)"),
                # A description may lag behind the event for a moment, and lack its error.
                "outcome": expression("$merge([$outcome, $states.result.{'error': Error, 'cause': Cause}])"),
            },
            next_state=WatchState.CHECK_REPORTED,
        ),
        WatchState.CHECK_REPORTED: choice(
            [("$outcome.error in $reported", WatchState.DONE)], default=orphans.ENTRY_STATE
        ),
        # The run settings are needed to derive the run's name, by the zone's offsets from UTC.
        WatchState.LOAD_SETTINGS: call(
            read_run_settings(names),
            catches=[
                catch(WatchState.SUM_UP, assign={**_KEEP_FIRST_FAILURE, "settings": {"utcOffsets": []}})
            ],
            assign={"settings": expression(RUN_SETTINGS)},
            next_state=WatchState.SUM_UP,
        ),
        WatchState.SUM_UP: pass_state(
            assign={
                "run_id": expression(
                    run_name(settings.schedule.period, "$split($outcome.execution, ':')[-1]")
                ),
                "outcome": expression(
                    f"$merge([$outcome, {{'input': {bounded_input('$input')}, 'usd': {usd}}}])"
                ),
            },
            next_state=progress.ENTRY_STATE,
        ),
        **progress.progress_states(names, next_state=WatchState.CHECK_PUBLISHED),
        WatchState.CHECK_PUBLISHED: choice(
            [("$outcome.error in $published", WatchState.REPORT_END)], default=WatchState.PUBLISH_END
        ),
        WatchState.PUBLISH_END: _kept(publish_metrics(names, metrics), WatchState.REPORT_END),
        WatchState.REPORT_END: _reported(
            names,
            {
                "run_id": expression("$run_id"),
                "regions": expression("$regions"),
                "usual": expression("$usual"),
                "is_summarized": expression("$is_summarized"),
                "usd_is_at_most": True,
            },
            next_state=WatchState.CHECK_FAILURE,
        ),
        WatchState.PUBLISH_OUTCOME: _kept(
            publish_outcome(names, "$merge([$outcome, {'run_id': $run_id, 'regions': $regions}])"),
            WatchState.CHECK_FAILURE,
        ),
    }


def _reported(names: Names, more: Mapping[str, Any], *, next_state: str) -> State:
    """Return the state that reports the outcome with additional fields; if that fails, the outcome is published."""
    return call_reporter(
        names,
        {"outcome": expression("$outcome"), **more},
        catches=[catch(WatchState.PUBLISH_OUTCOME, assign=_KEEP_FAILURE)],
        next_state=next_state,
    )


def _kept(integration: Integration, next_state: str) -> State:
    return call(
        integration,
        catches=[catch(next_state, assign=_KEEP_FAILURE)],
        next_state=next_state,
    )


def _hours_since_last_success(settings: Settings, names: Names) -> dict[str, State]:
    """Return the states that compute the hours since the last success or schedule change; 0 while paused."""
    metrics = (("HoursSinceLastSuccess", "$hours", "None"),)
    hours = f"$paused ? 0 : $max([0, $round(($millis() - {_SINCE}) / {_MILLISECONDS_AN_HOUR}, 2)])"
    most = settings.schedule.missed_after_hours
    missed = {
        "status": "missed",
        "hours": expression("$hours"),
        "last_run": expression("$last.run"),
        "since": expression(f"$fromMillis({_SINCE})"),
    }
    return {
        WatchState.READ_SCHEDULE: call(
            read_schedule(names),
            catches=[catch(WatchState.CHECK_FAILURE, assign=_KEEP_FAILURE)],
            assign={
                "paused": expression("$states.result.State != 'ENABLED'"),
                "since": expression("$toMillis($states.result.LastModificationDate)"),
                "last": _NO_SUCCESS,
            },
            next_state=WatchState.READ_LAST_SUCCESS,
        ),
        WatchState.READ_LAST_SUCCESS: call(
            read_last_success(names),
            answers=errors.NO_SUCCESS_YET,
            catches=[
                catch(WatchState.COUNT_HOURS, errors=errors.NO_SUCCESS_YET),
                # If the object has an unexpected form, hours are counted from the schedule's last change. One that is
                # no text has the name of a fault that may pass, and fails the execution as that does.
                catch(
                    WatchState.COUNT_HOURS,
                    errors=[errors.QUERY_FAILED],
                    assign={"failure": errors.unreadable(last_success_uri(names))},
                ),
                catch(
                    WatchState.CHECK_FAILURE,
                    assign={"failure": expression(errors.caught_reading(last_success_uri(names)))},
                ),
            ],
            assign={"last": expression(_BELIEVED)},
            next_state=WatchState.COUNT_HOURS,
        ),
        WatchState.COUNT_HOURS: pass_state(
            assign={"hours": expression(hours)}, next_state=WatchState.PUBLISH_HOURS
        ),
        WatchState.PUBLISH_HOURS: _kept(publish_metrics(names, metrics), WatchState.CHECK_MISSED),
        # The reporter identifies this message by the time from which hours are counted, so that it sends it
        # once.
        WatchState.CHECK_MISSED: choice(
            [(f"$hours > {most}", WatchState.REPORT_MISSED, {"outcome": missed})],
            default=WatchState.FIND_UNREPORTED,
        ),
        WatchState.REPORT_MISSED: _reported(names, {}, next_state=WatchState.FIND_UNREPORTED),
        # The sweep finds executions whose event was lost, or whose outcome could not be reported at their end.
        WatchState.FIND_UNREPORTED: call_reporter(
            names,
            {"sweep": True},
            catches=[catch(WatchState.CHECK_FAILURE, assign=_KEEP_FIRST_FAILURE)],
            # The outer list remains if the inner one is empty, which JSONata treats as nothing.
            assign={"found": expression("[$states.result.Payload.unreported]")},
            next_state=WatchState.CHECK_UNREPORTED,
        ),
        WatchState.CHECK_UNREPORTED: choice(
            [
                (
                    "$count($found) > 0",
                    WatchState.LOAD_SETTINGS,
                    {"outcome": expression("$found[0].outcome"), "input": expression("$found[0].input")},
                )
            ],
            default=WatchState.CHECK_FAILURE,
        ),
    }


def definition(settings: Settings, names: Names) -> Definition:
    """Return the definition of the watch machine as AWS expects it."""
    return watch_machine(settings, names).definition
