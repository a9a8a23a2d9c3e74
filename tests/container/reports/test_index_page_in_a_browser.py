"""The page of a run in a real browser: accessible, fit for a narrow screen, usable by keyboard and without scripts."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page

from tests.container.catalogs import CATALOG, NAMES
from tests.container.reports.test_index_page import summary
from tests.reporter.dashboard.browser import launched
from worker.history import RunAreas
from worker.reports.index_page import index_pages
from worker.reports.pictures import comparison
from worker.results import Summary, picture_name

ERROR = "Satellite data unavailable for bekasi_industrial_belt: no image without cloud in 2026-W47"
EARLIER = [RunAreas(f"2026-W{week}", dict.fromkeys(NAMES[::2], week / 9)) for week in range(37, 48)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with every mark, the pages of a program and of items, and the pictures beside them."""
    made = summary(failed=NAMES[3], error=ERROR)
    nothing = made.regions[0].model_copy(update={"change_count": 0, "area_ha": 0})
    shown = made.model_copy(
        update={
            "regions": (nothing, *made.regions[1:]),
            "warnings": ("A region has no report.",),
            "failed": 1,
        }
    )
    path = tmp_path_factory.mktemp("pages")
    _write(path / "index.html", shown)
    of_program = [region.model_copy(update={"has_pictures": False}) for region in made.regions]
    _write(
        path / "program.html", shown.model_copy(update={"workload": "command", "regions": tuple(of_program)})
    )
    image = np.full((4, 96, 120), 0.1, dtype=np.float32)
    patches = np.zeros((96, 120), dtype=np.int32)
    patches[10:20, 10:30] = 1
    pictures = comparison(image, image, patches)
    for name in NAMES:
        (path / picture_name(name, "before")).write_bytes(pictures.before)
        (path / picture_name(name, "after")).write_bytes(pictures.after)
    return path


def _write(path: Path, made: Summary) -> None:
    ((_, page),) = index_pages(made, CATALOG, EARLIER, has_clearings=made.workload == "sample")
    path.write_text(page, encoding="utf-8")


def opened(
    browser: Browser, path: Path, *, width: int = 1366, dark: bool = False, scripts: bool = True
) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        java_script_enabled=scripts,
    )
    page.goto(path.as_uri())
    return page


def test_axe_finds_no_violation_in_light_and_dark_wide_and_narrow(browser: Browser, folder: Path) -> None:
    axe = Axe()
    for name in ("index.html", "program.html"):
        for width, dark in ((1366, False), (1366, True), (360, False), (360, True)):
            page = opened(browser, folder / name, width=width, dark=dark)
            if name == "index.html":
                page.locator("summary").first.click()
                page.locator(".slides input").wait_for()
            found = axe.run(page)
            assert found.violations_count == 0, found.generate_report()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()


def test_the_slider_works_by_keyboard_and_has_a_text_alternative(browser: Browser, folder: Path) -> None:
    page = opened(browser, folder / "index.html")
    summary_ = page.locator("summary").first
    region = page.locator("tr:has(+ tr.pictures) strong").first.inner_text()
    summary_.focus()
    page.keyboard.press("Enter")
    slider = page.get_by_role("slider", name=f"{region} before and after")
    slider.wait_for()
    assert slider.get_attribute("aria-valuetext") == "50% before, 50% after"
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuetext") == "100% before, 0% after"
    after = page.get_by_role("img", name=f"{region} after").first
    assert after.evaluate("image => getComputedStyle(image).clipPath") == "inset(0px 0px 0px 100%)"
    assert page.get_by_role("img", name=f"{region} before").count() == 1
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "99% before, 1% after"
    page.close()


def test_the_pictures_are_beside_each_other_on_paper_and_without_scripts(
    browser: Browser, folder: Path
) -> None:
    for scripts in (True, False):
        page = opened(browser, folder / "index.html", scripts=scripts)
        page.locator("summary").first.click()
        if scripts:
            page.locator(".slides input").wait_for()
            page.emulate_media(media="print")
            assert not page.locator(".slides input").is_visible()
        before, after = (page.locator(".compare").first.locator("img").nth(number) for number in (0, 1))
        after.wait_for()
        boxes = before.bounding_box(), after.bounding_box()
        assert boxes[0] is not None
        assert boxes[1] is not None
        assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
        assert boxes[0]["y"] == boxes[1]["y"]
        page.close()


def test_pictures_are_loaded_only_when_they_are_to_be_seen(browser: Browser, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 600})
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url.rpartition("/")[2]))
    page.goto((folder / "index.html").as_uri())
    assert not [name for name in loaded if name.endswith(".before.webp")]
    with page.expect_request("**/*.before.webp"):
        page.locator("summary").first.click()
    assert len([name for name in loaded if name.endswith(".before.webp")]) == 1
    assert all("/" not in name for name in loaded)
    page.close()
