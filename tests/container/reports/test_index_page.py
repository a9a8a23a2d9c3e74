import math
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import zip_longest

import pytest

from tests.container.catalogs import CATALOG, NAMES, REGIONS
from worker.plan import Plan, deal
from worker.reports.index_page import LARGEST_RADIUS, SMALLEST_RADIUS, index_page
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
        )
        for number, name in enumerate(NAMES)
    }
    if failed:
        records[failed] = RegionRecord(region=failed, status="failed", attempt=0, error=error)
    return summarised(PLAN, records)


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
    page = index_page(summary(), {}, CATALOG)
    assert {f"{name}.pdf" for name in NAMES} <= set(links(page))
    for region in REGIONS:
        assert f"<strong>{region.title}</strong>" in page


def test_the_page_needs_only_the_files_beside_it() -> None:
    page = index_page(summary(), dict.fromkeys(NAMES, "data:image/webp;base64,AAAA"), CATALOG)
    assert all(address.startswith("data:") or "/" not in address for address in links(page))
    assert not re.search(r"<script|@import|url\(", page)


def test_the_page_follows_the_reader_s_choice_of_light_and_dark() -> None:
    assert "@media (prefers-color-scheme: dark)" in index_page(summary(), {}, CATALOG)


def test_failed_regions_are_listed_first_with_their_reason_then_the_largest_clearings() -> None:
    page = index_page(summary(failed=NAMES[5]), {}, CATALOG)
    titles = re.findall(r"<strong>(.*?)</strong>", page)
    assert titles[0] == REGIONS[5].title
    assert titles[1] == REGIONS[-1].title
    assert "no image" in page


def test_an_error_cannot_bring_its_own_markup() -> None:
    assert "<script>" not in index_page(
        summary(failed=NAMES[0], error="<script>alert(1)</script>"), {}, CATALOG
    )


def test_a_week_without_any_clearing_is_a_page_too() -> None:
    nothing = summary().model_copy(update={"regions": (), "area_ha": 0, "change_count": 0})
    assert "0.00 ha" in index_page(nothing, {}, CATALOG)


@pytest.mark.parametrize("areas_ha", [[0], [0.1], [0, 5, 5_000], [1_644] * len(NAMES)])
def test_circles_have_their_areas_in_proportion_and_leave_the_map_readable(areas_ha: list[float]) -> None:
    made = summary()
    shown = tuple(
        region.model_copy(update={"area_ha": area_ha})
        for region, area_ha in zip(made.regions, areas_ha, strict=False)
    )
    page = index_page(made.model_copy(update={"regions": shown}), {}, CATALOG)
    side = min(map(float, re.findall(r'viewBox="0 0 (.*?) (.*?)"', page)[0]))
    radii = sorted(float(radius) for radius in re.findall(r' r="(.*?)"', page))
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
    page = index_page(made.model_copy(update={"regions": tuple(regions_)}), {}, CATALOG)
    assert "shards/1/all.pdf" in links(page)


def test_problems_that_cost_no_region_are_reported() -> None:
    page = index_page(summary().model_copy(update={"warnings": ("There is <no> report.",)}), {}, CATALOG)
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
def test_the_page_says_when_it_was_as_its_regions_do_and_claims_nothing_where_they_do_not(
    periods: list[str | None], heading: str
) -> None:
    records = {
        name: RegionRecord(region=name, status="succeeded", attempt=0, period=period)
        for name, period in zip_longest(NAMES, periods)
    }
    page = index_page(summarised(PLAN, records), {}, CATALOG)
    assert f"<h1>{heading}</h1>" in page
    assert f"<title>Land clearing in {CATALOG.title}, {heading}</title>" in page


def test_a_page_of_sample_imagery_says_so_before_anything_else() -> None:
    page = index_page(summary(), {}, CATALOG)
    said = "Sample imagery: one real Sentinel-2 scene with clearings drawn in."
    assert page.index("<body>") < page.index(said) < page.index("<header>")
    program = summary().model_copy(update={"workload": "command"})
    assert "Sample imagery" not in index_page(program, {}, CATALOG)
