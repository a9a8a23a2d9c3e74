"""The progress of a run that ended without its summary: the watch machine runs the reduce step for it.

A message can be written without either; the machine keeps what fails as its failure.
"""

import json

from components import failures
from components.asl import State, call, catch, expression
from components.integrations import READ_JSON, read_last_success, read_plan
from components.names import Names
from components.settings.bounds import WATCH_SUMMARY_TIMEOUT_SECONDS
from components.steps import Step
from components.summarize import summarize_run

FIRST = "ReadPlan"
_KEEP_FAILURE = {"failure": expression(failures.CAUGHT)}
_KEEP_FIRST_FAILURE = {"failure": expression(failures.FIRST_CAUGHT)}
_READ_USUAL_DURATION = "ReadUsualDuration"
_ENDED = {
    "timed_out": "was ended by its timeout",
    "aborted": "was stopped by hand",
    "failed": "failed",
    "partial": "ended",
}
_UNDONE_BECAUSE = expression(
    f"'The run ' & $lookup({json.dumps(_ENDED)}, $outcome.status) & ' before this region was done.'"
)


def how_far_it_came(names: Names, *, next_state: str) -> dict[str, State]:
    """Return the states that read the plan, make the summary and read the usual duration, beginning with `FIRST`.

    A run without a plan starts no worker.
    """
    planned = f"{{'regions': $count([{READ_JSON}.shards.regions])}}"
    usual = f"($last := {READ_JSON}; {{'usual_seconds': $last.seconds, 'usual_usd': $last.usd}})"
    return {
        FIRST: call(
            read_plan(names),
            answers=failures.NOT_PLANNED,
            catches=[
                catch(_READ_USUAL_DURATION, errors=failures.NOT_PLANNED),
                catch(_READ_USUAL_DURATION, assign=_KEEP_FAILURE),
            ],
            assign={"outcome": expression(f"$merge([$outcome, {planned}])")},
            next_state=Step.SUMMARIZE_RUN,
        ),
        Step.SUMMARIZE_RUN: summarize_run(
            names,
            {"UNDONE_BECAUSE": _UNDONE_BECAUSE},
            timeout_seconds=WATCH_SUMMARY_TIMEOUT_SECONDS,
            # One that has begun is not tried again: people wait for the message.
            retried=failures.COULD_NOT_START,
            # Without the run settings it fails by itself.
            catches=[catch(_READ_USUAL_DURATION, assign=_KEEP_FIRST_FAILURE)],
            assign={
                "outcome": expression(
                    "$merge([$outcome, $sift($states.result, function($value, $key)"
                    " { $key in ['regions', 'succeeded', 'failures', 'warnings', 'period', 'log_stream'] }),"
                    " {'is_summarized': true}])"
                )
            },
            next_state=_READ_USUAL_DURATION,
        ),
        _READ_USUAL_DURATION: call(
            read_last_success(names),
            answers=failures.NO_SUCCESS_YET,
            catches=[
                catch(next_state, errors=failures.NO_SUCCESS_YET),
                catch(next_state, assign=_KEEP_FAILURE),
            ],
            assign={"outcome": expression(f"$merge([$outcome, {usual}])")},
            next_state=next_state,
        ),
    }
