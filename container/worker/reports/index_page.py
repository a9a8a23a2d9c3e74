"""The page of a run: each region with its picture, its figures and its report; a map if the regions are places."""

import math
from collections.abc import Mapping
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from worker.catalog import Catalog
from worker.reports.map_frame import MapFrame
from worker.reports.notices import notice
from worker.reports.periods import in_words
from worker.results import Summary, SummaryRegion, reports_prefix

MAP_WIDTH, MAP_HEIGHT = 960, 480
# The radius of the largest and of the smallest circle, as shares of the shorter side of the map.
LARGEST_RADIUS = 1 / 11
SMALLEST_RADIUS = 1 / 94


def index_page(summary: Summary, thumbnails: Mapping[str, str | None], catalog: Catalog) -> str:
    """Return the page as HTML; `thumbnails` are data URIs by region."""
    frame = catalog.extent and MapFrame(catalog.extent, max_width=MAP_WIDTH, max_height=MAP_HEIGHT)
    largest_ha = max((region.area_ha for region in summary.regions), default=0)
    return _template().render(
        summary=summary,
        notice=notice(summary.workload),
        prefix=reports_prefix(summary.run_id),
        rows=sorted(summary.regions, key=_by_importance),
        heading=" and ".join(map(in_words, summary.periods)) or f"Run {summary.run_id}",
        thumbnails=thumbnails,
        catalog=catalog,
        known={region.name: region for region in catalog.regions},
        frame=frame,
        largest_ha=largest_ha,
        radius=partial(_radius, largest_ha=largest_ha, side=min(frame.width, frame.height) if frame else 0),
    )


def _by_importance(region: SummaryRegion) -> tuple[bool, float, str]:
    """Return a sort key: failed regions first, then the largest cleared area."""
    return region.status != "failed", -region.area_ha, region.region


def _radius(area_ha: float, *, largest_ha: float, side: float) -> float:
    """Return the radius of a region's circle; the area of a circle is proportional to the region's cleared area."""
    share = area_ha / largest_ha if largest_ha else 0
    return side * max(SMALLEST_RADIUS, LARGEST_RADIUS * math.sqrt(share))


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("worker.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("index.html.j2")
