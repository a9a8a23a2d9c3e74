"""The page in a real browser: themes, sizes, keyboard, print, hostile names, and no request to any network."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from reporter.dashboard.history import History
from reporter.dashboard.page import page
from tests.reporter.dashboard.browser import launched, opened
from tests.reporter.dashboard.seeded import seeded_document, seeded_history

SEEDED = page(seeded_document())
MAX_BYTES = 2_000_000
CHARTS = ("calendar", "regions", "duration", "cost", "months", "hectares")
HOSTILE = "</script><script>window.broken = 1</script><!--<img src=x onerror='window.broken = 1'>\\u2028&amp;"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


def written(folder: Path, text: str) -> Path:
    file = folder / "dashboard.html"
    file.write_text(text, encoding="utf-8")
    return file


def texts(found: Page, selector: str) -> list[str]:
    return found.locator(selector).all_inner_texts()


def fills_of_areas(found: Page) -> list[str]:
    """Return the colours of all marks in the chart of cleared hectares."""
    fills: list[str] = found.locator("#hectares-chart .mark-rect.role-mark path").evaluate_all(
        "marks => marks.map(mark => getComputedStyle(mark).fill)"
    )
    return fills


def least_colour(found: Page) -> str:
    """Return the colour of no cleared land, as `getComputedStyle` writes it."""
    colour = found.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name)", "--least"
    )
    return f"rgb{tuple(int(colour.strip()[at : at + 2], 16) for at in (1, 3, 5))}"


@given(st.text())
def test_no_text_leaves_the_script_element_of_the_document(text: str) -> None:
    html = page({"name": text})
    embedded = html.split('id="document">', 1)[1].split("</script>", 1)[0]
    assert json.loads(embedded) == {"name": text}
    assert not set(embedded) & set("<>&")
    assert len(html.split("<script")) == len(SEEDED.split("<script"))


def test_the_page_with_500_runs_of_29_regions_is_small_and_draws_them_all(
    browser: Browser, tmp_path: Path
) -> None:
    html = page(seeded_document(seeded_history(500)))
    assert len(html.encode()) <= MAX_BYTES
    with opened(browser, written(tmp_path, html)) as found:
        found.evaluate("delete document.documentElement.dataset.drawn")
        found.select_option("#shown", "500")
        found.locator("html[data-drawn]").wait_for(state="attached")
        # So many cells are drawn on a canvas.
        assert found.locator("#regions-chart canvas").count() == 1
        found.get_by_role("button", name="Show 474 older runs").click()
        assert found.locator("#runs tbody tr").count() == 500


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_has_no_violation_of_accessibility_and_makes_no_request(
    browser: Browser, tmp_path: Path, theme: Literal["light", "dark"]
) -> None:
    file = written(tmp_path, SEEDED)
    with opened(browser, file, color_scheme=theme) as found:
        for name in CHARTS:
            assert found.locator(f"#{name}-chart svg").count() == 1, name
        for summary in found.locator("summary").all():
            summary.click()
        # Only axe-core itself is loaded.
        answers = Axe().run(found, options={"resultTypes": ["violations"]})
        assert answers.violations_count == 0, answers.generate_report()
    requests: list[str] = []
    room = browser.new_context(color_scheme=theme)
    watched = room.new_page()
    watched.on("request", lambda request: requests.append(request.url))
    watched.goto(file.as_uri())
    watched.locator("html[data-drawn]").wait_for(state="attached")
    room.close()
    assert requests == [file.as_uri()]


def test_the_most_important_facts_are_on_the_first_screen(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, SEEDED)) as found:
        for selector in ("#cards .card", "#ranking li"):
            for item in found.locator(selector).all():
                box = item.bounding_box()
                assert box is not None
                assert box["y"] + box["height"] <= 768
        regions, cost, _, alarms = texts(found, "#cards .value")
        assert (regions, cost, alarms) == ("25 of 29 regions", "$0.49", "1 in alarm")
        ranked = texts(found, "#ranking .name")
        expected = seeded_document()["ranking"]["regions"]
        assert ranked == [region["region"] for region in expected[: len(ranked)]]


def test_narrow_and_wide_screens_need_no_horizontal_scrolling(browser: Browser, tmp_path: Path) -> None:
    for width in (360, 768, 1366, 1920):
        with opened(browser, written(tmp_path, SEEDED), width=width) as found:
            assert found.evaluate("document.documentElement.scrollWidth") <= width


def test_each_control_is_reached_by_the_keyboard(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, SEEDED)) as found:
        wanted = found.locator("a, select, summary, [tabindex='0'], button").count()
        reached = set()
        for _ in range(wanted + 1):
            found.keyboard.press("Tab")
            reached.add(found.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
            # After the last control comes the browser itself.
            outline = found.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none" or found.evaluate("document.activeElement === document.body")
        assert len(reached) >= wanted
        found.locator("#regions summary").focus()
        found.keyboard.press("Enter")
        # The table is made by an event, after the key.
        found.locator("#regions tbody tr").last.wait_for()
        assert found.locator("#regions tbody tr").count() == 20


def test_a_printed_page_is_light_and_has_every_chart(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, SEEDED), color_scheme="dark") as found:
        found.emulate_media(media="print", color_scheme="light")
        found.locator("html[data-drawn='#1b2430']").wait_for(state="attached")
        assert found.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert len(found.pdf()) > 10_000


def test_hostile_names_are_shown_as_they_are(browser: Browser, tmp_path: Path) -> None:
    history = seeded_history(3, regions=(HOSTILE, "b"))
    history = replace(
        history, runs=(*history.runs[:-1], replace(history.runs[-1], more={"ended": [HOSTILE]}))
    )
    document = seeded_document(history, project=HOSTILE, environment="$&")
    with opened(browser, written(tmp_path, page(document))) as found:
        assert found.evaluate("window.broken") is None
        assert HOSTILE in texts(found, "h1")[0]
        assert found.locator("img").count() == 0


def test_an_unknown_area_has_not_the_colour_of_no_cleared_land(browser: Browser, tmp_path: Path) -> None:
    (run,) = seeded_history(1, regions=("none", "unknown", "some")).runs
    run = replace(
        run, regions={"none": "s", "unknown": "f", "some": "s"}, hectares={"none": 0.0, "some": 9.0}
    )
    with opened(browser, written(tmp_path, page(seeded_document(History().of_runs([run]))))) as found:
        fills = fills_of_areas(found)
        # A mark of the background for each cell, and one of its area for each that is known.
        assert len(fills) == 3 + 2
        assert fills.count(least_colour(found)) == 1


def test_a_run_without_any_cleared_land_has_the_colour_of_none(browser: Browser, tmp_path: Path) -> None:
    (run,) = seeded_history(1, regions=("one", "two")).runs
    run = replace(run, regions={"one": "s", "two": "s"}, hectares={"one": 0.0, "two": 0.0})
    with opened(browser, written(tmp_path, page(seeded_document(History().of_runs([run]))))) as found:
        assert fills_of_areas(found).count(least_colour(found)) == 2


def test_a_browser_without_javascript_shows_an_instruction_and_no_empty_part(
    browser: Browser, tmp_path: Path
) -> None:
    room = browser.new_context(java_script_enabled=False)
    found = room.new_page()
    found.goto(written(tmp_path, SEEDED).as_uri())
    assert "ccapi dashboard --json" in texts(found, "body")[0]
    assert not any(section.is_visible() for section in found.locator("section, select").all())
    room.close()


def test_a_page_without_runs_has_no_chart_choice_or_figure_of_them(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path, page(seeded_document(History())))) as found:
        for name in ("regions", "duration", "cost", "months", "hectares", "runs"):
            assert texts(found, f"#{name}") == ["There is no run yet."], name
        assert not found.locator("#shown").is_visible()
    with opened(browser, written(tmp_path, page(seeded_document(seeded_history(1))))) as found:
        assert not found.locator("#shown").is_visible()
        assert "the only run with results" in texts(found, "#ranking")[0]
        (bar,) = found.locator("#cost-chart .mark-rect path").all()
        assert (box := bar.bounding_box()) is not None
        assert box["width"] < 70


def test_the_note_on_links_names_a_login_only_if_they_lead_to_aws(browser: Browser, tmp_path: Path) -> None:
    note = "The name of a run is a link to its reports."
    with opened(browser, written(tmp_path, SEEDED)) as found:
        assert texts(found, "#runs .note") == [
            f"{note} The link needs a login to the AWS account 111111111111."
        ]
    (tmp_path / "reports").mkdir()
    with opened(browser, written(tmp_path / "reports", SEEDED)) as found:
        assert texts(found, "#runs .note") == [note]
        assert found.locator("#runs a").first.get_attribute("href") == "2026-W50/index.html"


def test_an_upper_bound_of_a_cost_is_shown_as_one(browser: Browser, tmp_path: Path) -> None:
    history = seeded_history()
    stopped = replace(history.runs[-1], cost_usd=Decimal("2.5"), more={"cost_is_at_most": True})
    document = seeded_document(replace(history, runs=(*history.runs[:-1], stopped)))
    with opened(browser, written(tmp_path, page(document))) as found:
        assert texts(found, "#cards .value")[1] == "at most $2.50"
        assert "1 run ended early and cost at most what the bar shows." in texts(found, "#cost")[0]
        assert "at most $2.50" in texts(found, "#runs tbody tr")[0]


def test_unknown_values_are_shown_as_unknown(browser: Browser, tmp_path: Path) -> None:
    unknown = seeded_document(alarms=None, schedule=None, budget_usd=None)
    with opened(browser, written(tmp_path, page(unknown))) as found:
        assert texts(found, "#cards .value")[2:] == ["unknown", "unknown"]
        assert "Share of the budget: unknown" in texts(found, "#cards")[0]
        (lost,) = [row for row in texts(found, "#runs tbody tr") if "timed out" in row]
        assert re.findall("unknown", lost) == ["unknown"] * 3
        assert "$0" not in lost
    with opened(browser, written(tmp_path, page(seeded_document(History())))) as found:
        assert "none yet" in texts(found, "#cards")[0]
        assert "There is no run yet." in texts(found, "#runs")[0]
