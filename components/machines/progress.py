"""The progress of a run that ended without its summary: the watch machine runs the reduce step for it.

A message can be written without either; the machine keeps what fails as its failure.
"""

from components.machines import errors
from components.machines.asl import State, call, catch, expression
from components.machines.expressions import jsonata
from components.machines.integrations import READ_JSON, read_last_success, read_plan
from components.machines.summarize import summarize_run
from components.machines.weekly.state_names import WeeklyState
from components.settings.bounds import WATCH_SUMMARY_TIMEOUT_SECONDS
from components.settings.names import Names

ENTRY_STATE = "ReadPlan"
_KEEP_FAILURE = {"failure": expression(errors.CAUGHT)}
_KEEP_FIRST_FAILURE = {"failure": expression(errors.FIRST_CAUGHT)}
INITIAL_VARIABLES = {"regions": 0, "usual": {}, "is_summarized": False}
"""The variables of these states before the first of them; `regions` is null if the plan cannot be read."""
_READ_USUAL_DURATION = "ReadUsualDuration"


def progress_states(names: Names, *, next_state: str) -> dict[str, State]:
    """Return the states that read the plan, make the summary and read the usual duration, beginning with `ENTRY_STATE`.

    A run without a plan starts no worker.
    """
    return {
        ENTRY_STATE: call(
            read_plan(names),
            answers=errors.NOT_PLANNED,
            catches=[
                # Without its input, the run may have another name, under which its plan is.
                catch(
                    _READ_USUAL_DURATION,
                    errors=errors.NOT_PLANNED,
                    assign={"regions": expression("$input = null ? null : 0")},
                ),
                catch(_READ_USUAL_DURATION, assign={**_KEEP_FAILURE, "regions": None}),
            ],
            assign={"regions": expression(jsonata("planned_regions", plan="$states.result.Body"))},
            next_state=WeeklyState.SUMMARIZE_RUN,
        ),
        WeeklyState.SUMMARIZE_RUN: summarize_run(
            names,
            {"RUN_STATUS": expression("$outcome.status")},
            timeout_seconds=WATCH_SUMMARY_TIMEOUT_SECONDS,
            # A summary that has started is not retried, because recipients wait for the message.
            retried=errors.COULD_NOT_START,
            # Without the run settings, this state fails.
            catches=[catch(_READ_USUAL_DURATION, assign=_KEEP_FIRST_FAILURE)],
            assign={
                # The worker returns the fields of an outcome, except how the execution ended, which it does
                # not know.
                "outcome": expression("$merge([$states.result, $outcome])"),
                "is_summarized": True,
            },
            next_state=_READ_USUAL_DURATION,
        ),
        _READ_USUAL_DURATION: call(
            read_last_success(names),
            answers=errors.NO_SUCCESS_YET,
            catches=[
                catch(next_state, errors=errors.NO_SUCCESS_YET),
                catch(next_state, assign=_KEEP_FAILURE),
            ],
            assign={"usual": expression(READ_JSON)},
            next_state=next_state,
        ),
    }
