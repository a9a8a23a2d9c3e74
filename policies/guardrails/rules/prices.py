"""The rules on prices: known for the stack's region and types, and not too old."""

from collections.abc import Callable, Iterator
from datetime import date

from guardrails.aws.types import STACK
from guardrails.cost.estimate import EstimateError, RegionError
from guardrails.cost.for_rules import PRICED, PRICED_ELSEWHERE, PRICES_KNOWN, estimate_for, known_estimate
from guardrails.cost.prices.age import MAX_AGE_DAYS, old_prices_sentence
from guardrails.cost.prices.services import UNPRICED, service_of
from guardrails.cost.prices.table import regions
from guardrails.cost.usage_declarations import declaration_schema
from guardrails.rule import NAMES, Level, Limit, NotApplicableError, Rule, Scope, Severity, Subject
from guardrails.today import today

_URL = "https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html"


def _unknown_region(subject: Subject) -> Iterator[str]:
    try:
        estimate = estimate_for(subject.plan, subject.results)
    except RegionError as error:
        yield f"{error}, or set the limit `region` of this rule."
    except EstimateError as error:
        yield f"{error}."
    else:
        for prices in estimate.prices:
            if not prices.is_known:
                yield (
                    f"no prices of {prices.region} are known, so that no amount includes its resources; known are "
                    f"those of {', '.join(regions())}; use one of them, or correct aws:region."
                )


def _unpriced_resources(subject: Subject) -> Iterator[str]:
    estimate = known_estimate(subject)
    subject.skip_if_stopped_by(PRICES_KNOWN)
    for line in estimate.fixed.lines:
        if line.price is None and line.quantity is not None and service_of(line.key) != UNPRICED:
            yield f"{line.name} depends on {line.depends_on}, so that no total includes it; refresh the prices."
    for type_, names in estimate.not_priced.items():
        if type_ not in subject.limits[PRICED_ELSEWHERE]:
            yield (
                f"no total includes {', '.join(names)}, because the model has no price for {type_}; look up the price, "
                f"and name the type in {PRICED_ELSEWHERE}."
            )


def prices_fresh(today: Callable[[], date] = today) -> Rule:
    """Return the rule on the age of prices, counted from a day."""

    def _old_prices(subject: Subject) -> Iterator[str]:
        estimate = known_estimate(subject)
        used, most = estimate.prices_used, subject.limits["maxPriceAgeDays"]
        if not used:
            raise NotApplicableError("nothing in the stack has a price")
        if old := old_prices_sentence(used, estimate.regions, today(), most):
            yield f"{old}, or raise maxPriceAgeDays."

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
                default=MAX_AGE_DAYS,
                schema={"type": "integer", "minimum": 1},
            ),
        ),
    )


RULES = (
    Rule(
        name=PRICES_KNOWN,
        requirement="The stack is in regions whose prices are known, and every usage that it declares is billed.",
        rationale=(
            "Without prices no cost can be compared with a limit, and a declaration that nothing takes counts as 0."
        ),
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
            Limit(
                key="usageOf",
                description=(
                    "The usage of resources and machines, by name, with the fields that a component declares, as in "
                    '`{"orders": {"month": {"elb_application_lcu_hour": 730}}}`.'
                ),
                default={},
                schema=declaration_schema(),
            ),
        ),
    ),
    Rule(
        name=PRICED,
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
                key=PRICED_ELSEWHERE,
                description="The types whose cost was looked up elsewhere, which the limits of a month leave out.",
                default=[],
                schema=NAMES,
            ),
        ),
    ),
    prices_fresh(),
)
