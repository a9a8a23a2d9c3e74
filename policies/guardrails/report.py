"""What was assessed, as data: what each rule was asked and said, how long machines can run, what the stack costs."""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from guardrails.assessment import place_of
from guardrails.aws.machines import analysis_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.cost.estimate import EstimateError
from guardrails.cost.estimate_json import as_json as costs_json
from guardrails.cost.for_rules import estimate_for
from guardrails.ledger import Ledger, Outcome
from guardrails.plan import Plan
from guardrails.properties import PropertyError
from guardrails.rule import Rule, Subject
from guardrails.time.report import as_json, as_text

REPORT = "GUARDRAILS_REPORT"
"""The environment variable that names the file for the report."""


def report_json(rules: Sequence[Rule], ledger: Ledger, plan: Plan, limits: str) -> str:
    """Return the report on a plan, judged by the limits of a file, or by the defaults, as JSON."""
    return json.dumps(
        {
            "resources": len(plan.resources),
            "limits": limits,
            "rules": [_rule(rule, ledger) for rule in rules],
            "machines": _machines(ledger, plan),
            "cost": _cost(ledger, plan),
        }
    )


def _rule(rule: Rule, ledger: Ledger) -> dict[str, Any]:
    found = ledger.of_rule(rule.name)
    return {
        "name": rule.name,
        "disabled": rule.name in ledger.disabled,
        "assessed": sum(one.outcome is not Outcome.NOT_APPLICABLE for one in found),
        "not_applicable": sum(one.outcome is Outcome.NOT_APPLICABLE for one in found),
        "refused": sum(one.outcome is Outcome.REFUSED for one in found),
        "breaches": [breach for one in found for breach in one.breaches],
    }


def _machines(ledger: Ledger, plan: Plan) -> list[dict[str, Any]]:
    # With the limits alone, what cannot be read says so itself, and not which rule tells.
    untold = Ledger(limits=ledger.limits)
    machines = []
    for resource in sorted(plan.of_type(STATE_MACHINE), key=attrgetter("name")):
        try:
            analysis = analysis_of(Subject(resource=resource, plan=plan, ledger=untold))
        except PropertyError as error:
            machines.append({"name": resource.name, "unknown": str(error)})
        else:
            machines.append(
                {"name": resource.name, "text": as_text(analysis, all_states=False), **as_json(analysis)}
            )
    return machines


def _cost(ledger: Ledger, plan: Plan) -> dict[str, Any]:
    try:
        return costs_json(estimate_for(plan, ledger))
    except EstimateError as error:
        return {"unknown": str(error)}
    except Exception as error:  # noqa: BLE001 - without what it costs, the rest of the report is still worth reading
        return {"unknown": f"the estimate broke off ({place_of(error)}); report this as a defect"}
