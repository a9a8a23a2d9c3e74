"""The evaluation of a rule for a resource, which always has an outcome, even if the rule raises."""

import traceback
from collections.abc import Iterable, Mapping
from typing import Any

from guardrails.aws.machines import state_named_in
from guardrails.exemptions import Exemption
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError, UnknownPropertyError
from guardrails.results import Evaluation, Outcome, Results, UnknownProperty
from guardrails.rule import NotApplicableError, Rule, Subject
from guardrails.today import today
from guardrails.visible import one_line


def evaluate(
    rule: Rule, resource: Resource, plan: Plan, results: Results, limits: Mapping[str, Any] | None = None
) -> Evaluation:
    """Evaluate a rule for a resource, record the evaluation in the results, and return it."""
    results.limits[rule.name] = {**rule.defaults, **(limits or {})}
    subject = Subject(resource=resource, plan=plan, limits=results.limits[rule.name], results=results)
    # An evaluation of an earlier state of the resource must not influence this one.
    results.forget(rule.name, resource.urn)
    evaluation = _run(rule, subject)
    results.record(evaluation)
    return evaluation


def _run(rule: Rule, subject: Subject) -> Evaluation:
    resource = subject.resource
    violations: list[str] = []
    unknown: UnknownProperty | None = None
    try:
        for violation in rule.evaluate(subject):
            violations.append(violation)  # noqa: PERF402 - keep the violations found before an error
    except NotApplicableError as error:
        if not violations:
            return Evaluation(rule.name, resource.urn, Outcome.NOT_APPLICABLE, reason=str(error))
    except UnknownPropertyError as error:
        unknown = UnknownProperty(error.urn or resource.urn, error.path)
    except PropertyError as error:
        violations.append(f"{error}.")
    except Exception as error:  # noqa: BLE001 - it would end the preview and lose all other violations
        violations.append(_defect(error))
    messages: list[str] = []
    exempted: list[tuple[Exemption, str]] = []
    for violation in dict.fromkeys(violations):
        # Every message begins with the name of the resource.
        message = one_line(f"{resource.name}: {_named(violation, rule, subject)}")
        exemption = _exemption(subject.results.exemptions, rule, resource, violation)
        if exemption:
            exempted.append((exemption, message))
        else:
            messages.append(message)
    return Evaluation(
        rule.name,
        resource.urn,
        _outcome(messages, unknown, exempted),
        tuple(messages),
        unknown=unknown,
        exempted=tuple(exempted),
    )


def _named(violation: str, rule: Rule, subject: Subject) -> str:
    """Return a violation that names the settings and the file that its reader changes."""
    names, resource = subject.results.names, subject.resource
    state = state_named_in(resource, violation) if names.settings else None
    return names.applied(violation, resource, {limit.key for limit in rule.limits}, state)


def _outcome(violations: object, unknown: object, exempted: object) -> Outcome:
    outcomes = ((violations, Outcome.VIOLATED), (unknown, Outcome.DEFERRED), (exempted, Outcome.EXEMPTED))
    return next((outcome for found, outcome in outcomes if found), Outcome.PASSED)


def _exemption(
    exemptions: Iterable[Exemption], rule: Rule, resource: Resource, violation: str
) -> Exemption | None:
    """Return the valid exemption of a violation, if there is one."""
    for exemption in exemptions:
        if (exemption.rule, exemption.resource) != (rule.name, resource.name):
            continue
        is_meant = exemption.state is None or exemption.state == state_named_in(resource, violation)
        if is_meant and exemption.is_valid(today()):
            return exemption
    return None


def place_of(error: Exception) -> str:
    """Return the type and the place of an exception, without its message, which may contain a property's value."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.filename.rpartition('/')[2]}:{last.lineno}"


def _defect(error: Exception) -> str:
    return f"the rule failed ({place_of(error)}), which counts as a violation; report this as a defect of the rule."
