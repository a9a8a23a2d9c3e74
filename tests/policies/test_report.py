import json
from collections.abc import Callable
from typing import Any

import pytest

from guardrails import report
from guardrails.cost.estimate import EstimateError
from guardrails.limits_source import Source
from guardrails.plan import Plan
from guardrails.results import Results
from tests.policies.cost.stacks import plan_of_stack

SECRET = "sk-live-4711"


def reported(plan: Plan, results: Results | None = None) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        report.report_json([], results or Results(), plan, Source(name="defaults"))
    )
    return told


def test_the_reported_cost_uses_the_limits_configured_for_the_rules() -> None:
    plan = plan_of_stack("prod")
    (machine,) = (one for one in reported(plan)["cost"]["machines"] if one["name"] == "ccapi-machine")
    limits = {"runs-per-month-within-limit": {"startsOf": {"ccapi-machine": 77}}}
    cost = reported(plan, Results(limits=dict(limits)))["cost"]
    (declared,) = (one for one in cost["machines"] if one["name"] == "ccapi-machine")
    more = float(declared["runs_a_month"]["worst"]) - float(machine["runs_a_month"]["worst"])
    assert more == pytest.approx(77)


def test_machines_are_reported_by_name_in_whichever_order_they_are_registered() -> None:
    resources = plan_of_stack("prod").resources.values()
    for plan in (Plan.of(resources), Plan.of(reversed([*resources]))):
        assert [one["name"] for one in reported(plan)["machines"]] == ["ccapi-machine", "ccapi-watch"]


def raising(error: Exception) -> Callable[..., Any]:
    def estimate(*_: Any) -> Any:
        raise error

    return estimate


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (EstimateError("the region of key is not known"), "the region of key is not known"),
        (LookupError(SECRET), "the estimate failed (LookupError in test_report.py:"),
    ],
)
def test_the_reason_for_an_unknown_cost_is_reported(
    error: Exception, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "estimate_for", raising(error))
    cost = reported(plan_of_stack("prod"))["cost"]
    assert list(cost) == ["unknown"]
    assert cost["unknown"].startswith(why)
    assert SECRET not in cost["unknown"]
