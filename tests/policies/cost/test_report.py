import json
from decimal import Decimal

import pytest

from guardrails.cost.bill import Case
from guardrails.cost.estimate import estimate
from guardrails.cost.estimate_json import as_json
from guardrails.cost.report import month_rows, run_rows
from tests.policies.cost.stacks import plan_of_stack
from tests.stacks import ENVIRONMENTS


@pytest.mark.parametrize("stack", ENVIRONMENTS)
def test_the_costs_of_the_services_add_up_to_the_month(stack: str) -> None:
    found = estimate(plan_of_stack(stack))
    # The rows are drawn from the JSON that programs read.
    costs = json.loads(json.dumps(as_json(found)))
    services = {row[0] for row in month_rows(costs)[1:-2]}
    for case in Case:
        lines = costs["month"][case]["lines"]
        assert {line["service"] for line in lines} <= services
        for key, free_tier in (("usd", False), ("usd_with_free_tier", True)):
            amounts = (Decimal(line[key]) for line in lines if line[key] is not None)
            assert sum(amounts) == found.month(case, free_tier=free_tier).total


def test_the_dearest_at_worst_comes_first_and_the_totals_last() -> None:
    costs = as_json(estimate(plan_of_stack("prod")))
    _, *services, month, with_free_tier = month_rows(costs)
    at_worst = [Decimal(row[2].removeprefix("$")) for row in services if row[2].startswith("$")]
    assert len(at_worst) > 5
    assert at_worst == sorted(at_worst, reverse=True)
    assert [month[0], with_free_tier[0]] == ["a month", "a month with the free tier"]
    assert [row[0] for row in run_rows(costs)] == ["", "ccapi-machine", "ccapi-watch"]
