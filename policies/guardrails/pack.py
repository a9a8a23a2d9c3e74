"""The rules as Pulumi asks them; the only part that knows Pulumi's policy SDK.

What it hands the rules is plain data: the SDK's own raises where a value is unknown, which ends a rule as an advisory.
"""

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from guardrails.assessment import assess
from guardrails.ledger import Assessment, Ledger, Outcome
from guardrails.limits import (
    LEVEL,
    limits_schema,
    of_level,
    of_stack,
    rule_mistakes,
    source_of,
    without_mistakes,
)
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.report import REPORT, report_json
from guardrails.rule import Level, Rule, Scope
from guardrails.rules import RULES
from guardrails.visible import one_line

Limits = Mapping[str, Mapping[str, Any]]


def guardrails(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the arguments of the policy pack: every rule, with the limits of the stack that it is asked about.

    Raises:
        LimitsError: with every mistake in the stack's limits.
    """
    stack = environment.get("PULUMI_STACK", "")
    limits = of_stack(stack, RULES)
    ledger = Ledger(disabled=of_level(limits, Level.DISABLED))

    def write_report(plan: Plan) -> None:
        if REPORT not in environment:
            return
        # Whoever asked for a report misses it; an exception here would end the preview and lose what the rules found.
        with suppress(Exception):
            report = report_json(RULES, ledger, plan, source_of(stack))
            Path(environment[REPORT]).write_text(report, encoding="utf-8")

    return {
        "name": "guardrails",
        "policies": policies(RULES, ledger, write_report),
        "initial_config": initial_config(_with_levels(limits)),
    }


def policies(
    rules: Sequence[Rule], ledger: Ledger, after_stack: Callable[[Plan], None] = lambda _: None
) -> list[Policy]:
    """Return the rules as policies of Pulumi, which take down what they say in the ledger.

    `after_stack` is told the plan once the last rule has been asked.
    """
    last, plans = rules[-1], _Plans(ledger)
    return [
        _resource_policy(rule, ledger)
        if rule.scope is Scope.RESOURCE
        else _stack_policy(rule, plans, ledger, after_stack if rule is last else lambda _: None)
        for rule in rules
    ]


def initial_config(limits: Limits) -> dict[str, EnforcementLevel | dict[str, Any]]:
    """Return limits as Pulumi takes them."""
    return {
        name: {key: EnforcementLevel(value) if key == LEVEL else value for key, value in of_rule.items()}
        for name, of_rule in limits.items()
    }


def _with_levels(limits: Limits) -> Limits:
    """Return limits in which each rule has a level: the SDK takes one that has none for an advisory."""
    levels = {rule.name: rule.level for rule in RULES}
    return {name: {LEVEL: levels[name], **of_rule} for name, of_rule in limits.items()}


def _resource_policy(rule: Rule, ledger: Ledger) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        ledger.given[args.urn] = frozenset(args.props)
        if not args.resource_type.startswith("aws:"):
            ledger.components[args.urn] = _resource(args, args.opts.parent)
        if args.resource_type not in rule.judges:
            args.not_applicable()
        resource = _resource(args, args.opts.parent)
        limits = _limits(args.get_config())
        plan = Plan({resource.urn: resource}, ledger.components)
        assessment = assess(rule, resource, plan, ledger, without_mistakes(rule, limits))
        _tell(assessment, rule_mistakes(rule, limits), report, ledger)
        if assessment.outcome is Outcome.NOT_APPLICABLE:
            args.not_applicable(assessment.reason)

    return ResourceValidationPolicy(validate=validate, **_facts(rule))


class _Plans:
    """The plan of the stack: one for all rules that are asked about the same, so that none reckons what another has."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._plan = Plan({})

    def of(self, args: StackValidationArgs) -> Plan:
        """Return the plan that a rule is asked about: that of the rule before it, where nothing is different."""
        resources = {one.urn: _planned(one, self._ledger) for one in args.resources}
        plan = Plan(resources, dict(self._ledger.components))
        if not _is_same(plan, self._plan):
            self._plan = plan
        return self._plan


def _is_same(plan: Plan, other: Plan) -> bool:
    facts, others = ([*map(vars, one.resources.values())] for one in (plan, other))
    return facts == others and plan.components == other.components


def _stack_policy(rule: Rule, plans: _Plans, ledger: Ledger, after: Callable[[Plan], None]) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        plan = plans.of(args)
        limits = _limits(args.get_config())
        mistakes, right = rule_mistakes(rule, limits), without_mistakes(rule, limits)
        subjects = plan.of_type(*rule.judges)
        for resource in subjects:
            _tell(assess(rule, resource, plan, ledger, right), mistakes, report, ledger)
            mistakes = []
        after(plan)
        if not subjects:
            args.not_applicable("the stack has no resource of the kinds that it judges")

    return StackValidationPolicy(validate=validate, **_facts(rule))


def _facts(rule: Rule) -> dict[str, Any]:
    schema = limits_schema(rule)
    return {
        "name": rule.name,
        "description": rule.requirement,
        "enforcement_level": EnforcementLevel(str(rule.level)),
        "config_schema": PolicyConfigSchema(schema) if schema else None,
        "severity": Severity(str(rule.severity)),
        "remediation_steps": rule.remediation,
        "url": rule.url,
    }


def _tell(assessment: Assessment, mistakes: Sequence[str], report: ReportViolation, ledger: Ledger) -> None:
    if not _stops(report):
        ledger.advisory |= {assessment.rule}
    for message in (*map(one_line, mistakes), *assessment.breaches):
        report(message, assessment.urn)


def _stops(report: ReportViolation) -> bool:
    """Tell whether what is reported stops a deployment, by the level of the limits and of `--policy-pack-config`.

    The SDK tells a policy its level nowhere but in the function that it reports with. Where it is not found there, a
    rule is taken for one that stops nothing, so that the others look for themselves.
    """
    held = inspect.getclosurevars(report).nonlocals if inspect.isfunction(report) else {}
    return held.get("enforcement_level") is EnforcementLevel.MANDATORY


def _planned(one: PolicyResource, ledger: Ledger) -> Resource:
    """Return a resource of a whole stack, without what nobody gave it and only AWS will know."""
    sources = {key: tuple(source.urn for source in of) for key, of in one.property_dependencies.items()}
    resource = _resource(one, one.parent.urn if one.parent else None, sources)
    given = ledger.given.get(one.urn, resource.properties.keys())
    known = {key: value for key, value in resource.properties.items() if value is not UNKNOWN or key in given}
    return replace(resource, properties=known)


def _resource(
    args: ResourceValidationArgs | PolicyResource,
    parent: str | None,
    sources: Mapping[str, tuple[str, ...]] | None = None,
) -> Resource:
    return Resource(
        urn=args.urn,
        type=args.resource_type,
        name=args.name,
        properties=_plain(args.props),
        parent=parent,
        provider=_plain(args.provider.props) if args.provider else {},
        sources=sources or {},
    )


def _limits(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the limits that a policy was given; every number arrives as a float."""
    return {key: _whole(value) for key, value in config.items()}


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _known(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_known(value, index) for index in range(len(value))]
    return value


def _known(values: Any, key: Any) -> Any:
    try:
        return _plain(values[key])
    except UnknownValueError:
        return UNKNOWN
