"""The analysis of a region: two images in; findings, score and report out."""

import math
from typing import Literal

import numpy as np

from worker.catalog import Region
from worker.raster import Image, Mask
from worker.reports import pictures
from worker.reports.region_pdf import RegionReport, region_pdf
from worker.reports.sentences import limits, method, notice
from worker.results import Change, Findings, Outline, Score
from worker.workloads import Job, Succeeded
from worker.workloads.sample.clearings import week_later
from worker.workloads.sample.detection import Detection, detect
from worker.workloads.sample.market import market_in
from worker.workloads.sample.outlines import Corner, outlines
from worker.workloads.sample.thresholds import BRIGHTNESS_RISE, CERTAIN, NDVI_FALL, PIXEL_HA, PIXEL_METRES

_METRES_PER_DEGREE = 111_320
# 0.1 m
_DECIMALS = 6


def analyse(region: Region, before: Image, origin: Literal["cache", "source"], job: Job) -> Succeeded:
    """Compare a region's image with the one a week later; return findings and report."""
    week = week_later(before, region.name, job.period)
    detection = detect(before, week.after)
    changes = tuple(_change(region, detection, number) for number in range(1, detection.patch_count + 1))
    findings = Findings(
        change_count=len(changes),
        area_ha=_hectares(detection.mask),
        period=job.period,
        changes=changes,
        imagery=origin,
        score=scored(detection.mask, week.truth),
        market=market_in(region) if job.enable_scraping else None,
    )
    report = RegionReport(
        region=region,
        catalog=job.catalog,
        run_id=job.run_id,
        period=job.period,
        findings=findings,
        before=pictures.true_colour(before),
        after=pictures.true_colour(week.after),
        change=pictures.change_map(week.after, detection.patches),
        width_metres=before.shape[2] * PIXEL_METRES,
        height_metres=before.shape[1] * PIXEL_METRES,
        notice=notice("sample"),
        method=(*method("sample"), *limits("sample")),
    )
    comparison = pictures.comparison(before, week.after, detection.patches)
    return Succeeded(region, findings, region_pdf(report), comparison)


def scored(found: Mask, truth: Mask) -> Score:
    """Return precision and recall of the detected pixels; both are 1 if there is nothing to find and nothing found."""
    right = int((found & truth).sum())
    return Score(
        precision=round(right / found.sum(), 4) if found.any() else 1.0,
        recall=round(right / truth.sum(), 4) if truth.any() else 1.0,
        true_area_ha=_hectares(truth),
    )


def _change(region: Region, detection: Detection, number: int) -> Change:
    patch = detection.patches == number
    rows, columns = np.nonzero(patch)
    longitude, latitude = _place(region, patch.shape, rows.mean(), columns.mean())
    west, north = _place(region, patch.shape, rows.min() - 0.5, columns.min() - 0.5)
    east, south = _place(region, patch.shape, rows.max() + 0.5, columns.max() + 0.5)
    certain = (detection.ndvi_change <= -CERTAIN * NDVI_FALL) & (
        detection.brightness_change >= CERTAIN * BRIGHTNESS_RISE
    )
    return Change(
        area_ha=_hectares(patch),
        longitude=longitude,
        latitude=latitude,
        bbox=(west, south, east, north),
        outline=_outline(region, patch),
        ndvi_change=round(float(detection.ndvi_change[patch].mean()), 2),
        confidence=round(float(certain[patch].mean()), 2),
    )


def _outline(region: Region, patch: Mask) -> Outline:
    """Return the polygons of a patch; a patch on both sides of the antimeridian is cut there, as RFC 7946 asks."""
    turns = np.array(
        [_turns(_unwrapped(region, patch.shape, 0, column)[0]) for column in range(patch.shape[1])]
    )

    def point(corner: Corner, turn: int) -> tuple[float, float]:
        # The place of a pixel is its middle, and a corner is half a pixel from it.
        longitude, latitude = _unwrapped(region, patch.shape, corner[0] - 0.5, corner[1] - 0.5)
        return round(min(max(longitude - 360 * turn, -180), 180), _DECIMALS), round(latitude, _DECIMALS)

    return tuple(
        tuple(tuple(point(corner, turn) for corner in ring) for ring in polygon)
        for turn in sorted(set(turns.tolist()))
        for polygon in outlines(patch & (turns == turn))
    )


def _place(region: Region, shape: tuple[int, ...], row: float, column: float) -> tuple[float, float]:
    """Return the longitude and latitude of a pixel of a window that lies in the middle of the region."""
    longitude, latitude = _unwrapped(region, shape, row, column)
    return round(longitude - 360 * _turns(longitude), _DECIMALS), round(latitude, _DECIMALS)


def _unwrapped(region: Region, shape: tuple[int, ...], row: float, column: float) -> tuple[float, float]:
    """Return the place of a pixel; beyond the antimeridian its longitude is outside of -180 to 180 degrees."""
    longitude, latitude = region.centre
    east_metres = (column + 0.5 - shape[1] / 2) * PIXEL_METRES
    north_metres = (shape[0] / 2 - row - 0.5) * PIXEL_METRES
    return (
        longitude + east_metres / (_METRES_PER_DEGREE * math.cos(math.radians(latitude))),
        latitude + north_metres / _METRES_PER_DEGREE,
    )


def _turns(longitude: float) -> int:
    """Return how often a longitude goes around the Earth: 0 from -180 to 180 degrees, 1 further east."""
    return math.floor((longitude + 180) / 360)


def _hectares(mask: Mask) -> float:
    return round(float(mask.sum()) * PIXEL_HA, 2)
