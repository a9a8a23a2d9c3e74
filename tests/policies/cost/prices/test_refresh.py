import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.cost.prices.refresh import Ask, as_text, first_paid, refreshed
from guardrails.cost.prices.table import FILE
from tests.policies.cost.prices.products import product

TODAY = date(2026, 11, 23)
OF_TODAY = "price-list-2026-11-23"
VCPU, STORED = "fargate_x86_vcpu_hour", "logs_stored_gb_month"
KEYS: dict[str, dict[str, Any]] = {
    VCPU: {
        "unit": "vCPU-hour",
        "service_code": "AmazonECS",
        "usage_types": ["Fargate-vCPU-Hours:perCPU"],
    },
    STORED: {
        "unit": "GB-month",
        "service_code": "AmazonCloudWatch",
        "usage_types": ["TimedStorage-ByteHrs"],
    },
    "budget_action_day": {
        "unit": "budget-day",
        "service_code": "AWSBudgets",
        "usage_types": ["ActionEnabledBudgetsUsage"],
        "is_global": True,
    },
}


def priced(usd: str) -> dict[str, Any]:
    return {"usd": usd, "usage_type": "quoted", "source": "blog", "verified": False}


def document(**prices: str) -> dict[str, Any]:
    return {
        "sources": {"blog": {"as_of": "2026-09-11", "text": "a blog"}},
        "keys": KEYS,
        "free": {},
        "regions": {
            "us-east-1": {
                "billing_codes": ["USE1"],
                "prices": {key: priced(usd) for key, usd in prices.items()},
            },
            "eu-west-1": {"billing_codes": ["EU", "EUW1"], "prices": {}},
        },
    }


def price_list(*products: dict[str, Any]) -> Ask:
    def ask(service_code: str, attributes: Mapping[str, str]) -> list[dict[str, Any]]:
        assert service_code
        return [one for one in products if attributes.items() <= one["product"]["attributes"].items()]

    return ask


def test_a_changed_price_is_written_and_reported_with_the_old_one() -> None:
    ask = price_list(product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.0500000000")))
    new, difference = refreshed(document(**{VCPU: "0.04048"}), ["us-east-1"], ask, TODAY)
    assert new["regions"]["us-east-1"]["prices"][VCPU] == {
        "usd": "0.05",
        "usage_type": "USE1-Fargate-vCPU-Hours:perCPU",
        "source": OF_TODAY,
        "verified": True,
    }
    assert new["sources"][OF_TODAY]["as_of"] == "2026-11-23"
    assert difference.changed == [f"us-east-1 {VCPU}: 0.04048 → 0.05 USD per vCPU-hour"]


def test_a_price_that_is_the_same_is_confirmed_and_then_verified() -> None:
    ask = price_list(product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.0404800000")))
    new, difference = refreshed(document(**{VCPU: "0.04048"}), ["us-east-1"], ask, TODAY)
    assert new["regions"]["us-east-1"]["prices"][VCPU]["verified"] is True
    assert (difference.confirmed, difference.changed, difference.found) == (1, [], 1)


def test_a_price_that_was_not_answered_keeps_its_source_and_its_day() -> None:
    ask = price_list(product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.0404800000")))
    old = document(**{VCPU: "0.04048", STORED: "0.03"})
    old["sources"]["study"] = {"as_of": "2026-10-01", "text": "a study"}
    old["regions"]["us-east-1"]["prices"][STORED]["confirmed"] = "study"
    new, _ = refreshed(old, ["us-east-1"], ask, TODAY)
    assert new["regions"]["us-east-1"]["prices"][STORED] == {**priced("0.03"), "confirmed": "study"}
    assert {name: source["as_of"] for name, source in new["sources"].items()} == {
        "blog": "2026-09-11",
        "study": "2026-10-01",
        OF_TODAY: "2026-11-23",
    }


def test_prices_fetched_on_different_days_have_different_sources() -> None:
    ask = price_list(
        product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.05")),
        product("EU-TimedStorage-ByteHrs", ("0", "0.03"), region="eu-west-1"),
    )
    first, _ = refreshed(document(), ["us-east-1"], ask, TODAY)
    then, _ = refreshed(first, ["eu-west-1"], ask, TODAY + timedelta(days=1))
    assert {name: source["as_of"] for name, source in then["sources"].items()} == {
        OF_TODAY: "2026-11-23",
        "price-list-2026-11-24": "2026-11-24",
    }


def test_a_price_that_was_unknown_is_new() -> None:
    ask = price_list(product("EU-TimedStorage-ByteHrs", ("0", "0.03"), region="eu-west-1"))
    new, difference = refreshed(document(), ["eu-west-1"], ask, TODAY)
    assert new["regions"]["eu-west-1"]["prices"][STORED]["usd"] == "0.03"
    assert difference.changed == [f"eu-west-1 {STORED}: unknown → 0.03 USD per GB-month"]


def test_a_price_that_the_price_list_lacks_is_reported_and_unchanged() -> None:
    old = document(**{VCPU: "0.04048"})
    new, difference = refreshed(old, ["us-east-1"], price_list(), TODAY)
    assert new == old
    assert difference.kept == [
        f"us-east-1 {VCPU}: unchanged 0.04048, the Price List has none",
        f"us-east-1 {STORED}: unchanged unknown, the Price List has none",
        "us-east-1 budget_action_day: unchanged unknown, the Price List has none",
    ]
    assert difference.found == 0


def test_several_prices_for_one_are_reported_and_none_is_taken() -> None:
    ask = price_list(
        product("TimedStorage-ByteHrs", ("0", "0.03")), product("USE1-TimedStorage-ByteHrs", ("0", "0.02"))
    )
    new, difference = refreshed(document(**{STORED: "0.03"}), ["us-east-1"], ask, TODAY)
    assert new["regions"]["us-east-1"]["prices"][STORED] == priced("0.03")
    assert (
        f"us-east-1 {STORED}: unchanged 0.03, the Price List has "
        "0.03 for TimedStorage-ByteHrs and 0.02 for USE1-TimedStorage-ByteHrs"
    ) in difference.kept


def test_two_products_of_the_same_price_are_one_answer() -> None:
    ask = price_list(
        product("TimedStorage-ByteHrs", ("0", "0.03")), product("USE1-TimedStorage-ByteHrs", ("0", "0.030"))
    )
    new, _ = refreshed(document(), ["us-east-1"], ask, TODAY)
    assert new["regions"]["us-east-1"]["prices"][STORED]["usage_type"] == "TimedStorage-ByteHrs"


@pytest.mark.parametrize("region", ["us-east-1", ""])
def test_a_name_without_a_region_is_not_taken_for_another_region(region: str) -> None:
    ask = price_list(product("TimedStorage-ByteHrs", ("0", "0.03"), region=region))
    _, difference = refreshed(document(), ["eu-west-1"], ask, TODAY)
    assert difference.found == 0


@pytest.mark.parametrize("prefix", ["EU", "EUW1", "eu-west-1"])
def test_a_name_may_begin_with_each_code_of_its_region_or_with_the_region(prefix: str) -> None:
    ask = price_list(product(f"{prefix}-TimedStorage-ByteHrs", ("0", "0.03"), region="eu-west-1"))
    new, _ = refreshed(document(), ["eu-west-1"], ask, TODAY)
    assert new["regions"]["eu-west-1"]["prices"][STORED]["usage_type"] == f"{prefix}-TimedStorage-ByteHrs"


@pytest.mark.parametrize("named", [{"region": "eu-west-2"}, {"region": "", "fromRegionCode": "eu-west-2"}])
def test_a_product_of_another_region_is_passed_over(named: dict[str, str]) -> None:
    ask = price_list(product("EU-TimedStorage-ByteHrs", ("0", "0.03"), **named))
    _, difference = refreshed(document(), ["eu-west-1"], ask, TODAY)
    assert difference.found == 0


def test_a_global_price_is_found_for_every_region() -> None:
    free_days, then = ("0", "0.0000000000"), ("62", "0.1000000000")
    ask = price_list(product("ActionEnabledBudgetsUsage", free_days, then, region=""))
    new, _ = refreshed(document(), ["us-east-1", "eu-west-1"], ask, TODAY)
    for of_region in new["regions"].values():
        assert of_region["prices"]["budget_action_day"]["usd"] == "0.1"


def test_attributes_distinguish_products_of_one_name() -> None:
    old = document()
    old["keys"] = {"events": {**KEYS[VCPU], "usage_types": ["Event"], "attributes": {"eventType": "Custom"}}}
    ask = price_list(
        product("USE1-Event", ("0", "0.000001"), eventType="Custom"),
        product("USE1-Event", ("0", "0.000002"), eventType="Partner"),
    )
    new, _ = refreshed(old, ["us-east-1"], ask, TODAY)
    assert new["regions"]["us-east-1"]["prices"]["events"]["usd"] == "0.000001"


def test_a_region_that_was_not_requested_is_unchanged() -> None:
    ask = price_list(product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.05")))
    old = document()
    assert refreshed(old, ["us-east-1"], ask, TODAY)[0]["regions"]["eu-west-1"] == old["regions"]["eu-west-1"]


def test_refreshing_does_not_change_the_given_document() -> None:
    old = document(**{VCPU: "0.04048"})
    before = deepcopy(old)
    refreshed(old, ["us-east-1"], price_list(product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "1"))), TODAY)
    assert old == before


def test_a_source_that_nothing_comes_from_any_more_is_dropped() -> None:
    ask = price_list(product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.05")))
    new, _ = refreshed(document(**{VCPU: "0.04048"}), ["us-east-1"], ask, TODAY)
    assert new["sources"].keys() == {OF_TODAY}


def test_prices_stand_in_the_order_of_the_keys() -> None:
    ask = price_list(product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.05")))
    new, _ = refreshed(document(**{STORED: "0.03"}), ["us-east-1"], ask, TODAY)
    assert list(new["regions"]["us-east-1"]["prices"]) == [VCPU, STORED]


@pytest.mark.parametrize(
    ("tiers", "usd"),
    [
        ([("0", "0.0404800000")], "0.04048"),
        ([("1000000", "0.0000005000"), ("0", "0.0000000000")], "0.0000005"),
        ([("10000", "0.1"), ("0", "0.3"), ("250000", "0.05")], "0.3"),
        ([("9", "2"), ("10", "1"), ("0", "0")], "2"),
    ],
)
def test_the_first_tier_that_is_paid_for_counts(tiers: list[tuple[str, str]], usd: str) -> None:
    assert first_paid(product("it", *tiers)) == Decimal(usd)


def test_a_product_that_is_free_in_every_tier_has_no_price() -> None:
    assert first_paid(product("it", ("0", "0.0000000000"))) is None


def test_a_product_only_reserved_or_in_another_currency_has_no_price() -> None:
    elsewhere = product("it", ("0", "1"))
    (term,) = elsewhere["terms"]["OnDemand"].values()
    (tier,) = term["priceDimensions"].values()
    tier["pricePerUnit"] = {"CNY": "0.3"}
    assert first_paid(elsewhere) is None
    assert first_paid({**elsewhere, "terms": {"Reserved": {}}}) is None


def test_the_file_is_as_the_refresh_writes_it() -> None:
    held = FILE.read_text(encoding="utf-8")
    assert f"{as_text(json.loads(held))}\n" == held


@given(
    st.recursive(st.text() | st.booleans(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner))
)
def test_a_written_document_reads_back_equal(value: Any) -> None:
    assert json.loads(as_text(value)) == value
