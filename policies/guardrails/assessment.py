"""How a rule is asked: there is an answer whatever happens in it, and it is taken down."""

import traceback
from collections.abc import Mapping
from typing import Any

from guardrails.ledger import Assessment, Ledger, Outcome
from guardrails.plan import Plan, Resource
from guardrails.properties import PropertyError
from guardrails.rule import NotApplicableError, Rule, Subject
from guardrails.visible import one_line


def assess(
    rule: Rule, resource: Resource, plan: Plan, ledger: Ledger, limits: Mapping[str, Any] | None = None
) -> Assessment:
    """Return what a rule says about a resource, and take it down."""
    ledger.limits[rule.name] = {**rule.defaults, **(limits or {})}
    subject = Subject(resource=resource, plan=plan, limits=ledger.limits[rule.name], ledger=ledger)
    # What was said of an earlier state of it is no reason for what is said now.
    ledger.assessments.pop((rule.name, resource.urn), None)
    assessment = _ask(rule, subject)
    ledger.assessments[rule.name, resource.urn] = assessment
    return assessment


def _ask(rule: Rule, subject: Subject) -> Assessment:
    resource = subject.resource
    breaches: list[str] = []
    try:
        for breach in rule.judge(subject):
            breaches.append(breach)  # noqa: PERF402 - those before an error are kept
    except NotApplicableError as error:
        if not breaches:
            return Assessment(rule.name, resource.urn, Outcome.NOT_APPLICABLE, reason=str(error))
    except PropertyError as error:
        breaches.append(f"{error}.")
    except Exception as error:  # noqa: BLE001 - it would end the preview and lose every other finding
        breaches.append(_defect(error))
    # A rule says what is wrong; with which resource is said here, once for all of them.
    told = tuple(one_line(f"{resource.name}: {breach}") for breach in dict.fromkeys(breaches))
    return Assessment(rule.name, resource.urn, Outcome.REFUSED if told else Outcome.PASSED, told)


def place_of(error: Exception) -> str:
    """Return what was raised and where, without the exception's own words: they may hold a property's value."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.filename.rpartition('/')[2]}:{last.lineno}"


def _defect(error: Exception) -> str:
    return (
        f"the rule could not judge it ({place_of(error)}), so that it counts as refused; "
        "report this as a defect of the rule."
    )
