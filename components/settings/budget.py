"""What the stack may cost."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from components.settings.base import SettingsModel


class Budget(SettingsModel):
    """The budget that AWS watches for the whole stack, by its tags; it warns, and stops nothing."""

    monthly_usd: Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=2)] = Decimal(20)
    """A mail goes out at 80 % of this spent, and when the month is forecast to exceed it."""
