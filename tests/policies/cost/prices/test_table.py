import json
import re
import subprocess
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from guardrails.cost.bill import price_title
from guardrails.cost.prices import table as prices_table
from guardrails.cost.prices.lists import FOLDER, listed_usd
from guardrails.cost.prices.services import SERVICES
from guardrails.cost.prices.table import (
    FILE,
    FREE,
    UnknownPriceError,
    UnknownRegionError,
    all_keys,
    definition,
    read_file,
    table,
)
from tests.stacks import ROOT

REGIONS = sorted(read_file()["regions"])
READ = {region: of for region, of in read_file()["regions"].items() if of["prices"]}
"""The regions with prices that were read by themselves."""
AWS_ITSELF = ("https://aws.", "https://github.com/awslabs/", "AWS Price List")


KNOWN = tomllib.loads((Path(__file__).with_name("known.toml")).read_text(encoding="utf-8"))


@pytest.mark.parametrize("region", KNOWN)
def test_the_prices_match_those_that_a_person_looked_up(region: str) -> None:
    prices = table(region).prices
    assert {key: prices[key].usd for key in KNOWN[region]} == {
        key: Decimal(usd) for key, usd in KNOWN[region].items()
    }


def test_a_price_of_any_region_without_a_known_amount_is_refused() -> None:
    """Each family of prices needs an amount of one variant, in a region that has it."""
    priced = {key.partition(":")[0] for region in REGIONS for key in table(region).prices}
    known = {key.partition(":")[0] for of_region in KNOWN.values() for key in of_region}
    assert priced == known


def test_a_price_whose_source_has_no_day_is_an_error_and_not_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sources = {name: {"text": of["text"]} for name, of in read_file()["sources"].items()}
    monkeypatch.setattr(prices_table, "read_file", lambda: {**read_file(), "sources": sources})
    with pytest.raises(ValueError, match="a source of kms_key_month in us-east-1 has no day"):
        _ = "kms_key_month" in prices_table._Prices("us-east-1")


@pytest.mark.parametrize(
    ("region", "key", "usd"),
    [
        ("eu-central-1", "fargate_arm_vcpu_hour", "0.03725"),
        ("eu-central-1", "s3_put_request", "0.0000054"),
        ("eu-west-1", "fargate_ephemeral_gb_hour", "0.000122"),
        ("ap-southeast-1", "scheduler_invocation", "0.00000125"),
        ("ap-southeast-3", "scheduler_invocation", "0.00000225"),
        ("ap-southeast-3", "data_out_gb", "0.132"),
    ],
)
def test_the_table_of_a_region_has_its_higher_prices(region: str, key: str, usd: str) -> None:
    assert table(region).price(key).usd == Decimal(usd) > table("us-east-1").price(key).usd


def test_the_oldest_region_has_every_price_that_was_read_by_itself() -> None:
    assert read_file()["keys"].keys() <= table("us-east-1").prices.keys()


def test_every_region_has_the_prices_of_fargate_and_of_step_functions() -> None:
    assert len(REGIONS) >= 30
    for region in REGIONS:
        for key in (
            "fargate_x86_vcpu_hour",
            "fargate_arm_gb_hour",
            "sfn_standard_transition",
            "logs_ingested_gb",
        ):
            assert table(region).price(key).usd > 0, region


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-3", "eu-south-2"])
def test_a_price_has_a_unit_a_name_at_aws_and_a_source(region: str) -> None:
    for key, price in table(region).prices.items():
        name, _, variant = key.partition(":")
        assert price.key == key
        assert price.usd > 0
        assert price.unit
        assert price.source
        usage_types = (definition(name if not variant else key) or {})["usage_types"]
        assert any(usage_type in price.usage_type for usage_type in usage_types), key


def test_a_price_that_was_read_by_itself_agrees_with_the_price_list() -> None:
    compared = 0
    for region, of_region in READ.items():
        for key, entry in of_region["prices"].items():
            listed = listed_usd(key, region)
            if listed is not None:
                assert Decimal(entry["usd"]) == Decimal(listed), (region, key)
                compared += 1
    assert compared > 200


def test_larger_volumes_are_priced_by_tier() -> None:
    price = table("us-east-1").price("sfn_express_gb_second")
    assert price.cost(Decimal(1_000)) == Decimal("0.01667")
    # 3,600,000 at 0.00001667 and 400,000 at 0.00000833.
    assert price.cost(Decimal(4_000_000)) == Decimal("60.012") + Decimal("3.332")
    # 1 PB at 0.01 and 1 GB at 0.006.
    assert table("us-east-1").price("vpc_endpoint_gb").cost(Decimal(1_048_577)) == Decimal("10485.766")


def test_a_list_of_a_service_is_read_only_when_it_is_needed() -> None:
    script = (
        "from guardrails.cost.prices import lists, table; table.table('us-east-1').price('kms_key_month'); "
        "print(lists.price_list.cache_info().currsize)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "policies", capture_output=True, text=True, check=True
    )
    assert int(run.stdout) <= 1
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 250_000


def test_a_price_of_another_region_bears_that_region_in_its_name() -> None:
    everywhere = {key for key, named in read_file()["keys"].items() if named.get("is_global")}
    for region, of_region in read_file()["regions"].items():
        for key, price in of_region["prices"].items():
            if region != "us-east-1" and key not in everywhere:
                assert price["usage_type"].startswith((*of_region["billing_codes"], region)), (region, key)


def test_only_a_page_or_the_data_of_aws_itself_counts_as_verified() -> None:
    held = read_file()
    prices = [one for of in held["regions"].values() for one in of["prices"].values()]
    for told in (*prices, *held["free"].values()):
        source = held["sources"][told["source"]]["text"]
        assert told["verified"] is (source.startswith(AWS_ITSELF) and "quote" not in source), told


@pytest.mark.parametrize("region", REGIONS)
def test_a_price_is_of_the_day_on_which_it_was_last_seen_to_hold(region: str) -> None:
    sources = read_file()["sources"]
    for key, told in READ.get(region, {"prices": {}})["prices"].items():
        seen = [sources[told[name]] for name in ("source", "confirmed") if name in told]
        price = table(region).price(key)
        assert price.as_of.isoformat() == max(source["as_of"] for source in seen)
        assert all(source["text"] in price.source for source in seen)


def test_the_confirmation_of_a_price_is_newer_than_its_source() -> None:
    held = read_file()
    told = [one for of in held["regions"].values() for one in of["prices"].values()]
    confirmed = [one for one in told if "confirmed" in one]
    assert confirmed
    for one in confirmed:
        assert held["sources"][one["confirmed"]]["as_of"] > held["sources"][one["source"]]["as_of"], one


def test_a_date_in_the_words_of_a_source_is_its_date() -> None:
    for name, source in read_file()["sources"].items():
        said = re.findall(r"(?<![-/\d])20\d\d-\d\d-\d\d", source["text"])
        assert not said or source["as_of"] == max(said), name


def test_no_two_prices_of_a_service_are_called_the_same() -> None:
    keys = all_keys()
    assert {key.partition("_")[0] for key in keys} <= SERVICES.keys()
    listed = {path.stem for path in FOLDER.iterdir()}
    assert listed <= {service.lower().replace(" ", "-") for service in SERVICES.values()}
    assert len({price_title(key) for key in keys}) == len(keys)


def test_an_unknown_price_is_named_by_its_key() -> None:
    assert price_title("fargate_spot_x86_gb_hour") == "AWS Fargate, memory, x86, Spot"
    assert price_title("ssm_other_month") == "AWS Systems Manager, ssm other month"
    assert price_title("ec2_linux_hour:m5.large") == "Amazon EC2, Linux instances, m5.large"
    assert price_title("aws:redshift/cluster:Cluster") == "Without a price, aws:redshift/cluster:Cluster"


@pytest.mark.parametrize("region", REGIONS)
def test_only_some_prices_are_not_verified(region: str) -> None:
    doubtful = {key for key, of in read_file()["regions"][region]["prices"].items() if not of["verified"]}
    assert all(key.startswith(("fargate_spot_", "nat_gateway_", "ebs_", "rds_")) for key in doubtful), (
        doubtful
    )


def test_every_source_is_reported_once_and_used() -> None:
    held = read_file()
    told = [
        *held["free"].values(),
        *(one for of in held["regions"].values() for one in of["prices"].values()),
    ]
    used = {one[name] for one in told for name in ("source", "confirmed") if name in one}
    assert used == held["sources"].keys()
    assert len({source["text"] for source in held["sources"].values()}) == len(held["sources"])


def test_the_file_states_its_currency_and_its_sources() -> None:
    held = read_file()
    assert held["currency"] == "USD"
    assert "AWS Price List" in held["source"]
    assert held["retrieved_by"] == "python -m guardrails prices refresh"


def test_no_price_is_a_binary_fraction() -> None:
    def refuse(number: str) -> None:
        raise AssertionError(f"{number} is a number; write it as text")

    json.loads(FILE.read_text(encoding="utf-8"), parse_float=refuse)


def test_every_monthly_free_quantity_belongs_to_a_price() -> None:
    assert FREE["sfn_standard_transition"] == Decimal(4_000)
    assert FREE["scheduler_invocation"] == Decimal(14_000_000)
    assert FREE["metric_month"] == FREE["alarm_standard_month"] == Decimal(10)
    assert FREE["logs_ingested_gb"] == FREE["logs_stored_gb_month"] == Decimal(5)
    assert FREE.keys() <= table("us-east-1").prices.keys()
    assert min(FREE.values()) > 0


def test_an_unknown_region_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnknownRegionError) as refused:
        table("mars-1")
    assert str(refused.value).startswith("no prices of mars-1 are known; known are those of us-east-1, ")
    assert all(region in str(refused.value) for region in REGIONS)


@pytest.mark.parametrize("key", ["fargate_windows_vcpu_hour", ""])
def test_an_unknown_price_is_refused_with_its_region(key: str) -> None:
    with pytest.raises(UnknownPriceError) as refused:
        table("eu-west-1").price(key)
    assert str(refused.value) == f"eu-west-1 has no known price for {key}"


def test_a_price_that_only_another_region_has_is_not_borrowed() -> None:
    borrowed = [key for key in read_file()["keys"] if key not in table("ap-southeast-3").prices]
    assert "nat_gateway_hour" in borrowed
    for key in borrowed:
        with pytest.raises(UnknownPriceError, match="ap-southeast-3"):
            table("ap-southeast-3").price(key)


def test_prices_cannot_be_changed_by_who_reads_them() -> None:
    with pytest.raises(TypeError):
        table("us-east-1").prices["free_lunch"] = table("us-east-1").price("sns_publish")  # type: ignore[index]
    with pytest.raises(TypeError):
        FREE["sns_publish"] = Decimal(0)  # type: ignore[index]


def test_reading_the_prices_loads_neither_pulumi_nor_boto3() -> None:
    names = "import sys, guardrails.__main__; print(*{'boto3', 'botocore', 'pulumi'} & sys.modules.keys())"
    run = subprocess.run(
        [sys.executable, "-c", names], cwd=ROOT / "policies", capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""
