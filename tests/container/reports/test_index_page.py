import math
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import zip_longest

import pytest

from tests.container.catalogs import CATALOG, NAMES, REGIONS
from worker.history import RunAreas
from worker.plan import Plan, deal
from worker.reports.index_page import LARGEST_RADIUS, ROWS_A_PAGE, SMALLEST_RADIUS, index_pages
from worker.results import RegionRecord, Summary
from worker.summary import summarised

PLAN = Plan(
    run_id="2026-W48",
    created=datetime(2026, 11, 23, 6, tzinfo=UTC),
    period="2026-W47",
    workload="sample",
    shards=deal(NAMES, 2),
    enable_scraping=True,
    force_refresh=False,
)


def summary(failed: str = "", error: str = "no image") -> Summary:
    records = {
        name: RegionRecord(
            region=name,
            status="succeeded",
            attempt=0,
            change_count=1,
            area_ha=number / 10,
            period="2026-W47",
            report=f"weekly/2026-W48/{name}.pdf",
            has_pictures=True,
        )
        for number, name in enumerate(NAMES)
    }
    if failed:
        records[failed] = RegionRecord(region=failed, status="failed", attempt=0, error=error)
    return summarised(PLAN, records)


def page_of(made: Summary, earlier: Sequence[RunAreas] = ()) -> str:
    """Return the single page of a run."""
    ((name, page),) = index_pages(made, CATALOG, earlier, has_clearings=True)
    assert name == "index.html"
    return page


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attributes if name in {"href", "src"}]


def links(page: str) -> list[str]:
    parser = Links()
    parser.feed(page)
    return parser.addresses


def test_every_region_has_a_row_with_its_report() -> None:
    page = page_of(summary())
    assert {f"{name}.pdf" for name in NAMES} <= set(links(page))
    for region in REGIONS:
        assert f"<strong>{region.title}</strong>" in page


def test_the_page_needs_only_the_files_beside_it() -> None:
    page = page_of(summary())
    assert {f"{NAMES[0]}.before.webp", "clearings.geojson", "clearings.csv"} <= set(links(page))
    assert all("/" not in address for address in links(page))
    assert not re.search(r"<script |@import|url\(|data:", page)


def test_the_page_follows_the_reader_s_choice_of_light_and_dark() -> None:
    assert "@media (prefers-color-scheme: dark)" in page_of(summary())


def test_failed_regions_are_listed_first_with_their_reason_then_the_largest_clearings() -> None:
    page = page_of(summary(failed=NAMES[5]))
    titles = re.findall(r"<strong>(.*?)</strong>", page)
    assert titles[0] == REGIONS[5].title
    assert titles[1] == REGIONS[-1].title
    assert "no image" in page


def test_an_error_cannot_bring_its_own_markup() -> None:
    assert "<script>alert" not in page_of(summary(failed=NAMES[0], error="<script>alert(1)</script>"))


def test_a_week_without_any_clearing_is_a_page_too() -> None:
    nothing = summary().model_copy(update={"regions": (), "area_ha": 0, "change_count": 0})
    assert "0.00 ha" in page_of(nothing)


@pytest.mark.parametrize("areas_ha", [[0], [0.1], [0, 5, 5_000], [1_644] * len(NAMES)])
def test_circles_have_their_areas_in_proportion_and_leave_the_map_readable(areas_ha: list[float]) -> None:
    made = summary()
    shown = tuple(
        region.model_copy(update={"area_ha": area_ha})
        for region, area_ha in zip(made.regions, areas_ha, strict=False)
    )
    page = page_of(made.model_copy(update={"regions": shown}))
    side = min(map(float, re.findall(r'class="map" .* viewBox="0 0 (.*?) (.*?)"', page)[0]))
    radii = sorted(float(radius) for radius in re.findall(r' r="(.*?)"', page.partition("</svg>")[0]))
    assert radii == pytest.approx(
        sorted(
            side * max(SMALLEST_RADIUS, LARGEST_RADIUS * math.sqrt(area_ha / (max(areas_ha) or 1)))
            for area_ha in areas_ha
        ),
        abs=0.1,
    )
    assert max(radii) <= side / 10


def test_a_report_about_several_regions_is_linked_in_any_folder() -> None:
    made = summary()
    regions_ = [
        region.model_copy(update={"report": "weekly/2026-W48/shards/1/all.pdf"}) for region in made.regions
    ]
    page = page_of(made.model_copy(update={"regions": tuple(regions_)}))
    assert "shards/1/all.pdf" in links(page)


def test_warnings_are_shown() -> None:
    page = page_of(summary().model_copy(update={"warnings": ("There is <no> report.",)}))
    assert "There is &lt;no&gt; report." in page


@pytest.mark.parametrize(
    ("periods", "heading"),
    [
        (["2026-W47"], "Week 47, 16 to 22 November 2026"),
        (["2026-11-16 to <b>"], "2026-11-16 to &lt;b&gt;"),
        (["2026-W48", "2026-W47"], "Week 47, 16 to 22 November 2026 and Week 48, 23 to 29 November 2026"),
        ([None], "Run 2026-W48"),
    ],
)
def test_the_heading_names_the_periods_of_the_regions_or_the_run_if_they_have_none(
    periods: list[str | None], heading: str
) -> None:
    records = {
        name: RegionRecord(region=name, status="succeeded", attempt=0, period=period)
        for name, period in zip_longest(NAMES, periods)
    }
    page = page_of(summarised(PLAN, records))
    assert f"<h1>{heading}</h1>" in page
    assert f"<title>Land clearing in {CATALOG.title}, {heading}</title>" in page


def test_a_page_of_sample_imagery_says_so_before_anything_else() -> None:
    page = page_of(summary())
    said = "Sample imagery: one real Sentinel-2 scene with clearings drawn in."
    assert page.index("<body>") < page.index(said) < page.index("<h1>")
    program = summary().model_copy(update={"workload": "command"})
    assert "Sample imagery" not in page_of(program)


def test_a_failed_region_differs_from_the_others_by_its_shape_and_the_legend_explains_each_mark() -> None:
    made = summary(failed=NAMES[5])
    nothing = made.regions[0].model_copy(update={"change_count": 0, "area_ha": 0})
    made = made.model_copy(update={"regions": (nothing, *made.regions[1:])})
    page = page_of(made, [RunAreas("2026-W47", dict.fromkeys(NAMES, 1.0))])
    drawing, _, rest = page.partition("</svg>")
    legend = rest[rest.index('aria-label="Legend"') : rest.index("</ul>")]
    shapes = {shape for shape in ("land", "found", "none", "failed") if f'class="{shape}"' in drawing}
    assert shapes == {"land", "found", "none", "failed"}
    assert drawing.count('<path class="failed"') == 1
    for mark in (*shapes, "bar", "line", "outline"):
        assert f'class="{mark}"' in legend
    whole = page_of(summary())
    assert "failed, area not known" not in whole
    assert "in the last" not in whole


def test_a_line_shows_the_last_runs_of_a_region_with_gaps_for_missing_results() -> None:
    earlier = [
        RunAreas("2026-W45", {NAMES[1]: 2.0}),
        RunAreas("2026-W46", {}),
        RunAreas("2026-W47", {NAMES[1]: 0.0, NAMES[2]: 1.0}),
    ]
    page = page_of(summary(), earlier)
    assert page.count('<svg class="lines"') == 2
    assert f"<title>{REGIONS[1].heading}: hectares in the last 4 runs</title>" in page
    assert "<desc>2, no result, 0, 0.1</desc>" in page
    assert "in the last 4 runs, 2026-W45 to 2026-W48" in page
    failed = page_of(summary(failed=NAMES[1]), earlier)
    assert "<desc>2, no result, 0, no result</desc>" in failed


def test_a_large_run_has_several_pages_below_a_megabyte_each() -> None:
    copies = [
        (region, region.model_copy(update={"name": f"{region.name}_{number}"}))
        for number in range(100)
        for region in REGIONS
    ]
    known = {region.region: region for region in summary(failed=NAMES[3]).regions}
    regions_ = tuple(known[first.name].model_copy(update={"region": copied.name}) for first, copied in copies)
    catalog = replace(CATALOG, regions=tuple(copied for _, copied in copies))
    earlier = [
        RunAreas(f"2026-W{week}", {copied.name: 1.5 for _, copied in copies}) for week in range(37, 48)
    ]
    made = summary().model_copy(update={"regions": regions_})
    pages = dict(index_pages(made, catalog, earlier, has_clearings=True))
    assert list(pages) == ["index.html", *(f"index-{number}.html" for number in range(2, 11))]
    assert max(len(page.encode()) for page in pages.values()) < 1_000_000
    rows = [len(re.findall("<strong>", page)) for page in pages.values()]
    assert rows == [ROWS_A_PAGE] * 9 + [200]
    for name, page in pages.items():
        assert set(pages) <= set(links(page))
        assert page.count('aria-current="page"') == 1
        assert ('class="map"' in page) == (name == "index.html")
    assert "301 to 600 of 2,900 regions" in pages["index-2.html"]


def test_the_page_of_a_program_claims_no_method_no_marks_and_no_files_that_it_lacks() -> None:
    made = summary().model_copy(update={"workload": "command"})
    plain = [region.model_copy(update={"has_pictures": False}) for region in made.regions]
    made = made.model_copy(update={"regions": tuple(plain)})
    ((_, page),) = index_pages(made, CATALOG, [], has_clearings=False)
    for absent in (
        "clearings.geojson",
        "clearings.csv",
        "NDVI",
        "before and after",
        "<script>",
        'class="outline"',
    ):
        assert absent not in page
    ((_, items),) = index_pages(made, replace(CATALOG, extent=None), [], has_clearings=False)
    for absent in ("Legend", " ha", "Clearings", "<svg", "Land clearing"):
        assert absent not in items


def test_the_page_names_the_limits_of_the_detection_with_its_parameters() -> None:
    page = page_of(summary())
    for part in (
        "NDVI falls by 0.2",
        "by 0.02",
        "below 0.1 ha",
        "0.96 to 1.2 km",
        "10 m a pixel",
        "not masked",
    ):
        assert part in page
