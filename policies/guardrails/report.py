"""The report of the policy pack as JSON: the results of each rule, the running times of machines, and the cost."""

import json
from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from guardrails.aws.machines import analysis_of
from guardrails.aws.types import STATE_MACHINE
from guardrails.cost.estimate import EstimateError
from guardrails.cost.estimate_json import as_json as costs_json
from guardrails.cost.for_rules import estimate_for
from guardrails.evaluation import place_of
from guardrails.exemptions import Exemption
from guardrails.limits_source import Source
from guardrails.plan import Plan
from guardrails.properties import PropertyError
from guardrails.results import Outcome, Results
from guardrails.rule import Rule, Subject
from guardrails.time.report import as_json, as_text

REPORT = "GUARDRAILS_REPORT"
"""The environment variable with the path of the report."""
URNS = "urns"
"""The key of the report with the URNs of the AWS resources of the plan."""


def report_json(rules: Sequence[Rule], results: Results, plan: Plan, limits: Source) -> str:
    """Return the report on a plan as JSON."""
    return json.dumps(
        {
            "resources": len(plan.resources),
            URNS: [urn for urn, resource in plan.resources.items() if resource.type.startswith("aws:")],
            "limits": limits.name,
            "limits_file": str(limits.path.resolve()) if limits.path else None,
            "rules": [_rule(rule, results) for rule in rules],
            "deferred": [
                {"resource": unknown.resource, "urn": unknown.urn, "property": unknown.path, "rules": names}
                for unknown, names in results.deferred().items()
            ],
            "exemptions": [_exemption(exemption, results) for exemption in results.exemptions],
            "machines": _machines(results, plan),
            "cost": _cost(results, plan),
        }
    )


def _rule(rule: Rule, results: Results) -> dict[str, Any]:
    evaluations = results.of_rule(rule.name)
    count = Counter(evaluation.outcome for evaluation in evaluations)
    return {
        "name": rule.name,
        "requirement": rule.requirement,
        "rationale": rule.rationale,
        "remediation": rule.remediation,
        "url": rule.url,
        "severity": str(rule.severity),
        "level": str(rule.level),
        "disabled": rule.name in results.disabled,
        "evaluated": len(evaluations) - count[Outcome.NOT_APPLICABLE] - count[Outcome.DEFERRED],
        "not_applicable": count[Outcome.NOT_APPLICABLE],
        "violated": count[Outcome.VIOLATED],
        "deferred": count[Outcome.DEFERRED],
        "exempted": count[Outcome.EXEMPTED],
        "before_deployment": rule.name in results.before_deployment,
        "violations": [violation for evaluation in evaluations for violation in evaluation.violations],
    }


def _exemption(exemption: Exemption, results: Results) -> dict[str, Any]:
    return {
        "rule": exemption.rule,
        "resource": exemption.resource,
        "state": exemption.state,
        "reason": exemption.reason,
        "until": str(exemption.until) if exemption.until else None,
        "violations": [
            message
            for evaluation in results.of_rule(exemption.rule)
            for used, message in evaluation.exempted
            if used == exemption
        ],
    }


def _machines(results: Results, plan: Plan) -> list[dict[str, Any]]:
    # Without the evaluations, a machine that cannot be read gives its own reason, and not the rule that reports it.
    limits_only = Results(limits=results.limits)
    machines = []
    for resource in sorted(plan.of_type(STATE_MACHINE), key=attrgetter("name")):
        try:
            analysis = analysis_of(Subject(resource=resource, plan=plan, results=limits_only))
        except PropertyError as error:
            machines.append({"name": resource.name, "unknown": str(error)})
        else:
            machines.append(
                {"name": resource.name, "text": as_text(analysis, all_states=False), **as_json(analysis)}
            )
    return machines


def _cost(results: Results, plan: Plan) -> dict[str, Any]:
    try:
        return costs_json(estimate_for(plan, results))
    except EstimateError as error:
        return {"unknown": str(error)}
    except Exception as error:  # noqa: BLE001 - the rest of the report is useful without the cost
        return {"unknown": f"the estimate failed ({place_of(error)}); report this as a defect"}
