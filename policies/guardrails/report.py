"""What was assessed, as data: how often each rule was asked and what it said, and how long each machine can run."""

import json
from collections.abc import Sequence
from typing import Any

from guardrails.aws.machines import analysis_of
from guardrails.aws.types import STATE_MACHINE
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
    for resource in plan.of_type(STATE_MACHINE):
        try:
            analysis = analysis_of(Subject(resource=resource, plan=plan, ledger=untold))
        except PropertyError as error:
            machines.append({"name": resource.name, "unknown": str(error)})
        else:
            machines.append(
                {"name": resource.name, "text": as_text(analysis, all_states=False), **as_json(analysis)}
            )
    return machines
