"""The final states of a run: its outcome, success record, metrics and report."""

from components.cost import run_cost
from components.machines import errors
from components.machines.asl import State, call, catch, choice, expression, fail, pass_state, succeed
from components.machines.expressions import cut, jsonata, text
from components.machines.integrations import (
    READ_JSON,
    UNREPORTED_METRIC,
    bounded_input,
    publish_metrics,
    publish_outcome,
    read_last_success,
    record_success,
)
from components.machines.reporting import call_reporter
from components.machines.run_name import period_picture
from components.machines.weekly.state_names import WeeklyState
from components.settings import Settings
from components.settings.names import Names
from components.settings.run import Overlap, PartialFailure


def outcome_states(settings: Settings, names: Names) -> dict[str, State]:
    """Return the states after the work, in the order of a successful run."""
    return {
        WeeklyState.READ_LAST_SUCCESS: _read_last_success(names),
        WeeklyState.CHECK_EXECUTION_STATUS: choice(
            [
                ("$failure.Error != ''", WeeklyState.EXTRACT_RESULTS, {"status": "failed"}),
                # A plan without regions does not count as success.
                (
                    "$regions > 0 and $succeeded = $regions",
                    WeeklyState.EXTRACT_RESULTS,
                    {"status": "succeeded"},
                ),
                ("$succeeded > 0", WeeklyState.EXTRACT_RESULTS, {"status": "partial"}),
            ],
            default=WeeklyState.EXTRACT_RESULTS,
            assign={"status": "failed", "failure": _NO_REGION_SUCCEEDED},
        ),
        WeeklyState.EXTRACT_RESULTS: _extract_results(),
        WeeklyState.CHECK_COVERAGE: choice(
            [(_counts_as_success(settings), WeeklyState.RECORD_SUCCESS, {"counts_as_success": True})],
            default=WeeklyState.PUBLISH_METRICS,
            expected=WeeklyState.RECORD_SUCCESS,
        ),
        WeeklyState.RECORD_SUCCESS: _record_success(names),
        WeeklyState.PUBLISH_METRICS: _publish_metrics(settings, names),
        **_report(names),
        **_ends(settings),
    }


_NO_REGION_SUCCEEDED = {
    "Error": errors.NO_REGION_SUCCEEDED,
    "Cause": expression("$count($failures) & ' failed. The first: ' & $failures[0].error"),
}


def _extract_results() -> State:
    fields = ("status", "run_id", "period", "regions", "succeeded", "is_summarized", "retries", "log_stream")
    return pass_state(
        assign={
            "outcome": {
                **{field: expression(f"${field}") for field in fields},
                "execution": expression("$states.context.Execution.Id"),
                "input": expression(bounded_input("$states.context.Execution.Input")),
                "redrive_count": expression("$states.context.Execution.RedriveCount"),
                "start_time": expression("$states.context.Execution.StartTime"),
                "duration_seconds": expression(
                    "$floor(($millis() - $toMillis($states.context.Execution.StartTime)) / 1000)"
                ),
                "failures": expression("[$failures]"),
                "warnings": expression("[$warnings]"),
                "usual_seconds": expression("$last.seconds"),
                "usd": expression("$round($usd, 4)"),
                "usual_usd": expression("$last.usd"),
                "error": expression("$failure.Error"),
                "cause": expression(cut("$failure.Cause & ''", errors.CAUSE_MAX_CHARACTERS)),
            }
        },
        next_state=WeeklyState.CHECK_COVERAGE,
    )


def _counts_as_success(settings: Settings) -> str:
    """Return JSONata that is true for a run whose success is recorded."""
    good, partial = "$status = 'succeeded'", f"$status = 'partial' and {_enough(settings)}"
    return jsonata(
        "is_whole_success",
        accepted=f"{good} or {partial}" if _accepts_partial(settings) else good,
        count=str(settings.monitoring.regions_count),
        local=jsonata("local_time"),
        picture=text(period_picture(settings.schedule.period)),
    )


def _accepts_partial(settings: Settings) -> bool:
    return settings.run.on_partial_failure is not PartialFailure.FAIL


def _enough(settings: Settings) -> str:
    return f"$succeeded >= {settings.run.min_succeeded_regions}"


def _read_last_success(names: Names) -> State:
    # The message can be written without the last success.
    return call(
        read_last_success(names),
        answers=errors.NO_SUCCESS_YET,
        catches=[catch(WeeklyState.CHECK_EXECUTION_STATUS)],
        assign={"last": expression(f"$merge([$last, {READ_JSON}])")},
        next_state=WeeklyState.CHECK_EXECUTION_STATUS,
    )


def _record_success(names: Names) -> State:
    # Without the record, the watch machine reports a missed success when the next one is due.
    return call(
        record_success(names),
        catches=[catch(WeeklyState.PUBLISH_METRICS)],
        next_state=WeeklyState.PUBLISH_METRICS,
    )


def _publish_metrics(settings: Settings, names: Names) -> State:
    metrics = (
        ("WeeklyMonitoringSuccess", "$status = 'succeeded' ? 1 : 0", "Count"),
        ("WeeklyMonitoringPartial", "$status = 'partial' ? 1 : 0", "Count"),
        ("ExecutionDuration", "$outcome.duration_seconds", "Seconds"),
        ("RegionsSucceeded", "$outcome.succeeded", "Count"),
        ("RegionsFailed", "$regions - $succeeded", "Count"),
        *run_cost.metrics(settings),
    )
    # A metric that cannot be sent never changes the outcome of a run.
    return call(
        publish_metrics(names, metrics),
        catches=[catch(WeeklyState.REPORT_OUTCOME)],
        next_state=WeeklyState.REPORT_OUTCOME,
    )


def _report(names: Names) -> dict[str, State]:
    """Return the states that report the outcome; their errors do not change how the execution ends.

    If the reporter fails, the outcome is published as JSON; the watch machine reports it in a message later.
    """
    return {
        WeeklyState.REPORT_OUTCOME: call_reporter(
            names,
            {"outcome": expression("$outcome"), "counts_as_success": expression("$counts_as_success")},
            catches=[catch(WeeklyState.PUBLISH_OUTCOME)],
            assign={"is_reported": True},
            next_state=WeeklyState.CHOOSE_END,
        ),
        WeeklyState.PUBLISH_OUTCOME: call(
            publish_outcome(names),
            catches=[catch(WeeklyState.COUNT_UNREPORTED)],
            assign={"is_reported": True},
            next_state=WeeklyState.CHOOSE_END,
        ),
        WeeklyState.COUNT_UNREPORTED: call(
            publish_metrics(names, ((UNREPORTED_METRIC, "1", "Count"),)),
            catches=[catch(WeeklyState.CHOOSE_END)],
            next_state=WeeklyState.CHOOSE_END,
        ),
    }


def _ends(settings: Settings) -> dict[str, State]:
    accepts = _accepts_partial(settings)
    every_partial = accepts and settings.run.min_succeeded_regions == 1
    enough = [(f"$status = 'partial' and {_enough(settings)}", WeeklyState.COMPLETE)] if accepts else []
    refused = [] if every_partial else [("$status = 'partial'", WeeklyState.FAIL_PARTIAL)]
    skips = settings.run.overlap is Overlap.SKIP
    partial = expression("($regions - $succeeded) & ' of ' & $regions & ' regions failed'")
    return {
        WeeklyState.CHOOSE_END: choice(
            [
                ("$status = 'succeeded'", WeeklyState.COMPLETE),
                *enough,
                *refused,
                *([("$status = 'skipped'", WeeklyState.ALREADY_RUNNING)] if skips else []),
            ],
            default=WeeklyState.FAIL_EXECUTION,
            expected=WeeklyState.COMPLETE,
        ),
        WeeklyState.COMPLETE: succeed(output=expression("$outcome")),
        **({} if every_partial else {WeeklyState.FAIL_PARTIAL: fail(error=errors.PARTIAL, cause=partial)}),
        WeeklyState.FAIL_EXECUTION: fail(
            error=expression(f"$is_reported ? '{errors.REPORTED}' : '{errors.NOT_REPORTED}'"),
            cause=expression(
                "$failure.Error & ': ' & " + cut("$failure.Cause & ''", errors.CAUSE_MAX_CHARACTERS)
            ),
        ),
    }
