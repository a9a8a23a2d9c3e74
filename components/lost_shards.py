"""What a worker that was lost leaves behind: results that count, and regions that are missing."""

from components.asl import State, call, catch, choice, expression, pass_state
from components.integrations import DONE, READ_JSON, list_results, read_plan
from components.names import Names
from components.steps import Step


def count_lost_shards(names: Names) -> dict[str, State]:
    """Return the states that count what lost shards had published, and name what is missing of them.

    A worker that was lost cannot say; the plan knows its regions, and the bucket which of them are done.
    """
    go_on = [catch(Step.READ_LAST_SUCCESS)]
    missing = (
        "$lost.($shard := $; $plan[shard = $shard.shard].regions[$not($ in $done)]"
        ".{'region': $, 'error': $shard.error})"
    )
    told = r"$failures[$not($contains(region, /^shard \d+$/))]"
    return {
        Step.CHECK_LOST: choice([("$count($lost) > 0", Step.READ_PLAN)], default=Step.READ_LAST_SUCCESS),
        Step.READ_PLAN: call(
            read_plan(names),
            catches=go_on,
            assign={"plan": expression(f"[{READ_JSON}.shards]")},
            next_state=Step.LIST_RESULTS,
        ),
        Step.LIST_RESULTS: call(
            list_results(names),
            catches=go_on,
            assign={"done": expression(DONE)},
            next_state=Step.SUM_UP_LOST,
        ),
        Step.SUM_UP_LOST: pass_state(
            assign={
                "succeeded": expression("$count([$plan.regions[$ in $done]])"),
                # Where nothing is done, one reason says more than the same for each region.
                "failures": expression(f"$count($done) = 0 ? $failures : [{told}, {missing}]"),
            },
            next_state=Step.READ_LAST_SUCCESS,
        ),
    }
