"""The unit prices with which a run estimates its own cost, from the price table of the guardrails."""

import json

from guardrails.cost.prices.table import read_file, table

KEYS = (
    *(
        f"fargate_{capacity}{processor}_{unit}_hour"
        for capacity in ("", "spot_")
        for processor in ("x86", "arm")
        for unit in ("vcpu", "gb")
    ),
    "fargate_ephemeral_gb_hour",
    "public_ipv4_hour",
    "lambda_request",
    "lambda_arm_gb_second",
    "sfn_standard_transition",
    "s3_put_request",
    "s3_get_request",
    "secret_request",
    "sns_publish",
    "sns_email_delivery",
    "metrics_api_request",
    "container_insights_metric_month",
    "logs_ingested_gb",
    "logs_stored_gb_month",
    "xray_trace",
)


def page() -> str:
    """Return the file: for each region, the unit prices that the table has for it."""
    regions = {}
    for region in read_file()["regions"]:
        held = table(region)
        prices = [held.prices[key] for key in KEYS if key in held.prices]
        regions[region] = {
            "as_of": min(price.as_of for price in prices).isoformat(),
            "prices": {price.key: str(price.usd) for price in prices},
        }
    return json.dumps(regions, indent=2) + "\n"
