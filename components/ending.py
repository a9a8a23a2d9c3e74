"""The end of a run: its outcome, the record and the metrics of it, and its report."""

from components import failures
from components.asl import State, call, catch, choice, expression, fail, pass_state, succeed
from components.cost import run_cost
from components.expressions import cut, jsonata, text
from components.integrations import (
    READ_JSON,
    UNREPORTED_METRIC,
    bounded_input,
    publish_metrics,
    publish_outcome,
    read_last_success,
    record_success,
)
from components.names import Names
from components.reporting import call_reporter
from components.run_name import period_picture
from components.settings import Settings
from components.settings.run import Overlap, PartialFailure
from components.steps import Step


def ending(settings: Settings, names: Names) -> dict[str, State]:
    """Return the states after the work, in the order in which a good run goes through them."""
    return {
        Step.READ_LAST_SUCCESS: _read_last_success(names),
        Step.CHECK_EXECUTION_STATUS: choice(
            [
                ("$failure.Error != ''", Step.EXTRACT_RESULTS, {"status": "failed"}),
                # A plan without regions is no success.
                ("$regions > 0 and $succeeded = $regions", Step.EXTRACT_RESULTS, {"status": "succeeded"}),
                ("$succeeded > 0", Step.EXTRACT_RESULTS, {"status": "partial"}),
            ],
            default=Step.EXTRACT_RESULTS,
            assign={"status": "failed", "failure": _NO_REGION_SUCCEEDED},
        ),
        Step.EXTRACT_RESULTS: _extract_results(),
        Step.CHECK_COVERAGE: choice(
            [(_counts_as_success(settings), Step.RECORD_SUCCESS, {"counts_as_success": True})],
            default=Step.PUBLISH_METRICS,
            expected=Step.RECORD_SUCCESS,
        ),
        Step.RECORD_SUCCESS: _record_success(names),
        Step.PUBLISH_METRICS: _publish_metrics(settings, names),
        **_report(names),
        **_ends(settings),
    }


# The cause of a failed execution has at most 32,768 bytes, and a character at most 4.
CAUSE_MAX_CHARACTERS = 8_000

_NO_REGION_SUCCEEDED = {
    "Error": failures.NO_REGION_SUCCEEDED,
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
                "cause": expression(cut("$failure.Cause & ''", CAUSE_MAX_CHARACTERS)),
            }
        },
        next_state=Step.CHECK_COVERAGE,
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
    # A message can be written without the last success.
    return call(
        read_last_success(names),
        answers=failures.NO_SUCCESS_YET,
        catches=[catch(Step.CHECK_EXECUTION_STATUS)],
        assign={"last": expression(f"$merge([$last, {READ_JSON}])")},
        next_state=Step.CHECK_EXECUTION_STATUS,
    )


def _record_success(names: Names) -> State:
    # Without the record, the watch machine reports a missed success once the next one is due.
    return call(
        record_success(names),
        catches=[catch(Step.PUBLISH_METRICS)],
        next_state=Step.PUBLISH_METRICS,
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
        catches=[catch(Step.REPORT_OUTCOME)],
        next_state=Step.REPORT_OUTCOME,
    )


def _report(names: Names) -> dict[str, State]:
    """Return the states that report the outcome, whose faults change no end.

    Where the reporter fails, the bare outcome is published; the watch machine reports it in words later.
    """
    return {
        Step.REPORT_OUTCOME: call_reporter(
            names,
            {"outcome": expression("$outcome"), "counts_as_success": expression("$counts_as_success")},
            catches=[catch(Step.PUBLISH_OUTCOME)],
            assign={"is_reported": True},
            next_state=Step.CHOOSE_END,
        ),
        Step.PUBLISH_OUTCOME: call(
            publish_outcome(names),
            catches=[catch(Step.COUNT_UNREPORTED)],
            assign={"is_reported": True},
            next_state=Step.CHOOSE_END,
        ),
        Step.COUNT_UNREPORTED: call(
            publish_metrics(names, ((UNREPORTED_METRIC, "1", "Count"),)),
            catches=[catch(Step.CHOOSE_END)],
            next_state=Step.CHOOSE_END,
        ),
    }


def _ends(settings: Settings) -> dict[str, State]:
    accepts = _accepts_partial(settings)
    every_partial = accepts and settings.run.min_succeeded_regions == 1
    enough = [(f"$status = 'partial' and {_enough(settings)}", Step.COMPLETE)] if accepts else []
    refused = [] if every_partial else [("$status = 'partial'", Step.FAIL_PARTIAL)]
    skips = settings.run.overlap is Overlap.SKIP
    partial = expression("($regions - $succeeded) & ' of ' & $regions & ' regions failed'")
    return {
        Step.CHOOSE_END: choice(
            [
                ("$status = 'succeeded'", Step.COMPLETE),
                *enough,
                *refused,
                *([("$status = 'skipped'", Step.ALREADY_RUNNING)] if skips else []),
            ],
            default=Step.FAIL_EXECUTION,
            expected=Step.COMPLETE,
        ),
        Step.COMPLETE: succeed(output=expression("$outcome")),
        **({} if every_partial else {Step.FAIL_PARTIAL: fail(error=failures.PARTIAL, cause=partial)}),
        Step.FAIL_EXECUTION: fail(
            error=expression(f"$is_reported ? '{failures.REPORTED}' : '{failures.NOT_REPORTED}'"),
            cause=expression("$failure.Error & ': ' & " + cut("$failure.Cause & ''", CAUSE_MAX_CHARACTERS)),
        ),
    }
