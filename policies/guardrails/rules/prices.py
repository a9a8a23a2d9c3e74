"""Whether the prices that the other rules reckon with are known, and how old they are."""

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime

from guardrails.aws.types import STACK
from guardrails.cost.bill import price_title
from guardrails.cost.estimate import EstimateError
from guardrails.cost.judged import PRICES_KNOWN, estimate_for, known_estimate
from guardrails.rule import Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject

_URL = "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html"


def _are_known(subject: Subject) -> Iterator[str]:
    try:
        estimate_for(subject.plan, subject.ledger)
    except EstimateError as error:
        yield f"{error}, or in region of this rule's limits."


def _everything_is_priced(subject: Subject) -> Iterator[str]:
    found = known_estimate(subject)
    for line in found.fixed.lines:
        if line.price is None and line.quantity is not None:
            yield f"{line.name} depends on {line.depends_on}, so that it is in no total; refresh the prices."
    for type_, names in found.not_priced.items():
        if type_ not in subject.limits["pricedElsewhere"]:
            yield (
                f"{', '.join(names)} may cost something that is in no total, since nobody knows here what {type_} "
                "costs; look it up, and name the type in pricedElsewhere."
            )


def today(environment: Mapping[str, str] = os.environ) -> date:
    """Return the day, or that of SOURCE_DATE_EPOCH, by which a plan is told the same whenever it is judged.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)).date()


def prices_fresh(today: Callable[[], date] = today) -> Rule:
    """Return the rule on the age of prices, which is reckoned from a day."""

    def _are_fresh(subject: Subject) -> Iterator[str]:
        found = known_estimate(subject)
        used, most = found.prices_used, subject.limits["maxPriceAgeDays"]
        if not used:
            raise NotApplicableError("nothing in the stack has a price")
        old = [price for price in used if (today() - price.as_of).days > most]
        if old:
            yield (
                f"{len(old)} of {len(used)} prices of {', '.join(found.regions)} were last confirmed more than "
                f"{most:,} days ago, the oldest ({price_title(old[0].key)}) on {old[0].as_of}; refresh them with "
                "`python -m guardrails prices refresh`, or raise maxPriceAgeDays."
            )

    return Rule(
        name="prices-fresh",
        requirement="The prices that costs are reckoned with are not old.",
        rationale="AWS changes a price now and then, and says so nowhere in a plan.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Refresh the price table from the Price List API, and read the difference.",
        url=_URL,
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_are_fresh,
        limits=(
            Limit(
                key="maxPriceAgeDays",
                description="The most days since each price was last seen to hold.",
                # Of the prices of on-demand use that the table has from 2025 and from 2026, none has changed between.
                default=730,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    )


RULES = (
    Rule(
        name=PRICES_KNOWN,
        requirement="The stack is in a region whose prices are known.",
        rationale="Without prices no limit on costs can be held against anything.",
        severity=Severity.MEDIUM,
        level=Level.MANDATORY,
        remediation="Write aws:region in the stack's file, or name the region in the rule's limits.",
        url=_URL,
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_are_known,
        limits=(
            Limit(
                key="region",
                description="The region, where neither a resource nor its provider says one.",
                default="",
                schema={"type": "string"},
            ),
        ),
    ),
    Rule(
        name="resources-priced",
        requirement="The stack holds nothing of a type whose cost is not known.",
        rationale="What has no price is in no total, and a total that leaves something out is taken for the bill.",
        severity=Severity.LOW,
        level=Level.ADVISORY,
        remediation="Look up what the model does not know, and name its type in the rule's limits.",
        url=_URL,
        scope=Scope.STACK,
        judges=frozenset({STACK}),
        judge=_everything_is_priced,
        limits=(
            Limit(
                key="pricedElsewhere",
                description="The types whose cost somebody has looked up elsewhere.",
                default=[],
                schema={"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": True},
            ),
        ),
    ),
    prices_fresh(),
)
