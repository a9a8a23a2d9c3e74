"""The catalog that the stacks of the checkout monitor, as workers read it."""

from tests.stacks import CATALOG_NAME
from worker.catalog import read_catalog

CATALOG = read_catalog(CATALOG_NAME)
REGIONS = CATALOG.regions
NAMES = [region.name for region in REGIONS]
