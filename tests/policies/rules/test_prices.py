from datetime import date, timedelta
from typing import Any

import pytest

from guardrails.aws.types import STACK
from guardrails.cost.prices.table import table
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from guardrails.rules.prices import prices_fresh
from guardrails.today import today
from tests.policies.plans import passes, resource, rule, said, violations

KEY = "aws:kms/key:Key"
STACK_ITSELF = resource(STACK, "stack")
KNOWN = rule("prices-known")
PRICED = rule("resources-priced")
AS_OF = table("us-east-1").price("kms_key_month").as_of


def key(name: str = "key", **properties: Any) -> Resource:
    return resource(KEY, name, **{"region": "us-east-1", **properties})


def fresh_on(today: date) -> Any:
    return prices_fresh(lambda: today)


def test_a_region_with_prices_passes_from_any_source() -> None:
    assert passes(KNOWN, STACK_ITSELF, key())
    assert passes(KNOWN, STACK_ITSELF, resource(KEY, provider={"region": "eu-west-1"}))
    assert passes(KNOWN, STACK_ITSELF, resource(KEY), region="us-west-2")


@pytest.mark.parametrize("region", [None, UNKNOWN, ""])
def test_an_unknown_region_is_refused(region: Any) -> None:
    (violation,) = violations(KNOWN, STACK_ITSELF, key("accounts", region=region))
    assert "the region of accounts is not known" in violation
    assert "aws:region" in violation
    assert "set the limit `region`" in violation


def test_a_region_without_prices_is_refused_with_those_that_have_some() -> None:
    (violation,) = violations(KNOWN, STACK_ITSELF, key(region="mars-north-1"))
    assert "mars-north-1" in violation
    assert "us-east-1" in violation


def test_a_stack_of_nothing_that_is_billed_passes() -> None:
    assert passes(KNOWN, STACK_ITSELF, resource("acme:Thing"))


def test_priced_and_free_resources_pass() -> None:
    assert passes(PRICED, STACK_ITSELF, key(), resource("aws:iam/role:Role"))


def test_every_unknown_type_is_reported_with_its_resources() -> None:
    others = [resource("aws:redshift/cluster:Cluster", name) for name in ("orders", "people")]
    (violation,) = violations(PRICED, STACK_ITSELF, key(), *others)
    assert "orders, people" in violation
    assert "aws:redshift/cluster:Cluster" in violation
    assert "pricedElsewhere" in violation
    assert passes(PRICED, STACK_ITSELF, key(), *others, pricedElsewhere=["aws:redshift/cluster:Cluster"])


def test_a_price_that_a_region_lacks_is_reported() -> None:
    (violation,) = violations(
        PRICED,
        STACK_ITSELF,
        resource("aws:ec2/natGateway:NatGateway", "any", region="ap-southeast-3"),
    )
    assert "any depends on a price: ap-southeast-3 has no known price for nat_gateway_hour" in violation


def test_without_a_region_nothing_is_said_that_another_rule_says() -> None:
    found = said(PRICED, STACK_ITSELF, resource(KEY))
    assert (found.outcome, "prices-known" in found.reason) == (Outcome.NOT_APPLICABLE, True)


@pytest.mark.parametrize(("days", "stale"), [(0, False), (179, False), (180, False), (181, True)])
def test_prices_are_stale_after_so_many_days(days: int, stale: bool) -> None:
    found = violations(fresh_on(AS_OF + timedelta(days)), STACK_ITSELF, key(), maxPriceAgeDays=180)
    assert bool(found) is stale
    if stale:
        assert found[0] == (
            "stack: 1 of 2 prices of us-east-1 were last confirmed more than 180 days ago, the oldest (AWS KMS, keys) "
            f"on {AS_OF}; refresh them with `python -m guardrails prices refresh`, or raise maxPriceAgeDays."
        )


def test_only_the_prices_in_use_have_an_age() -> None:
    prices = table("us-east-1").prices.values()
    newest = max(prices, key=lambda price: price.as_of)
    assert newest.as_of > AS_OF > min(price.as_of for price in prices) - timedelta(days=1)
    queue = resource("aws:sqs/queue:Queue", "queue", region="us-east-1")
    assert passes(fresh_on(AS_OF + timedelta(days=181)), STACK_ITSELF, queue, maxPriceAgeDays=180)


def test_no_prices_have_no_age() -> None:
    assert said(fresh_on(AS_OF), STACK_ITSELF).outcome is Outcome.NOT_APPLICABLE


def test_the_evaluated_rule_uses_todays_date_or_the_configured_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passes(rule("prices-fresh"), STACK_ITSELF, key(), maxPriceAgeDays=99_999)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4102444800")
    (violation,) = violations(rule("prices-fresh"), STACK_ITSELF, key())
    assert "more than 730 days ago" in violation


def test_a_plan_can_be_evaluated_as_of_another_day() -> None:
    assert today({}) > AS_OF
    assert today({"SOURCE_DATE_EPOCH": "1767225600"}) == date(2026, 1, 1)
    assert today({"SOURCE_DATE_EPOCH": "yesterday"}) == today({})
