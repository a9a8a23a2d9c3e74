"""The age of the prices that an estimate uses, in the words of the rule and of the command."""

from collections.abc import Sequence
from datetime import date

from guardrails.cost.prices.services import service_of
from guardrails.cost.prices.table import Price, label

# None of the on-demand prices that the table has from both 2025 and 2026 changed in between.
MAX_AGE_DAYS = 730


def old_prices_sentence(
    used: Sequence[Price], regions: Sequence[str], day: date, most_days: int = MAX_AGE_DAYS
) -> str | None:
    """Return a sentence, without its end, on the prices last confirmed more than so many days before a day, if any.

    `used` has the oldest price first.
    """
    old = [price for price in used if (day - price.as_of).days > most_days]
    if not old:
        return None
    oldest = f"{service_of(old[0].key)}, {label(old[0].key)}"
    return (
        f"{len(old)} of {len(used)} prices of {', '.join(regions)} were last confirmed more than {most_days:,} days "
        f"ago, the oldest ({oldest}) on {old[0].as_of}; refresh them with `python -m guardrails prices refresh`"
    )
