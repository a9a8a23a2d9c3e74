"""How a run ends: its outcome, what is remembered and measured of it, and who is told."""

from components import failures, messages
from components.asl import State, call, catch, choice, expression, fail, pass_state, succeed
from components.cost import run_cost
from components.failed_regions import failed_regions
from components.integrations import (
    NOT_TOLD_METRIC,
    READ_JSON,
    publish_message,
    publish_metrics,
    read_last_success,
    record_success,
)
from components.names import Names
from components.run_name import period_name
from components.settings import Settings
from components.settings.run import Overlap, PartialFailure
from components.steps import Step


def ending(settings: Settings, names: Names) -> dict[str, State]:
    """Return the states after the work, in the order in which a good run goes through them."""
    return {
        Step.READ_LAST_SUCCESS: _read_last_success(names),
        Step.CHECK_EXECUTION_STATUS: choice(
            [
                ("$failure.error != ''", Step.HANDLE_FAILURE),
                # A plan without regions is no success.
                ("$regions > 0 and $succeeded = $regions", Step.EXTRACT_RESULTS),
                ("$succeeded > 0", Step.HANDLE_PARTIAL_FAILURE),
            ],
            default=Step.HANDLE_EMPTY_RESULT,
        ),
        Step.EXTRACT_RESULTS: _outcome("succeeded", next_state=Step.CHECK_COVERAGE),
        Step.HANDLE_PARTIAL_FAILURE: _outcome("partial", next_state=_judged(settings, Step.JUDGE_PARTIAL)),
        **_partial_judged(settings, Step.JUDGE_PARTIAL),
        Step.HANDLE_EMPTY_RESULT: pass_state(
            assign={
                "failure": {
                    "error": "Ccapi.NoRegionSucceeded",
                    "cause": expression(failed_regions("$failures")),
                }
            },
            next_state=Step.HANDLE_FAILURE,
        ),
        Step.HANDLE_FAILURE: _outcome(
            "failed", error="$failure.error", cause="$failure.cause", next_state=Step.PUBLISH_METRICS
        ),
        Step.CHECK_COVERAGE: choice(
            [(_counts_as_success(settings), Step.RECORD_SUCCESS)], default=Step.PUBLISH_METRICS
        ),
        Step.RECORD_SUCCESS: _record_success(names),
        Step.PUBLISH_METRICS: _publish_metrics(settings, names),
        Step.CHOOSE_NOTIFICATION: choice(
            [
                ("$outcome.status = 'succeeded'", Step.NOTIFY_SUCCESS),
                ("$outcome.status = 'partial'", Step.NOTIFY_PARTIAL_FAILURE),
            ],
            default=Step.NOTIFY_FAILURE,
        ),
        Step.NOTIFY_SUCCESS: _notify(names, "success", messages.success(names), Step.COMPLETE),
        Step.NOTIFY_PARTIAL_FAILURE: _notify(
            names,
            "failure",
            messages.partial_failure(names, resumes=settings.takes_regions),
            _judged(settings, Step.END_PARTIAL),
        ),
        **_partial_judged(settings, Step.END_PARTIAL),
        Step.COMPLETE: succeed(output=expression("$outcome")),
        **_partial_end(settings),
        Step.NOTIFY_FAILURE: _notify(
            names,
            "failure",
            messages.failure(names, resumes=settings.takes_regions),
            Step.FAIL_EXECUTION,
        ),
        **_untold(settings, names),
        Step.FAIL_EXECUTION: fail(
            error=failures.ALREADY_TOLD, cause=expression("$outcome.error & ': ' & $outcome.cause")
        ),
        Step.FAIL_UNTOLD: fail(
            error=failures.NOT_TOLD, cause=expression("$outcome.error & ': ' & $outcome.cause")
        ),
    }


def _outcome(status: str, *, next_state: Step, error: str = "''", cause: str = "''") -> State:
    return pass_state(
        assign={
            "outcome": {
                "status": status,
                "run_id": expression("$run_id"),
                "period": expression("$period"),
                "execution": expression("$states.context.Execution.Id"),
                "start_time": expression("$states.context.Execution.StartTime"),
                "duration_seconds": expression(
                    "$floor(($millis() - $toMillis($states.context.Execution.StartTime)) / 1000)"
                ),
                "regions": expression("$regions"),
                "succeeded": expression("$succeeded"),
                "failed": expression("$regions - $succeeded"),
                "failures": expression("[$failures]"),
                "warnings": expression("[$warnings]"),
                "usual_seconds": expression("$usual_seconds"),
                "log_stream": expression("$log_stream"),
                "usd": expression("$round($usd, 4)"),
                "error": expression(error),
                "cause": expression(cause),
            }
        },
        next_state=next_state,
    )


def _counts_as_success(settings: Settings) -> str:
    """Return JSONata that holds for a run of every region of the stack, unless it makes up for an older period.

    Otherwise a short run by hand would hide that a week was missed.
    """
    covered = f"$regions >= {settings.monitoring.regions_count}"
    this_period = period_name(settings.schedule.period, "$millis()")
    return f"{covered} and ($not($exists($input.run_id)) or $run_id = {this_period})"


# Where a partial failure goes on when the settings accept it, and when they do not.
_PARTIAL_WAYS = {
    Step.JUDGE_PARTIAL: (Step.CHECK_COVERAGE, Step.PUBLISH_METRICS),
    Step.END_PARTIAL: (Step.COMPLETE, Step.FAIL_PARTIAL),
}


def _judged(settings: Settings, step: Step) -> Step:
    """Return the state that comes next: the one that judges, if the settings do not decide it alone."""
    accepted, refused = _PARTIAL_WAYS[step]
    if settings.run.on_partial_failure is PartialFailure.FAIL:
        return refused
    return accepted if settings.run.min_succeeded_regions == 1 else step


def _partial_judged(settings: Settings, step: Step) -> dict[str, State]:
    if _judged(settings, step) is not step:
        return {}
    accepted, refused = _PARTIAL_WAYS[step]
    enough = f"$outcome.succeeded >= {settings.run.min_succeeded_regions}"
    return {step: choice([(enough, accepted)], default=refused)}


def _read_last_success(names: Names) -> State:
    # A message can do without.
    return call(
        read_last_success(names),
        answers=failures.NO_SUCCESS_YET,
        catches=[catch(Step.CHECK_EXECUTION_STATUS)],
        assign={
            "usual_seconds": expression(f"[{READ_JSON}.seconds, 0][0]"),
            "last_run": expression(f"[{READ_JSON}.run, ''][0]"),
        },
        next_state=Step.CHECK_EXECUTION_STATUS,
    )


def _record_success(names: Names) -> State:
    # What cannot be written is missed by the watch, which tells when the next success is due and not there.
    return call(
        record_success(names),
        catches=[catch(Step.PUBLISH_METRICS)],
        next_state=Step.PUBLISH_METRICS,
    )


def _publish_metrics(settings: Settings, names: Names) -> State:
    metrics = (
        ("WeeklyMonitoringSuccess", "$outcome.status = 'succeeded' ? 1 : 0", "Count"),
        ("WeeklyMonitoringPartial", "$outcome.status = 'partial' ? 1 : 0", "Count"),
        ("ExecutionDuration", "$outcome.duration_seconds", "Seconds"),
        ("RegionsSucceeded", "$outcome.succeeded", "Count"),
        ("RegionsFailed", "$outcome.failed", "Count"),
        *run_cost.metrics(settings),
    )
    # A metric that cannot be sent never changes the outcome of a run.
    return call(
        publish_metrics(names, metrics),
        catches=[catch(Step.CHOOSE_NOTIFICATION)],
        next_state=Step.CHOOSE_NOTIFICATION,
    )


def _notify(names: Names, topic: str, message: messages.Message, next_state: str) -> State:
    # Nor does a message; that it was not sent is counted, and rings an alarm.
    return call(
        publish_message(names, topic, subject=message.subject, body=message.body),
        catches=[catch(Step.COUNT_UNTOLD)],
        next_state=next_state,
    )


def _untold(settings: Settings, names: Names) -> dict[str, State]:
    """A run ends as it would have; the watch tells of one that failed, and of a week without a success."""
    skips = settings.run.overlap is Overlap.SKIP
    skipped = [("$outcome.status = 'skipped'", Step.ALREADY_RUNNING)] if skips else []
    return {
        Step.COUNT_UNTOLD: call(
            publish_metrics(names, ((NOT_TOLD_METRIC, "1", "Count"),)),
            catches=[catch(Step.END_UNTOLD)],
            next_state=Step.END_UNTOLD,
        ),
        Step.END_UNTOLD: choice(
            [
                ("$outcome.status = 'succeeded'", Step.COMPLETE),
                ("$outcome.status = 'partial'", _judged(settings, Step.END_PARTIAL)),
                *skipped,
            ],
            default=Step.FAIL_UNTOLD,
        ),
    }


def _partial_end(settings: Settings) -> dict[str, State]:
    if _judged(settings, Step.END_PARTIAL) is Step.COMPLETE:
        return {}
    cause = expression("$string($outcome.failed) & ' of ' & $string($outcome.regions) & ' regions failed'")
    return {Step.FAIL_PARTIAL: fail(error=failures.PARTIAL, cause=cause)}
