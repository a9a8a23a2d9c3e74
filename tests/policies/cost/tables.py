"""Round prices for tests, so that the arithmetic is easy to follow."""

from datetime import date
from decimal import Decimal

from guardrails.cost.prices.table import Price, PriceTable

AS_OF = date(2026, 11, 1)

ROUND = {
    "fargate_x86_vcpu_hour": "0.04",
    "fargate_x86_gb_hour": "0.005",
    "fargate_arm_vcpu_hour": "0.03",
    "fargate_arm_gb_hour": "0.004",
    "fargate_spot_x86_vcpu_hour": "0.01",
    "fargate_spot_x86_gb_hour": "0.001",
    "fargate_spot_arm_vcpu_hour": "0.008",
    "fargate_spot_arm_gb_hour": "0.0008",
    "fargate_ephemeral_gb_hour": "0.0001",
    "sfn_standard_transition": "0.00002",
    "sfn_express_request": "0.000001",
    "scheduler_invocation": "0.000001",
    "sns_publish": "0.0000005",
    "sns_email_delivery": "0.00002",
    "sns_https_delivery": "0.0000006",
    "sqs_standard_request": "0.0000004",
    "lambda_request": "0.0000002",
    "lambda_x86_gb_second": "0.00002",
    "lambda_arm_gb_second": "0.00001",
    "logs_ingested_gb": "0.5",
    "logs_stored_gb_month": "0.03",
    "metric_month": "0.3",
    "container_insights_metric_month": "0.3",
    "alarm_standard_month": "0.1",
    "alarm_high_resolution_month": "0.3",
    "alarm_composite_month": "0.5",
    "dashboard_large_month": "3",
    "dashboard_month": "3",
    "metrics_api_request": "0.00001",
    "kms_key_month": "1",
    "kms_request": "0.000003",
    "secret_month": "0.4",
    "secret_request": "0.000005",
    "nat_gateway_hour": "0.045",
    "nat_gateway_gb": "0.045",
    "vpc_endpoint_hour": "0.01",
    "vpc_endpoint_gb": "0.01",
    "public_ipv4_hour": "0.005",
    "s3_standard_gb_month": "0.02",
    "s3_put_request": "0.000005",
    "s3_get_request": "0.0000004",
    "ecr_gb_month": "0.1",
    "xray_trace": "0.000005",
    "budget_action_day": "0.1",
    "data_out_gb": "0.09",
}


def prices(**usd: str) -> PriceTable:
    """Return a table of these prices, or of the round prices by default."""
    return PriceTable(
        region="us-east-1",
        prices={
            key: Price(
                key=key,
                usd=Decimal(value),
                unit="unit",
                usage_type=key,
                source="made up",
                as_of=AS_OF,
                verified=False,
            )
            for key, value in (usd or ROUND).items()
        },
    )


TABLE = prices()
