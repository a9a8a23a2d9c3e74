"""The page of a run: each region with its pictures, its figures and its report; a map if the regions are places."""

import math
from collections.abc import Iterator, Sequence
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from worker.catalog import Catalog
from worker.history import RunAreas
from worker.reports.map_frame import MapFrame
from worker.reports.periods import in_words
from worker.reports.sentences import limits, method, notice
from worker.reports.sparkline import HEIGHT, WIDTH, Sparkline, sparkline
from worker.results import (
    CLEARINGS_CSV,
    CLEARINGS_GEOJSON,
    Summary,
    SummaryRegion,
    page_name,
    picture_name,
    reports_prefix,
)

MAP_WIDTH, MAP_HEIGHT = 960, 480
# The radius of the largest and of the smallest circle, as shares of the shorter side of the map.
LARGEST_RADIUS = 1 / 11
SMALLEST_RADIUS = 1 / 94
ROWS_A_PAGE = 300
"""The regions on a page; those of a large run continue on further pages, so that each stays below a megabyte."""


def index_pages(
    summary: Summary, catalog: Catalog, earlier: Sequence[RunAreas], *, has_clearings: bool
) -> Iterator[tuple[str, str]]:
    """Yield the names and the HTML of the pages; `earlier` are the runs before this one, the oldest first.

    `has_clearings` is true if the files of the clearings are beside the page.
    """
    frame = catalog.extent and MapFrame(catalog.extent, max_width=MAP_WIDTH, max_height=MAP_HEIGHT)
    largest_ha = max((region.area_ha for region in summary.regions), default=0)
    ordered = sorted(summary.regions, key=_by_importance)
    pages = max(1, math.ceil(len(ordered) / ROWS_A_PAGE))
    for number in range(1, pages + 1):
        first = (number - 1) * ROWS_A_PAGE
        rows = ordered[first : first + ROWS_A_PAGE]
        yield (
            page_name(number),
            _template().render(
                summary=summary,
                notice=notice(summary.workload),
                about=(*method(summary.workload), *limits(summary.workload)),
                prefix=reports_prefix(summary.run_id),
                regions=ordered,
                rows=rows,
                number=number,
                pages=pages,
                first=first + 1,
                page_name=page_name,
                picture_name=picture_name,
                heading=" and ".join(map(in_words, summary.periods)) or f"Run {summary.run_id}",
                catalog=catalog,
                known={region.name: region for region in catalog.regions},
                frame=frame,
                files=(CLEARINGS_GEOJSON, CLEARINGS_CSV) if has_clearings else (),
                largest_ha=largest_ha,
                radius=partial(
                    _radius, largest_ha=largest_ha, side=min(frame.width, frame.height) if frame else 0
                ),
                smallest_radius=min(frame.width, frame.height) * SMALLEST_RADIUS if frame else 0,
                runs=[*(run.run_id for run in earlier), summary.run_id],
                lines={row.region: line for row in rows if (line := _line(row, earlier))} if frame else {},
                line_size=(WIDTH, HEIGHT),
            ),
        )


def _line(row: SummaryRegion, earlier: Sequence[RunAreas]) -> Sparkline | None:
    """Return the line of a region's areas up to this run, or None if no earlier run has a result."""
    before = [run.hectares.get(row.region) for run in earlier]
    if all(area is None for area in before):
        return None
    return sparkline([*before, row.area_ha if row.status == "succeeded" else None])


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
