"""The rules on prices: known for the stack's region and types, and not too old."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime

from guardrails.aws.types import STACK
from guardrails.cost.bill import price_title
from guardrails.cost.estimate import EstimateError
from guardrails.cost.for_rules import PRICES_KNOWN, estimate_for, known_estimate
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_URL = "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html"


def _unknown_region(subject: Subject) -> Iterator[str]:
    try:
        estimate_for(subject.plan, subject.results)
    except EstimateError as error:
        yield f"{error}, or set the limit `region` of this rule."


def _unpriced_resources(subject: Subject) -> Iterator[str]:
    estimate = known_estimate(subject)
    for line in estimate.fixed.lines:
        if line.price is None and line.quantity is not None:
            yield f"{line.name} depends on {line.depends_on}, so that no total includes it; refresh the prices."
    for type_, names in estimate.not_priced.items():
        if type_ not in subject.limits["pricedElsewhere"]:
            yield (
                f"no total includes {', '.join(names)}, because the model has no price for {type_}; look up the price, "
                "and name the type in pricedElsewhere."
            )


def today(environment: Mapping[str, str] = os.environ) -> date:
    """Return today's date, or that of `SOURCE_DATE_EPOCH`, which makes results independent of the day.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)).date()


def prices_fresh(today: Callable[[], date] = today) -> Rule:
    """Return the rule on the age of prices, counted from a day."""

    def _old_prices(subject: Subject) -> Iterator[str]:
        estimate = known_estimate(subject)
        used, most = estimate.prices_used, subject.limits["maxPriceAgeDays"]
        if not used:
            raise NotApplicableError("nothing in the stack has a price")
        old = [price for price in used if (today() - price.as_of).days > most]
        if old:
            yield (
                f"{len(old)} of {len(used)} prices of {', '.join(estimate.regions)} were last confirmed more than "
                f"{most:,} days ago, the oldest ({price_title(old[0].key)}) on {old[0].as_of}; refresh them with "
                "`python -m guardrails prices refresh`, or raise maxPriceAgeDays."
            )

    return Rule(
        name="prices-fresh",
        requirement="The prices that the estimate uses were confirmed recently.",
        rationale="AWS changes prices from time to time, and a plan does not show it.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Refresh the price table from the Price List API, and review the difference.",
        url=_URL,
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_old_prices,
        limits=(
            Limit(
                key="maxPriceAgeDays",
                description="The most days since each price was last confirmed.",
                # None of the on-demand prices that the table has from both 2025 and 2026 changed in between.
                default=730,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    )


RULES = (
    Rule(
        name=PRICES_KNOWN,
        requirement="The stack is in a region whose prices are known.",
        rationale="Without prices no cost can be compared with a limit.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write aws:region in the stack's file, or name the region in the rule's limits.",
        url=_URL,
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_unknown_region,
        limits=(
            Limit(
                key="region",
                description="The region of resources that have none, neither their own nor their provider's.",
                default="",
                schema={"type": "string"},
            ),
        ),
    ),
    Rule(
        name="resources-priced",
        requirement="The cost of every resource type in the stack is known.",
        rationale="A total leaves out resources without a price, and readers mistake the total for the bill.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Look up the missing price, and name the type in the rule's limits.",
        url=_URL,
        scope=Scope.STACK,
        resource_types=frozenset({STACK}),
        evaluate=_unpriced_resources,
        limits=(
            Limit(
                key="pricedElsewhere",
                description="The types whose cost was looked up elsewhere.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
    prices_fresh(),
)
