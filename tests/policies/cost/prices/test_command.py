import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from guardrails.__main__ import main
from guardrails.cost.prices import command
from guardrails.cost.prices.lists import lists
from guardrails.cost.prices.refresh import RefreshError, price_list
from guardrails.cost.prices.table import read_file
from tests.policies.cost.prices.products import answer, product

TODAY = date(2026, 11, 23)
VCPU = product("USE1-Fargate-vCPU-Hours:perCPU", ("0", "0.0404800000"))
GB = product("USE1-Fargate-GB-Hours", ("0", "0.0044450000"))


@pytest.fixture
def client() -> Any:
    return boto3.client(
        "pricing", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stub:
        yield stub


def expected(usage_type: str, **others: str) -> dict[str, Any]:
    filters = {"usagetype": usage_type, **others}
    return {
        "ServiceCode": "AmazonECS",
        "Filters": [{"Type": "TERM_MATCH", "Field": name, "Value": text} for name, text in filters.items()],
    }


def options(*regions: str) -> argparse.Namespace:
    return argparse.Namespace(regions=list(regions))


def test_the_price_list_is_queried_by_service_name_and_attributes(client: Any, stub: Stubber) -> None:
    stub.add_response("get_products", answer(VCPU), expected("USE1-Fargate", operation="Run"))
    asked = price_list(client)("AmazonECS", {"usagetype": "USE1-Fargate", "operation": "Run"})
    assert list(asked) == [VCPU]
    stub.assert_no_pending_responses()


def test_an_answer_of_several_pages_is_read_to_its_end(client: Any, stub: Stubber) -> None:
    stub.add_response("get_products", answer(VCPU, token="more"), expected("it"))
    stub.add_response("get_products", answer(GB), {**expected("it"), "NextToken": "more"})
    assert list(price_list(client)("AmazonECS", {"usagetype": "it"})) == [VCPU, GB]


def test_a_refusal_of_aws_is_reported_in_a_sentence(client: Any, stub: Stubber) -> None:
    stub.add_client_error("get_products", "AccessDeniedException", "pricing:GetProducts is not allowed")
    with pytest.raises(RefreshError, match=r"the Price List does not answer: .*GetProducts is not allowed"):
        price_list(client)("AmazonECS", {"usagetype": "it"})


class Catalogue:
    """A client that has a few products, whatever is asked for."""

    def __init__(self, *products: dict[str, Any]) -> None:
        self.products = products

    def get_paginator(self, operation: str) -> "Catalogue":
        assert operation == "get_products"
        return self

    def paginate(self, *, ServiceCode: str, Filters: list[dict[str, str]]) -> list[dict[str, Any]]:  # noqa: N803
        assert ServiceCode
        wanted = {one["Field"]: one["Value"] for one in Filters}
        return [
            answer(*(one for one in self.products if wanted.items() <= one["product"]["attributes"].items()))
        ]


def test_the_price_file_is_written_and_its_changes_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prices.json"
    dearer = product("USE1-Fargate-GB-Hours", ("0", "0.01"))
    code = command.run(
        options("us-east-1"), connected=lambda: Catalogue(VCPU, dearer), today=TODAY, file=file
    )
    assert code == 0
    held = json.loads(file.read_text(encoding="utf-8"))
    written = held["regions"]["us-east-1"]["prices"]
    assert written["fargate_x86_gb_hour"]["usd"] == "0.01"
    assert written["fargate_x86_vcpu_hour"]["verified"] is True
    assert held["sources"][written["fargate_x86_vcpu_hour"]["source"]]["as_of"] == "2026-11-23"
    out = capsys.readouterr().out
    assert "us-east-1 fargate_x86_gb_hour: 0.004445 → 0.01 USD per GB-hour.\n" in out
    assert "us-east-1 fargate_spot_x86_vcpu_hour: unchanged 0.01288871, the Price List has none.\n" in out
    further = [named for listed in lists() for named in listed["keys"].values() if "variants" not in named]
    left = len(read_file()["keys"]) + len(further) - 2
    assert out.endswith(f"1 confirmed, 1 changed, {left} not found and unchanged.\n")


def test_every_region_that_was_read_before_is_selected_if_none_is_named(tmp_path: Path) -> None:
    dashboards = product("DashboardsUsageHour-Basic", ("0", "3"), region="")
    file = tmp_path / "prices.json"
    everywhere = argparse.Namespace(regions=None)
    assert command.run(everywhere, connected=lambda: Catalogue(dashboards), today=TODAY, file=file) == 0
    written = json.loads(file.read_text(encoding="utf-8"))["regions"]
    read_before = {region for region, of_region in read_file()["regions"].items() if of_region["prices"]}
    found = {region for region, of in written.items() if "dashboard_month" in of["prices"]}
    assert found == read_before
    sources = {written[region]["prices"]["dashboard_month"]["source"] for region in found}
    assert sources == {"price-list-2026-11-23"}


def test_a_region_that_was_never_read_can_be_refreshed(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    vcpu = product("EUS2-Fargate-vCPU-Hours:perCPU", ("0", "0.05"), region="eu-south-2")
    cluster = product("EUS2-AmazonEKS-Hours:perCluster", ("0", "0.1"), region="eu-south-2")
    assert not read_file()["regions"]["eu-south-2"]["prices"]
    chosen = command.run(
        options("eu-south-2"), connected=lambda: Catalogue(vcpu, cluster), today=TODAY, file=file
    )
    assert chosen == 0
    written = json.loads(file.read_text(encoding="utf-8"))["regions"]["eu-south-2"]["prices"]
    assert written["fargate_x86_vcpu_hour"]["usd"] == "0.05"
    assert written["eks_cluster_hour"]["usd"] == "0.1"


def test_no_file_is_written_if_no_price_is_found(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    assert command.run(options("us-east-1"), connected=Catalogue, today=TODAY, file=file) == 1
    assert not file.exists()


def test_no_file_is_written_if_the_price_list_returns_an_error(
    client: Any, stub: Stubber, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stub.add_client_error("get_products", "ExpiredTokenException", "the token is expired")
    file = tmp_path / "prices.json"
    assert command.run(options("us-east-1"), connected=lambda: client, today=TODAY, file=file) == 1
    assert not file.exists()
    assert "the token is expired" in capsys.readouterr().err


def test_a_missing_boto3_is_reported_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert main(["prices", "refresh"]) == 1
    assert capsys.readouterr().err == "guardrails: boto3 is not installed; install it to query prices.\n"


@pytest.mark.parametrize("words", [["prices"], ["prices", "refresh", "--region", "mars-1"]])
def test_a_wrong_command_line_exits_with_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert capsys.readouterr().err
