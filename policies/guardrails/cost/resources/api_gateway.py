"""The cost of API Gateway: requests, and the caches of stages by the hour.

Source: https://aws.amazon.com/api-gateway/pricing/
"""

from collections.abc import Iterator

from guardrails.cost.bill import Bill, bill_for, unknown_quantity
from guardrails.cost.prices.table import PriceTable
from guardrails.cost.resources.pricing import HOURS_A_MONTH, Pricing
from guardrails.plan import Plan, Resource
from guardrails.properties import read_partly, read_text

_REST = "aws:apigateway/restApi:RestApi"
_API = "aws:apigatewayv2/api:Api"
_STAGE = "aws:apigateway/stage:Stage"
_DEFAULT_CACHE_GB = "0.5"


def _rest(table: PriceTable, _: Plan, api: Resource) -> Iterator[Bill]:
    yield unknown_quantity(table, "api_rest_request", api.name, "how many requests it gets")


def _api(table: PriceTable, _: Plan, api: Resource) -> Iterator[Bill]:
    if read_partly(api, "protocolType") == "WEBSOCKET":
        yield unknown_quantity(table, "api_websocket_message", api.name, "how many messages go through it")
        yield unknown_quantity(table, "api_websocket_minute", api.name, "how long clients are connected")
    else:
        yield unknown_quantity(table, "api_http_request", api.name, "how many requests it gets")


def _stage(table: PriceTable, _: Plan, stage: Resource) -> Iterator[Bill]:
    if read_partly(stage, "cacheClusterEnabled"):
        size = read_text(stage, "cacheClusterSize") or _DEFAULT_CACHE_GB
        yield bill_for(table, f"api_cache_hour:{size}", stage.name, HOURS_A_MONTH)


PRICING = Pricing(
    fixed={_REST: _rest, _API: _api, _STAGE: _stage}, usage=dict.fromkeys((_REST, _API), ("data_out_gb",))
)
