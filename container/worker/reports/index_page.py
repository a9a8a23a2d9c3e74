"""The page of a run: every region with its picture, its figures and its report, in one file."""

import math
from collections.abc import Mapping
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from worker.catalog import regions, title
from worker.reports import java
from worker.reports.notices import notice
from worker.reports.periods import in_words
from worker.results import Summary, SummaryRegion, reports_prefix

# In degrees on the map: the region where most was cleared, and one where there was nothing to draw by area.
LARGEST_RADIUS = 0.3
SMALLEST_RADIUS = 0.035


def index_page(summary: Summary, thumbnails: Mapping[str, str | None]) -> str:
    """Return the page as HTML; `thumbnails` are data URIs."""
    largest_ha = max((region.area_ha for region in summary.regions), default=0)
    return _template().render(
        summary=summary,
        notice=notice(summary.workload),
        prefix=reports_prefix(summary.run_id),
        rows=sorted(summary.regions, key=_worth_a_look),
        heading=" and ".join(map(in_words, summary.periods)) or f"Run {summary.run_id}",
        thumbnails=thumbnails,
        places={region.name: region for region in regions()},
        largest_ha=largest_ha,
        radius=partial(_radius, largest_ha=largest_ha),
        java=java,
        title=title,
    )


def _worth_a_look(region: SummaryRegion) -> tuple[bool, float, str]:
    """Sort by this: what failed first, then the largest clearings."""
    return region.status != "failed", -region.area_ha, region.region


def _radius(area_ha: float, *, largest_ha: float) -> float:
    """Return how large a region is on the map: its circle is to the largest one as its cleared area is."""
    share = area_ha / largest_ha if largest_ha else 0
    return max(SMALLEST_RADIUS, LARGEST_RADIUS * math.sqrt(share))


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
