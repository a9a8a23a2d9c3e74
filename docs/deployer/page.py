"""The page docs/deploy.md, and the IAM policies that it links to."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from components.cost.usage import REPORTER_MEMORY_MIB, REPORTER_SECONDS
from components.resources.encryption import DELETION_WINDOW_DAYS
from components.resources.secrets import CHANNELS, RECOVERY_WINDOW_DAYS
from components.settings.names import Names
from docs.cost.templates import template
from docs.deployer.actions import data
from docs.deployer.policies import (
    MAX_CHARACTERS,
    anywhere_reason,
    characters,
    deliver_policies,
    deployer_policies,
    preview_policies,
)
from docs.stack_files import settings_of
from guardrails.cost.prices.table import Price, table
from guardrails.cost.report import usd

STACK = "prod"
KINDS = {"deploy": deployer_policies, "preview": preview_policies, "deliver": deliver_policies}
COUNTS = {"deploy": 2, "preview": 1, "deliver": 1}
"""The number of policies of each kind; a test compares it with the generated ones."""


def policies(kind: str, stack: str = STACK) -> list[Mapping[str, Any]]:
    """Return the policies of a kind for a stack of the checkout."""
    return KINDS[kind](data()["types"], names_of(stack))


def names_of(stack: str) -> Names:
    """Return the names of a stack of the checkout."""
    return Names.of(settings_of(stack))


def policy_file(kind: str, number: int) -> str:
    """Return the text of a policy file."""
    return json.dumps(policies(kind)[number - 1], indent=2) + "\n"


def page() -> str:
    """Return the page."""
    written = {kind: policies(kind) for kind in KINDS}
    statements = [statement for policy in written["deploy"] for statement in policy["Statement"]]
    settings = settings_of(STACK)
    prices = table(settings.region).prices
    return template("page.md.j2", "docs.deployer").render(
        anywhere=[
            (statement, anywhere_reason(statement))
            for statement in statements
            if statement["Resource"] == "*"
        ],
        channels=CHANNELS,
        characters=characters,
        data=data(),
        deletion_window_days=DELETION_WINDOW_DAYS,
        max_characters=f"{MAX_CHARACTERS:,}",
        names=Names.of(settings),
        price={
            key: usd(prices[key].usd)
            for key in (
                "alarm_standard_month",
                "kms_key_month",
                "secret_month",
                "ecr_gb_month",
                "s3_standard_gb_month",
            )
        },
        recovery_window_days=RECOVERY_WINDOW_DAYS,
        region=settings.region,
        reporter={
            "mib": REPORTER_MEMORY_MIB,
            "seconds": REPORTER_SECONDS,
            "usd_a_thousand": usd(_usd_of_messages(1_000, prices)),
        },
        written=written,
    )


def _usd_of_messages(number: int, prices: Mapping[str, Price]) -> Decimal:
    """Return the cost of a number of reporter invocations, without the free tier."""
    gb_seconds = Decimal(REPORTER_SECONDS * REPORTER_MEMORY_MIB) / 1024
    return number * (prices["lambda_request"].usd + gb_seconds * prices["lambda_arm_gb_second"].usd)
