"""The check of the prices' age, from which costs are estimated."""

from cli.doctor.check import Context, Finding, ok, warn
from guardrails.cost.prices.table import UnknownRegionError, table
from guardrails.rules.prices import prices_fresh
from reporter.words import count


def check_prices(context: Context) -> Finding:
    """Find prices of the stack's region that were confirmed long ago."""
    try:
        prices = table(context.stack.region).prices
    except UnknownRegionError as error:
        return warn(str(error), "Fetch the region's prices.", _refresh(context))
    oldest = min(prices.values(), key=lambda price: price.as_of)
    days = (context.now.date() - oldest.as_of).days
    seen = f"{count(len(prices), 'price')} of {context.stack.region}, the oldest confirmed {oldest.as_of}"
    # The default of the policy pack's rule on the same age.
    most = prices_fresh().defaults["maxPriceAgeDays"]
    if days > most:
        return warn(f"{seen}, {days} days ago: costs may be wrong", "Refresh the prices.", _refresh(context))
    return ok(seen)


def _refresh(context: Context) -> str:
    return f"cd policies && python -m guardrails prices refresh --region {context.stack.region}"
