"""The monthly budget of the stack."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from components.settings.base import SettingsModel


class Budget(SettingsModel):
    """The AWS budget of the whole stack, by its tags; it only sends warnings, and stops nothing."""

    monthly_usd: Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=2)] = Decimal(20)
    """AWS sends an e-mail when 80 % of this is spent, and when the month is forecast to exceed it."""
