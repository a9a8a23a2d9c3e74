"""The report on one region: a PDF page in A4."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from PIL import Image as Pillow
from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfgen.canvas import Canvas

from worker.catalog import Catalog, Region
from worker.reports.map_frame import MapFrame
from worker.reports.periods import monday_of, week_from, week_title
from worker.results import Findings, Market

# Binary streams are a fifth smaller than ASCII85 and take half the time.
rl_config.useA85 = 0

INK = HexColor(0x1A1F24)
QUIET = HexColor(0x66707A)
RULE = HexColor(0xD9DEE2)
LAND = HexColor(0xE4E8E1)
BOX = HexColor(0xA9B1B8)
ACCENT = HexColor(0xC2410C)


class Style(NamedTuple):
    """The font, size and colour of a text."""

    size: float
    colour: Color
    font: str = "Helvetica"


KICKER = Style(8, ACCENT, "Helvetica-Bold")
HEADLINE = Style(22, INK, "Helvetica-Bold")
SUBTITLE = Style(10, QUIET)
FIGURE = Style(17, INK, "Helvetica-Bold")
CAPTION = Style(8.5, INK, "Helvetica-Bold")
NOTE = Style(8, QUIET)
FACT = Style(8, INK)
CELL = Style(9.5, INK)
SMALL_PRINT = Style(7.5, QUIET)
NOTICE = Style(8, white, "Helvetica-Bold")
ON_PICTURE = Style(7, white, "Helvetica-Bold")

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
GUTTER = 5 * mm
# FILL_EVEN_ODD of reportlab.pdfgen.canvas, which the package's type stubs lack.
EVEN_ODD = 0
MAP_WIDTH, MAP_HEIGHT = 98 * mm, 31 * mm
ROW_HEIGHT = 6.5 * mm
ROWS_SHOWN = 6


@dataclass(frozen=True)
class RegionReport:
    """The content of a report; the three pictures have the same size."""

    region: Region
    catalog: Catalog
    run_id: str
    period: str
    findings: Findings
    before: Pillow.Image
    after: Pillow.Image
    change: Pillow.Image
    width_metres: int
    height_metres: int
    notice: str | None = None
    """The notice at the top of the page."""
    method: tuple[str, ...] = ()
    """Sentences about the method and its limits."""


def region_pdf(report: RegionReport) -> bytes:
    """Return the report as PDF, the same bytes for the same facts."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    canvas.setTitle(f"{report.region.heading}, {week_title(report.period)}")
    canvas.setAuthor("Land clearing monitor")
    canvas.setSubject(f"Land clearing, run {report.run_id}")
    _notice(canvas, report.notice)
    top = _heading(canvas, report, A4[1] - MARGIN)
    top = _figures(canvas, report.findings, top - 10 * mm)
    top = _pictures(canvas, report, top - 8 * mm)
    _facts(canvas, report, MARGIN + MAP_WIDTH + GUTTER, top - 10 * mm)
    top = _map(canvas, report.catalog, report.region, top - 8 * mm)
    _changes(canvas, report, top - 8 * mm)
    _footer(canvas, report)
    canvas.save()
    return buffer.getvalue()


def _notice(canvas: Canvas, notice: str | None) -> None:
    """Write the notice across the top margin, over the whole width of the page."""
    if notice is None:
        return
    height = 9 * mm
    canvas.setFillColor(ACCENT)
    canvas.rect(0, A4[1] - height, A4[0], height, stroke=0, fill=1)
    _text(canvas, MARGIN, A4[1] - height / 2 - NOTICE.size / 3, notice, NOTICE)


def _heading(canvas: Canvas, report: RegionReport, top: float) -> float:
    region = report.region
    _text(canvas, MARGIN, top - 3 * mm, "LAND CLEARING REPORT", KICKER)
    week = week_title(report.period)
    left = MARGIN + WIDTH - canvas.stringWidth(week, NOTE.font, NOTE.size)
    _text(canvas, left, top - 3 * mm, week, NOTE)
    _text(canvas, MARGIN, top - 13.5 * mm, region.heading, HEADLINE)
    about = [report.catalog.title, *region.labels.values(), f"Priority {region.priority}"]
    _text(canvas, MARGIN, top - 19.5 * mm, "  ·  ".join(about), SUBTITLE)
    return top - 19.5 * mm


def _figures(canvas: Canvas, findings: Findings, top: float) -> float:
    largest = max((change.area_ha for change in findings.changes), default=0)
    figures = [
        (str(findings.change_count), "clearing found" if findings.change_count == 1 else "clearings found"),
        (f"{findings.area_ha:.2f} ha", "cleared in all"),
        (f"{largest:.2f} ha", "the largest"),
    ]
    if market := findings.market:
        figures.append((_price(market), market.source))
    for column, (value, meaning) in enumerate(figures):
        left = MARGIN + column * WIDTH / 4
        _text(canvas, left, top - 6 * mm, value, FIGURE)
        _text(canvas, left, top - 10.5 * mm, meaning, NOTE)
    return top - 10.5 * mm


def _price(market: Market) -> str:
    millions = market.price_per_m2 / 1e6
    amount = f"{millions:.1f} m" if millions >= 1 else f"{market.price_per_m2:,}"
    return f"{amount} {market.currency}/m²"


def _pictures(canvas: Canvas, report: RegionReport, top: float) -> float:
    width = (WIDTH - 2 * GUTTER) / 3
    height = width * report.height_metres / report.width_metres
    captions = (
        (report.before, "Before", "natural colour"),
        (report.after, "After", "natural colour"),
        (report.change, "Change", "plants in red, clearings outlined"),
    )
    for column, (picture, caption, meaning) in enumerate(captions):
        left = MARGIN + column * (width + GUTTER)
        canvas.drawImage(_jpeg(picture), left, top - height, width, height)
        base = top - height - 4.5 * mm
        _text(canvas, left, base, caption, CAPTION)
        _text(
            canvas,
            left + canvas.stringWidth(caption, CAPTION.font, CAPTION.size) + 1.5 * mm,
            base,
            meaning,
            NOTE,
        )
    _scale_bar(canvas, MARGIN + 3 * mm, top - height + 3 * mm, 200 * width / report.width_metres)
    return top - height - 4.5 * mm


def _scale_bar(canvas: Canvas, left: float, bottom: float, length: float) -> None:
    canvas.setStrokeColor(white)
    canvas.setLineWidth(1.6)
    canvas.line(left, bottom, left + length, bottom)
    _text(canvas, left, bottom + 1.4 * mm, "200 m", ON_PICTURE)


def _map(canvas: Canvas, catalog: Catalog, chosen: Region, top: float) -> float:
    if catalog.extent is None:
        return top
    frame = MapFrame(catalog.extent, max_width=MAP_WIDTH, max_height=MAP_HEIGHT)

    def place(longitude: float, latitude: float) -> tuple[float, float]:
        right, down = frame.place(longitude, latitude)
        return MARGIN + right, top - down

    canvas.setFillColor(LAND)
    path = canvas.beginPath()
    for outline in catalog.coast:
        path.moveTo(*place(*outline[0]))
        for longitude, latitude in outline[1:]:
            path.lineTo(*place(longitude, latitude))
        path.close()
    # A sea within the land is not filled.
    canvas.drawPath(path, stroke=0, fill=1, fillMode=EVEN_ODD)
    for region in (*catalog.regions, chosen):
        if region.bbox is None:
            continue
        is_chosen = region is chosen
        west, south, east, north = region.bbox
        left, bottom = place(west, south)
        right, upper = place(east, north)
        canvas.setStrokeColor(ACCENT if is_chosen else BOX)
        canvas.setLineWidth(1.8 if is_chosen else 0.5)
        canvas.rect(left, bottom, right - left, upper - bottom)
    return top - MAP_HEIGHT


def _facts(canvas: Canvas, report: RegionReport, left: float, top: float) -> None:
    longitude, latitude = report.region.centre
    monday = monday_of(report.period)
    facts = (
        ("Before", week_from(monday - timedelta(weeks=1))),
        ("After", week_from(monday)),
        ("Centre", _place(longitude, latitude)),
        ("Extent", f"{report.width_metres / 1000:.2f} × {report.height_metres / 1000:.2f} km around it"),
    )
    for row, (name, fact) in enumerate(facts):
        base = top - 3 * mm - row * ROW_HEIGHT
        _text(canvas, left, base, name, NOTE)
        _text(canvas, left + 13 * mm, base, fact, FACT)


def _changes(canvas: Canvas, report: RegionReport, top: float) -> None:
    changes = report.findings.changes
    if not changes:
        _text(canvas, MARGIN, top - 4 * mm, "No clearing was found.", CELL)
        return
    lefts = [MARGIN + share * WIDTH for share in (0, 0.06, 0.24, 0.6, 0.8)]
    _row(canvas, lefts, top - 3 * mm, ("", "Area", "Centre", "NDVI change", "Confidence"), NOTE)
    base = top - 3 * mm
    for number, change in enumerate(changes[:ROWS_SHOWN], start=1):
        base -= ROW_HEIGHT
        _rule(canvas, base + 4.3 * mm)
        cells = (
            str(number),
            f"{change.area_ha:.2f} ha",
            _place(change.longitude, change.latitude),
            f"{change.ndvi_change:+.2f}".replace("-", "–"),
            f"{change.confidence:.0%}",
        )
        _row(canvas, lefts, base, cells, CELL)
    if len(changes) > ROWS_SHOWN:
        _text(canvas, MARGIN, base - ROW_HEIGHT, f"and {len(changes) - ROWS_SHOWN} smaller ones", NOTE)


def _footer(canvas: Canvas, report: RegionReport) -> None:
    lines = [
        "Map: the orange box is this region, grey boxes are the others. Numbers in the picture are those of the table.",
        *(line for sentence in report.method for line in _lines(sentence, SMALL_PRINT)),
    ]
    if score := report.findings.score:
        lines.append(
            "Sample imagery: real Sentinel-2 pixels of another place, with clearings drawn in."
            f" Against these, precision is {score.precision:.1%} and recall {score.recall:.1%}."
        )
    lines.append(f"Run {report.run_id}")
    step = 3.8 * mm
    _rule(canvas, MARGIN + len(lines) * step)
    for number, line in enumerate(reversed(lines)):
        _text(canvas, MARGIN, MARGIN + number * step, line, SMALL_PRINT)


def _lines(text: str, style: Style) -> list[str]:
    """Return a text as lines of the width of the page."""
    lines = simpleSplit(text, style.font, style.size, WIDTH)
    return [str(line) for line in lines]


def _row(canvas: Canvas, lefts: Sequence[float], base: float, cells: Sequence[str], style: Style) -> None:
    for left, cell in zip(lefts, cells, strict=True):
        _text(canvas, left, base, cell, style)


def _text(canvas: Canvas, left: float, base: float, text: str, style: Style) -> None:
    canvas.setFont(style.font, style.size)
    canvas.setFillColor(style.colour)
    canvas.drawString(left, base, text)


def _rule(canvas: Canvas, height: float) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, height, MARGIN + WIDTH, height)


def _place(longitude: float, latitude: float) -> str:
    north_or_south, east_or_west = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f}° {north_or_south}  {abs(longitude):.4f}° {east_or_west}"


def _jpeg(picture: Pillow.Image) -> ImageReader:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    buffer.seek(0)
    return ImageReader(buffer)
