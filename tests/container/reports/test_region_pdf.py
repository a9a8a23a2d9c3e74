import io

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from tests.container.catalogs import CATALOG, REGIONS
from worker.reports import pictures
from worker.reports.region_pdf import ROWS_SHOWN, RegionReport, region_pdf
from worker.reports.sentences import limits, method
from worker.results import Change, Findings, Score

CHANGE = Change(
    area_ha=1.43, longitude=112.7541, latitude=-7.448, bbox=(1, 2, 3, 4), ndvi_change=-0.54, confidence=0.9
)


def report(changes: int = 2, **changed: object) -> RegionReport:
    picture = Image.new("RGB", (100, 120), "green")
    facts = {
        "region": REGIONS[0],
        "catalog": CATALOG,
        "run_id": "2026-W48",
        "period": "2026-W47",
        "findings": Findings(
            change_count=changes,
            area_ha=1.43 * changes,
            changes=(CHANGE,) * changes,
            score=Score(precision=0.98, recall=0.97, true_area_ha=3),
        ),
        "before": picture,
        "after": picture,
        "change": picture,
        "width_metres": 1000,
        "height_metres": 1200,
        "method": (*method("sample"), *limits("sample")),
    }
    return RegionReport(**(facts | changed))  # type: ignore[arg-type]


def text(made: RegionReport) -> str:
    return PdfReader(io.BytesIO(region_pdf(made))).pages[0].extract_text()


def test_a_report_has_place_time_area_and_method() -> None:
    page = text(report())
    for part in (
        REGIONS[0].heading,
        "  ·  ".join([CATALOG.title, *REGIONS[0].labels.values(), "Priority 1"]),
        "Before\nWeek 46, 9 to 15 November 2026",
        "After\nWeek 47, 16 to 22 November 2026",
        "1.43 ha",
        "7.4480° S  112.7541° E",
        "–0.54",
        "90%",
        "NDVI falls by 0.2",
        "patches below 0.1 ha",
        "Clouds are not masked",
        "precision is 98.0% and recall 97.0%",
        "Run 2026-W48",
    ):
        assert part in page


@pytest.mark.parametrize("changes", [0, 1, ROWS_SHOWN, ROWS_SHOWN + 1, 40])
def test_a_report_is_one_page_of_a4_with_three_pictures_however_much_was_found(changes: int) -> None:
    document = PdfReader(io.BytesIO(region_pdf(report(changes))))
    [page] = document.pages
    assert [round(side) for side in page.mediabox[2:]] == [595, 842]
    assert len({image.name for image in page.images}) in {1, 3}


def test_changes_beyond_the_table_are_counted() -> None:
    assert f"and {40 - ROWS_SHOWN} smaller ones" in text(report(40))


def test_a_region_without_a_clearing_says_so() -> None:
    assert "No clearing was found." in text(report(0))


def test_the_same_facts_make_the_same_bytes() -> None:
    assert region_pdf(report()) == region_pdf(report())


def test_a_report_on_other_than_sample_imagery_mentions_no_sample() -> None:
    assert "Sample" not in text(report(findings=Findings(change_count=0, area_ha=0)))


def test_patches_are_outlined_and_nothing_else_is() -> None:
    image = np.full((4, 20, 20), 0.1, dtype=np.float32)
    patches = np.zeros((20, 20), dtype=np.int32)
    plain = np.asarray(pictures.change_map(image, patches))
    patches[5:10, 5:10] = 1
    marked = np.asarray(pictures.change_map(image, patches))
    outline = (marked == pictures.OUTLINE).all(axis=-1)
    scale = pictures.SCALE
    assert outline[5 * scale : 10 * scale, 5 * scale].all()
    assert not outline[7 * scale, 7 * scale]
    assert not (plain == pictures.OUTLINE).all(axis=-1).any()


def test_a_report_begins_with_its_notice() -> None:
    assert text(report(notice="A drill.")).startswith("A drill.")
    assert text(report()).startswith("LAND CLEARING REPORT")
