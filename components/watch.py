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

from components import failures, how_far, stalled_workers, subscriptions
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
from components.expressions import jsonata, text
from components.integrations import (
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
from components.names import Names
from components.reporting import call_reporter
from components.run_name import run_name, validates_only
from components.settings import Settings
from components.settings.bounds import WATCH_TIMEOUT_SECONDS
from components.stalled_workers import Sweep, stop_stalled_workers

# Both as AWS writes them: "Amazon ECS task state change events", "Automating Step Functions event delivery".
TASK_CHANGED = "ECS Task State Change"
EXECUTION_CHANGED = "Step Functions Execution Status Change"
TASKS, EXECUTIONS = "aws.ecs", "aws.states"
"""The sources of those events."""
SWEEP_INPUT = {"sweep": True}
"""What the schedule starts the watch with."""


class Watch(StrEnum):
    """The names of the states."""

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
ANSWERED = failures.either_way("Sfn.InvalidToken", "Sfn.TaskDoesNotExist", "Sfn.TaskTimedOut")

_KEEP_FAILURE = {"failure": expression(failures.CAUGHT)}
_KEEP_FIRST_FAILURE = {"failure": expression(failures.FIRST_CAUGHT)}
_DETAIL = "$states.input.detail"
_MILLISECONDS_AN_HOUR = 3_600_000
_BELIEVED = f"{READ_JSON}.{jsonata('last_success')}"
_NO_SUCCESS = {"run": "", "at": "1970-01-01T00:00:00Z"}
# The errors by which the weekly machine ends an execution, after it reported the outcome or published the metrics.
_ENDED_BY_STATE = {
    "reported": [failures.REPORTED, failures.PARTIAL],
    "published": [failures.REPORTED, failures.PARTIAL, failures.NOT_REPORTED],
}
_SINCE = "$max([$since, $toMillis($last.at)])"


def watch_machine(settings: Settings, names: Names) -> Machine:
    """Return the watch machine of a stack; nothing in it has to be created first."""
    return Machine(
        {
            Watch.BEGIN: pass_state(
                assign={
                    "failure": failures.NO_FAILURE,
                    "due": expression("$states.input.sweep = true"),
                    "input": {},
                    "run_id": "",
                    **how_far.INITIAL_VARIABLES,
                    **_ENDED_BY_STATE,
                    **stalled_workers.initial_variables(names),
                },
                next_state=Watch.RECOGNISE,
            ),
            Watch.RECOGNISE: choice(
                [
                    (f"$states.input.source = '{TASKS}'", Watch.CHECK_TOKEN, _task_of_event()),
                    (
                        f"$states.input.source = '{EXECUTIONS}'",
                        Watch.DESCRIBE_EXECUTION,
                        {
                            # AWS writes null for an input that it leaves out of the event.
                            "input": expression(f"$parse([{_DETAIL}.input[$], '{{}}'][0])"),
                            "outcome": expression(f"{_DETAIL}.{jsonata('ended_execution')}"),
                        },
                    ),
                    ("$due", stalled_workers.FIRST),
                ],
                default=Watch.REFUSE_INPUT,
                # An event starts fewer states than the schedule.
                expected=stalled_workers.FIRST,
            ),
            **_stopped_task(names),
            **_ended_execution(settings, names),
            **stop_stalled_workers(
                names,
                Sweep(
                    stalled=stalled_workers.OF_ANY_EXECUTION,
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
                    (validates_only("$input"), Watch.CHECK_FAILURE),
                ],
                default=Watch.LOAD_SETTINGS,
                expected=subscriptions.FIRST,
            ),
            **subscriptions.count_subscriptions(
                names, settings.notifications, failure="failure", next_state=Watch.READ_SCHEDULE
            ),
            **_hours_since_last_success(settings, names),
            Watch.CHECK_FAILURE: choice([("$failure.Error != ''", Watch.FAIL_WATCH)], default=Watch.DONE),
            Watch.DONE: succeed(output={}),
            Watch.FAIL_WATCH: fail(
                error=expression("$failure.Error"), cause=expression("$failure.Cause & ''")
            ),
            Watch.REFUSE_INPUT: fail(
                error="Ccapi.InputNotUnderstood",
                cause=f"The input is neither {json.dumps(SWEEP_INPUT)} nor an event of a task or an execution.",
            ),
        },
        timeout_seconds=WATCH_TIMEOUT_SECONDS,
        comment=f"{names.project} {names.environment}: watches the runs",
    )


def _stopped_task(names: Names) -> dict[str, State]:
    """Return the states that answer a stopped worker's task token in its place."""
    return {
        Watch.CHECK_TOKEN: choice([("$exists($answer.TaskToken)", Watch.FAIL_WORKER)], default=Watch.DONE),
        Watch.FAIL_WORKER: call(
            fail_worker(names, "$answer"),
            answers=ANSWERED,
            catches=[
                catch(Watch.DONE, errors=ANSWERED),
                catch(Watch.CHECK_FAILURE, assign=_KEEP_FAILURE),
            ],
            next_state=Watch.DONE,
        ),
    }


def _task_of_event() -> dict[str, str]:
    """Return the answer to the task token of a worker that stopped.

    The container and the variable are found by their names, since AWS does not promise their order.
    """
    answer = jsonata(
        "stopped_task",
        name=text(CONTAINER),
        token=text(TASK_TOKEN),
        stream=text(f"{LOG_STREAM_PREFIX}/{CONTAINER}/"),
        cut=jsonata("cut"),
    )
    return {"answer": expression(f"{_DETAIL}.{answer}")}


def _ended_execution(settings: Settings, names: Names) -> dict[str, State]:
    metrics = (
        ("WeeklyMonitoringSuccess", "0", "Count"),
        ("WeeklyMonitoringPartial", "0", "Count"),
        ("ExecutionDuration", "$outcome.duration_seconds", "Seconds"),
        *run_cost.metrics(settings),
    )
    usd = run_cost.of_execution_at_most(settings, "$outcome.duration_seconds")
    return {
        Watch.DESCRIBE_EXECUTION: call(
            describe_execution(names, f"{_DETAIL}.executionArn"),
            # An execution that cannot be described is reported from its event.
            catches=[catch(Watch.CHECK_REPORTED, assign=_KEEP_FAILURE)],
            assign={
                "input": expression("$parse($states.result.Input)"),
                # A description may be a moment behind the event, and lack its error.
                "outcome": expression("$merge([$outcome, $states.result.{'error': Error, 'cause': Cause}])"),
            },
            next_state=Watch.CHECK_REPORTED,
        ),
        Watch.CHECK_REPORTED: choice(
            [("$outcome.error in $reported", Watch.DONE)], default=stalled_workers.FIRST
        ),
        # The settings give the run the name that it gave itself, by the offsets of its zone from UTC.
        Watch.LOAD_SETTINGS: call(
            read_run_settings(names),
            catches=[catch(Watch.SUM_UP, assign={**_KEEP_FIRST_FAILURE, "settings": {"utcOffsets": []}})],
            assign={"settings": expression(RUN_SETTINGS)},
            next_state=Watch.SUM_UP,
        ),
        Watch.SUM_UP: pass_state(
            assign={
                "run_id": expression(
                    run_name(settings.schedule.period, "$split($outcome.execution, ':')[-1]")
                ),
                "outcome": expression(
                    f"$merge([$outcome, {{'input': {bounded_input('$input')}, 'usd': {usd}}}])"
                ),
            },
            next_state=how_far.FIRST,
        ),
        **how_far.how_far_it_came(names, next_state=Watch.CHECK_PUBLISHED),
        Watch.CHECK_PUBLISHED: choice(
            [("$outcome.error in $published", Watch.REPORT_END)], default=Watch.PUBLISH_END
        ),
        Watch.PUBLISH_END: _kept(publish_metrics(names, metrics), Watch.REPORT_END),
        Watch.REPORT_END: _reported(
            names,
            {
                "run_id": expression("$run_id"),
                "regions": expression("$regions"),
                "usual": expression("$usual"),
                "is_summarized": expression("$is_summarized"),
                "usd_is_at_most": True,
            },
            next_state=Watch.CHECK_FAILURE,
        ),
        Watch.PUBLISH_OUTCOME: _kept(
            publish_outcome(names, "$merge([$outcome, {'run_id': $run_id, 'regions': $regions}])"),
            Watch.CHECK_FAILURE,
        ),
    }


def _reported(names: Names, more: Mapping[str, Any], *, next_state: str) -> State:
    """Return the state that reports the outcome, with more fields of it; if that fails, the outcome is published."""
    return call_reporter(
        names,
        {"outcome": expression("$outcome"), **more},
        catches=[catch(Watch.PUBLISH_OUTCOME, assign=_KEEP_FAILURE)],
        next_state=next_state,
    )


def _kept(integration: Integration, next_state: str) -> State:
    return call(
        integration,
        catches=[catch(next_state, assign=_KEEP_FAILURE)],
        next_state=next_state,
    )


def _hours_since_last_success(settings: Settings, names: Names) -> dict[str, State]:
    """Return the states that count the hours since the last success, or since the schedule changed; 0 while paused."""
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
        Watch.READ_SCHEDULE: call(
            read_schedule(names),
            catches=[catch(Watch.CHECK_FAILURE, assign=_KEEP_FAILURE)],
            assign={
                "paused": expression("$states.result.State != 'ENABLED'"),
                "since": expression("$toMillis($states.result.LastModificationDate)"),
                "last": _NO_SUCCESS,
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
                    assign={"failure": failures.unreadable(last_success_uri(names))},
                ),
                catch(Watch.CHECK_FAILURE, assign=_KEEP_FAILURE),
            ],
            assign={"last": expression(_BELIEVED)},
            next_state=Watch.COUNT_HOURS,
        ),
        Watch.COUNT_HOURS: pass_state(assign={"hours": expression(hours)}, next_state=Watch.PUBLISH_HOURS),
        Watch.PUBLISH_HOURS: _kept(publish_metrics(names, metrics), Watch.CHECK_MISSED),
        # The reporter knows by the time from which the hours are counted that it has sent this message.
        Watch.CHECK_MISSED: choice(
            [(f"$hours > {most}", Watch.REPORT_MISSED, {"outcome": missed})], default=Watch.FIND_UNREPORTED
        ),
        Watch.REPORT_MISSED: _reported(names, {}, next_state=Watch.FIND_UNREPORTED),
        # An execution whose event was lost, or whose outcome could not be reported when it ended.
        Watch.FIND_UNREPORTED: call_reporter(
            names,
            {"sweep": True},
            catches=[catch(Watch.CHECK_FAILURE, assign=_KEEP_FIRST_FAILURE)],
            # The outer list remains where the inner one is empty, which JSONata takes for nothing.
            assign={"found": expression("[$states.result.Payload.unreported]")},
            next_state=Watch.CHECK_UNREPORTED,
        ),
        Watch.CHECK_UNREPORTED: choice(
            [
                (
                    "$count($found) > 0",
                    Watch.LOAD_SETTINGS,
                    {"outcome": expression("$found[0].outcome"), "input": expression("$found[0].input")},
                )
            ],
            default=Watch.CHECK_FAILURE,
        ),
    }


def definition(settings: Settings, names: Names) -> Definition:
    """Return the definition of the watch machine as AWS reads it."""
    return watch_machine(settings, names).definition
