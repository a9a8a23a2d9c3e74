"""How far a run came that can no longer say so: what was planned, what is done, and how long a run usually takes.

A message can do without; whatever fails is kept as the failure of the machine.
"""

from collections.abc import Mapping

from components import failures
from components.asl import State, call, catch, expression
from components.integrations import DONE, READ_JSON, list_results, read_last_success, read_plan
from components.names import Names

FIRST = "ReadPlan"
NOT_KNOWN: Mapping[str, list[str]] = {"planned": [], "done": []}
"""What the variables of these states are before the first of them, beside `run_id` and `outcome`."""

_KEEP_FAILURE = {"failure": expression(failures.CAUGHT)}


def how_far_it_came(names: Names, *, next_state: str) -> dict[str, State]:
    """Return the states that ask for it, the first of which is `FIRST`."""
    usual = f"{{'usual_seconds': {READ_JSON}.seconds}}"
    return {
        FIRST: call(
            read_plan(names),
            answers=failures.NOT_PLANNED,
            catches=[
                catch("ReadUsualDuration", errors=failures.NOT_PLANNED),
                catch("ReadUsualDuration", assign=_KEEP_FAILURE),
            ],
            assign={"planned": expression(f"[{READ_JSON}.shards.regions]")},
            next_state="ListResults",
        ),
        "ListResults": call(
            list_results(names),
            catches=[catch("ReadUsualDuration", assign={**_KEEP_FAILURE, **NOT_KNOWN})],
            assign={"done": expression(DONE)},
            next_state="ReadUsualDuration",
        ),
        "ReadUsualDuration": call(
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
