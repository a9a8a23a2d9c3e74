"""The estimate as rules ask for it: with what the limits of the stack declare, and in sentences."""

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from guardrails.aws.machines import STATES_BOUNDED
from guardrails.cost.bill import Bill, CostLine
from guardrails.cost.declared import declaring, quantity_of
from guardrails.cost.estimate import Estimate, EstimateError, estimate
from guardrails.cost.machine_cost import MachineCost
from guardrails.cost.report import usd
from guardrails.ledger import Ledger, Outcome
from guardrails.plan import Plan
from guardrails.rule import Level, NotApplicableError, Subject

PRICES_KNOWN = "prices-known"
"""The rule whose limits say the region that nothing else says."""

RUNS_A_MONTH = "runs-per-month-within-limit"
"""The rule whose limits say how often machines are started by what is no schedule."""

USD: Final[dict[str, Any]] = {"type": "string", "pattern": r"^\d{1,9}(\.\d{1,2})?$"}
"""The schema of an amount, which is text so that nothing rounds it."""

_FEW = 4


def estimate_for(plan: Plan, ledger: Ledger) -> Estimate:
    """Return what the stack of a plan costs, by the limits that its rules were given.

    Raises:
        EstimateError: where its region is not known, or has no prices.
    """
    bounds, prices, runs = (
        ledger.limits.get(rule, {}) for rule in (STATES_BOUNDED, PRICES_KNOWN, RUNS_A_MONTH)
    )
    starts = {name: {"starts": number} for name, number in runs.get("startsOf", {}).items()}
    return _estimate(
        plan, json.dumps(bounds, sort_keys=True), json.dumps(starts, sort_keys=True), prices.get("region")
    )


# Each rule on costs asks for it, of each machine of a plan.
@lru_cache(maxsize=2)
def _estimate(plan: Plan, bounds: str, starts: str, region: str | None) -> Estimate:
    return estimate(
        declaring(plan, json.loads(starts)),
        ledger=Ledger(limits={STATES_BOUNDED: json.loads(bounds)}),
        region=region or None,
    )


def known_estimate(subject: Subject) -> Estimate:
    """Return what the stack costs.

    Raises:
        NotApplicableError: where its region is not known, which another rule tells.
    """
    try:
        return estimate_for(subject.plan, subject.ledger)
    except EstimateError:
        raise NotApplicableError(
            f"the prices of its region are not known, which {PRICES_KNOWN} tells"
        ) from None


def cost_of(subject: Subject) -> MachineCost:
    """Return what the runs of the machine cost that a rule is asked about.

    Raises:
        NotApplicableError: where its region is not known, which another rule tells.
    """
    return next(one for one in known_estimate(subject).machines if one.urn == subject.resource.urn)


def leave_to_another(subject: Subject, urns: Iterable[str]) -> None:
    """Leave it to a rule that has refused one of some resources to say why nobody knows what it costs.

    Raises:
        NotApplicableError: where there is such a rule.
    """
    asked = set(urns)
    for one in subject.ledger.assessments.values():
        if one.outcome is Outcome.REFUSED and one.urn in asked:
            raise NotApplicableError(f"nobody can tell before what {one.rule} tells is mended")


def unbounded_sentences(bill: Bill, what: str) -> Iterable[str]:
    """Return a sentence for each line of a bill of which there is no most."""
    told = dict.fromkeys(
        f"{line.name} depends on {line.depends_on}; {_remedy(line)}" for line in bill.unbounded
    )
    return [f"nobody knows the most that {what} costs: {why}." for why in told]


def _remedy(line: CostLine) -> str:
    if line.is_unpriced:
        return f"refresh the prices, or look up what it costs and make this rule {Level.ADVISORY}"
    return "bound it, or declare it"


def dearest(bill: Bill) -> str:
    """Return the few names on a bill that cost most, each with its amount."""
    amounts: dict[str, Decimal] = {}
    for line in bill.lines:
        if line.amount:
            label = f"{line.name} ({line.service})"
            amounts[label] = amounts.get(label, Decimal(0)) + line.amount
    most = sorted(amounts.items(), key=lambda one: -one[1])[:_FEW]
    return ", ".join(f"{label} {usd(amount)}" for label, amount in most)


def limit_usd(subject: Subject, key: str) -> Decimal:
    """Return a limit in dollars, which is written as text."""
    return quantity_of(subject.limits[key]) or Decimal(0)
