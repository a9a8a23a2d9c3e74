"""The rules as policies of Pulumi; the only module that passes the SDK's objects to them.

It passes plain data to the rules: the SDK's own objects raise on an unknown value, and the SDK would then skip the rule
with an advisory.
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

from guardrails.evaluation import evaluate
from guardrails.limits import LEVEL, limits_schema, of_level, rule_mistakes, without_mistakes
from guardrails.limits_source import FOLDER, LIMITS, exemptions_of, limits_of, names_for, source_of
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.report import REPORT, report_json
from guardrails.results import Evaluation, Outcome, Results
from guardrails.rule import Level, Rule, Scope
from guardrails.rules import RULES
from guardrails.visible import one_line

Limits = Mapping[str, Mapping[str, Any]]


def guardrails(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the arguments of the policy pack: every rule, with the limits of the previewed stack.

    Raises:
        LimitsError: if the stack's limits cannot be read, or have mistakes.
    """
    project, stack = (environment.get(name, "") for name in ("PULUMI_PROJECT", "PULUMI_STACK"))
    place = Path(environment.get(LIMITS) or FOLDER)
    source = source_of(project, stack, place)
    limits = limits_of(source, RULES)
    # The preview command alone asks for a report. It lists what is to be done before the deployment, and stops nothing.
    deployment = [rule.name for rule in RULES if rule.is_of_deployment and REPORT in environment]
    results = Results(
        disabled=of_level(limits, Level.DISABLED),
        before_deployment=frozenset(deployment)
        - of_level(limits, Level.ADVISORY)
        - of_level(limits, Level.DISABLED),
        exemptions=exemptions_of(source, RULES),
        names=names_for(project, stack, source, place),
    )

    listed_only = {
        name: {**limits.get(name, {}), LEVEL: Level.ADVISORY} for name in results.before_deployment
    }

    def write_report(plan: Plan) -> None:
        if REPORT not in environment:
            return
        # The preview command notices a missing report; an exception here would end the preview and lose all violations.
        with suppress(Exception):
            report = report_json(RULES, results, plan, source)
            Path(environment[REPORT]).write_text(report, encoding="utf-8")

    return {
        "name": "guardrails",
        "policies": policies(RULES, results, write_report),
        "initial_config": initial_config({**_with_levels(limits), **listed_only}),
    }


def policies(
    rules: Sequence[Rule], results: Results, after_stack: Callable[[Plan], None] = lambda _: None
) -> list[Policy]:
    """Return the rules as policies of Pulumi, which record their evaluations in the results.

    `after_stack` is called with the plan after the last rule.
    """
    last, plans = rules[-1], _Plans(results)
    return [
        _resource_policy(rule, results)
        if rule.scope is Scope.RESOURCE
        else _stack_policy(rule, position, plans, results, after_stack if rule is last else lambda _: None)
        for position, rule in enumerate(rules)
    ]


def initial_config(limits: Limits) -> dict[str, EnforcementLevel | dict[str, Any]]:
    """Return limits in the form of Pulumi's initial policy configuration."""
    return {
        name: {key: EnforcementLevel(value) if key == LEVEL else value for key, value in of_rule.items()}
        for name, of_rule in limits.items()
    }


def _with_levels(limits: Limits) -> Limits:
    """Return limits with a level for each rule: the SDK treats a configured rule without a level as advisory."""
    levels = {rule.name: rule.level for rule in RULES}
    return {name: {LEVEL: levels[name], **of_rule} for name, of_rule in limits.items()}


def _resource_policy(rule: Rule, results: Results) -> Policy:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        results.given[args.urn] = frozenset(args.props)
        if not args.resource_type.startswith("aws:"):
            results.components[args.urn] = _resource(args, args.opts.parent)
        if args.resource_type not in rule.resource_types:
            args.not_applicable()
        resource = _resource(args, args.opts.parent)
        limits = _limits(args.get_config())
        plan = Plan({resource.urn: resource}, results.components)
        evaluation = evaluate(rule, resource, plan, results, without_mistakes(rule, limits))
        _report(evaluation, rule_mistakes(rule, limits), report, results)
        if evaluation.outcome is Outcome.NOT_APPLICABLE:
            args.not_applicable(evaluation.reason)

    return ResourceValidationPolicy(validate=validate, **_facts(rule))


class _Plans:
    """The plan of the stack, shared by all rules of one evaluation of the stack, so that caches work.

    The SDK reads all resources again for each rule, and evaluates the rules of a stack in their order.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        self._plan = Plan({})
        self._position = 0

    def of(self, args: StackValidationArgs, position: int) -> Plan:
        """Return the plan for the rule at a position: that of an earlier rule, or a new one for the first rule."""
        is_first = position <= self._position
        if is_first or [resource.urn for resource in args.resources] != list(self._plan.resources):
            resources = {resource.urn: _planned(resource, self._results) for resource in args.resources}
            self._plan = Plan(resources, dict(self._results.components))
        self._position = position
        return self._plan


def _stack_policy(
    rule: Rule, position: int, plans: _Plans, results: Results, after: Callable[[Plan], None]
) -> Policy:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        plan = plans.of(args, position)
        limits = _limits(args.get_config())
        mistakes, valid = rule_mistakes(rule, limits), without_mistakes(rule, limits)
        subjects = plan.of_type(*rule.resource_types)
        for resource in subjects:
            _report(evaluate(rule, resource, plan, results, valid), mistakes, report, results)
            mistakes = []
        after(plan)
        if not subjects:
            args.not_applicable("the stack has no resource of the rule's types")

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


def _report(
    evaluation: Evaluation, mistakes: Sequence[str], report: ReportViolation, results: Results
) -> None:
    if not _stops(report):
        results.advisory |= {evaluation.rule}
    for message in (*map(one_line, mistakes), *evaluation.violations):
        report(message, evaluation.urn)


def _stops(report: ReportViolation) -> bool:
    """Return True if a reported violation stops a deployment, by the limits and by `--policy-pack-config`.

    The SDK passes a policy its level only in the closure of the report function. If the level is not found there, the
    rule counts as advisory, so that later rules report the problem themselves.
    """
    held = inspect.getclosurevars(report).nonlocals if inspect.isfunction(report) else {}
    return held.get("enforcement_level") is EnforcementLevel.MANDATORY


def _planned(args: PolicyResource, results: Results) -> Resource:
    """Return a resource of a whole stack without the unknown properties that the program does not set."""
    sources = {key: tuple(source.urn for source in of) for key, of in args.property_dependencies.items()}
    resource = _resource(args, args.parent.urn if args.parent else None, sources)
    given = results.given.get(args.urn, resource.properties.keys())
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
    """Return the limits in a policy's configuration, with whole numbers, which arrive as floats, as integers."""
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
