import re
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from docs.cost.figures import Figures, Month, read
from docs.cost.picture import INKS, drawn, picture
from guardrails.cost.bill import Case
from guardrails.cost.report import usd

SVG = "{http://www.w3.org/2000/svg}"
# The pages of GitHub: https://primer.style/product/primitives/color/
PAGES = {"light": "#ffffff", "dark": "#0d1117"}
INK = INKS["light"]
LEAST_CONTRAST = 4.5  # Source: https://www.w3.org/TR/WCAG22/#contrast-minimum


def month(**by_service: str) -> Month:
    amounts = {service: Decimal(amount) for service, amount in by_service.items()}
    total = sum(amounts.values(), Decimal(0))
    return Month(usd=total, usd_after_free_tier=total, is_bounded=True, by_service=amounts)


def stack(expected: Month, worst: Month) -> Figures:
    return replace(read("prod"), month={Case.EXPECTED: expected, Case.WORST: worst})


def texts(svg: str) -> list[str]:
    return [str(text.text) for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


def widths(svg: str) -> list[float]:
    return [float(width) for width in re.findall(r'<rect x="[\d.]+" width="([\d.]+)"', svg)]


def luminance(colour: str) -> float:
    named = {"black": "#000000", "white": "#ffffff"}.get(colour, colour)
    parts = [int(named[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_a_stack_has_a_bar_for_the_expected_month_and_one_for_the_worst_with_its_total() -> None:
    shown = texts(picture({"prod": stack(month(a="1"), month(a="12"))}, INK))
    assert shown[-6:] == ["prod", "expected", "$1.00", "at worst", "$12.00", "$12.00"]


def test_bars_are_proportional_and_the_longest_fills_the_width() -> None:
    expected, *_, longest, _ = widths(picture({"prod": stack(month(a="3"), month(a="12"))}, INK))
    assert longest == 341
    assert expected + 1 == pytest.approx((longest + 1) / 4)


def test_the_parts_of_a_bar_lie_side_by_side() -> None:
    svg = picture({"prod": stack(month(a="3", b="9"), month(a="3", b="9"))}, INK)
    first, second, *_ = (float(x) for x in re.findall(r'<rect x="([\d.]+)"', svg))
    assert second - first == pytest.approx(widths(svg)[0] + 1)


def test_an_amount_that_does_not_fit_is_omitted() -> None:
    shown = texts(picture({"prod": stack(month(a="10", b="0.40"), month(a="10"))}, INK))
    assert "$10.00" in shown
    assert usd(Decimal("0.40")) not in shown


def test_the_most_expensive_services_have_their_own_colour() -> None:
    many = month(a="5", b="4", c="3", d="2", e="1.9", f="1.8")
    shown = texts(picture({"prod": stack(many, many)}, INK))
    assert shown[1:6] == ["a", "b", "c", "d", "others"]
    assert "$3.70" in shown


def test_a_month_without_an_upper_bound_has_a_plus_sign() -> None:
    more = replace(month(a="12"), is_bounded=False)
    assert texts(picture({"prod": stack(month(a="1"), more)}, INK))[-1] == "$12.00+"


@pytest.mark.parametrize("kind", INKS)
def test_every_text_can_be_read_on_its_page_and_on_its_bar(kind: str) -> None:
    svg = drawn(kind)
    assert contrast(INKS[kind], PAGES[kind]) >= LEAST_CONTRAST
    labels = re.findall(r'fill="(\S+)"/>\n\s*<text [^>]*text-anchor="middle" fill="(\S+)"', svg)
    assert labels
    assert all(contrast(fill, label) >= LEAST_CONTRAST for fill, label in labels)


def test_every_text_is_within_the_picture() -> None:
    svg = picture({"prod": read("prod")}, INK)
    (width, height) = map(float, re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    total = usd(read("prod").month[Case.WORST].usd)
    (x,) = re.findall(rf'x="([\d.]+)" y="17" font-weight="bold">{re.escape(total)}<', svg)
    assert float(x) + 8 * len(total) <= width
    assert height == 22 * 3 + 14 + 22 + 2 * 28
