"""The price of land in a province, from a table in place of scraped listings."""

import json
from importlib.resources import files

from worker.catalog import Region
from worker.results import Market


def market_in(region: Region) -> Market | None:
    """Return the market of the province in a region's labels, or None if the table does not have it."""
    table = json.loads(files(__package__).joinpath("market.json").read_bytes())
    figures = table["provinces"].get(region.labels.get("province"))
    return figures and Market(source=table["source"], currency=table["currency"], **figures)
