"""The estimate in the form that rules need: with the declarations in the stack's limits, and as sentences."""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from guardrails.aws.machines import STATES_BOUNDED
from guardrails.cost.bill import COMPUTE, Bill, CostLine
from guardrails.cost.estimate import Estimate, EstimateError, MachineCost, estimate
from guardrails.cost.prices.services import UNPRICED
from guardrails.cost.report import usd
from guardrails.cost.task_attempts import KEPT
from guardrails.cost.usage_declarations import parse_quantity, with_declarations
from guardrails.plan import Plan
from guardrails.properties import UnknownPropertyError
from guardrails.results import Outcome, Results
from guardrails.rule import Level, NotApplicableError, Subject

PRICES_KNOWN = "prices-known"
"""The rule whose limit `region` is used for resources without a region."""

PRICED = "resources-priced"
"""The rule whose limit `PRICED_ELSEWHERE` names the types that the limits of a month leave out."""

PRICED_ELSEWHERE = "pricedElsewhere"

RUNS_A_MONTH = "runs-per-month-within-limit"
"""The rule whose limit `startsOf` declares the starts of machines by anything other than a schedule."""

USD: Final[dict[str, Any]] = {"type": "string", "pattern": r"^\d{1,9}(\.\d{1,2})?$"}
"""The schema of an amount, which is text so that no parser rounds it."""

_LARGEST = 4


def estimate_for(plan: Plan, results: Results) -> Estimate:
    """Return the estimate of a plan with the bounds, the usage and the starts that the limits of its rules declare.

    Raises:
        EstimateError: if a region is not known, or no line takes a declared usage.
    """
    bounds, prices, runs, priced = (
        results.limits.get(rule, {}) for rule in (STATES_BOUNDED, PRICES_KNOWN, RUNS_A_MONTH, PRICED)
    )
    usage = {name: dict(declared) for name, declared in prices.get("usageOf", {}).items()}
    for name, number in runs.get("startsOf", {}).items():
        usage.setdefault(name, {})["starts"] = number
    found = _estimate(
        plan,
        json.dumps(bounds, sort_keys=True),
        json.dumps(usage, sort_keys=True),
        prices.get("region"),
        frozenset(priced.get(PRICED_ELSEWHERE, ())),
    )
    if isinstance(found, EstimateError):
        raise found
    return found


# Every rule on costs needs the estimate, some for each machine of a plan. Only what is returned is cached, so that an
# error is returned too.
@lru_cache(maxsize=2)
def _estimate(
    plan: Plan, bounds: str, usage: str, region: str | None, priced_elsewhere: frozenset[str]
) -> Estimate | EstimateError:
    try:
        return estimate(
            with_declarations(plan, json.loads(usage)),
            results=Results(limits={STATES_BOUNDED: json.loads(bounds)}),
            region=region or None,
            priced_elsewhere=priced_elsewhere,
        )
    except EstimateError as error:
        return error


def known_estimate(subject: Subject) -> Estimate:
    """Return the estimate of the stack.

    Raises:
        NotApplicableError: if it cannot be estimated, which `prices-known` reports.
    """
    try:
        return estimate_for(subject.plan, subject.results)
    except EstimateError:
        raise NotApplicableError(f"its cost cannot be estimated, which {PRICES_KNOWN} reports") from None


def cost_of(subject: Subject) -> MachineCost:
    """Return the cost of the runs of the subject's machine.

    Raises:
        NotApplicableError: if it cannot be estimated, which `prices-known` reports.
    """
    return known_estimate(subject).machine_by_urn[subject.resource.urn]


def skip_if_refused(subject: Subject, urns: Iterable[str]) -> None:
    """Skip the rule if an earlier rule already reported a violation of one of the resources.

    Raises:
        NotApplicableError: if an earlier rule has refused one of the resources.
        UnknownPropertyError: if an earlier rule waits for a property of one of them.
    """
    of_resource = subject.results.of_resource
    for evaluation in chain.from_iterable(of_resource[urn].values() for urn in urns if urn in of_resource):
        if evaluation.unknown:
            raise UnknownPropertyError(evaluation.unknown.path, evaluation.unknown.urn)
        if evaluation.outcome is Outcome.VIOLATED:
            raise NotApplicableError(f"it cannot be estimated until {evaluation.rule} passes")


def unbounded_sentences(bill: Bill, what: str) -> Iterable[str]:
    """Return a sentence for each reason for which a bill has no upper bound."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for line in bill.unbounded:
        reasons.setdefault((line.depends_on, _remedy(line)), []).append(line.name)
    return [
        f"the cost of {what} has no upper bound: {_listed(names)} on {missing}; {remedy}."
        for (missing, remedy), names in reasons.items()
    ]


def _listed(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    shown = ", ".join(unique[:_LARGEST])
    more = len(unique) - _LARGEST
    return f"{shown}{f' and {more:,} more' if more > 0 else ''} depend{'s' if len(unique) == 1 else ''}"


def _remedy(line: CostLine) -> str:
    if line.service == UNPRICED:
        return f"look up the price, and name the type in {PRICED_ELSEWHERE} of {PRICED}"
    if line.key in KEPT:
        return f"declare {KEPT[line.key]} of the machine for a run, in the limit usageOf of {PRICES_KNOWN}"
    if line.is_unpriced:
        return f"refresh the prices, or look up the price and make this rule {Level.ADVISORY}"
    if line.key.startswith(COMPUTE):
        return f"bound it, or declare it, as in the limit usageOf of {PRICES_KNOWN}"
    return f"declare {line.key} of {line.name} by the month, in the limit usageOf of {PRICES_KNOWN}"


def largest_amounts(bill: Bill) -> str:
    """Return the names on a bill with the largest amounts, each with its amount."""
    amounts: dict[str, Decimal] = {}
    for line in bill.lines:
        if line.amount:
            label = f"{line.name} ({line.service})"
            amounts[label] = amounts.get(label, Decimal(0)) + line.amount
    largest = sorted(amounts.items(), key=lambda item: -item[1])[:_LARGEST]
    return ", ".join(f"{label} {usd(amount)}" for label, amount in largest)


def limit_usd(subject: Subject, key: str) -> Decimal:
    """Return a limit in US dollars, which is written as text."""
    return parse_quantity(subject.limits[key]) or Decimal(0)
