"""The score of the sample workload's detections, over all regions and over weeks that no threshold was tuned on."""

import numpy as np
import pytest

from tests.container.catalogs import REGIONS
from worker.raster import Mask
from worker.workloads.sample.analysis import scored
from worker.workloads.sample.clearings import week_later
from worker.workloads.sample.detection import detect
from worker.workloads.sample.imagery import chip, window

Week = list[tuple[Mask, Mask]]
"""The detected and the true pixels of each region."""

WEEKS = ["2025-W01", "2026-W11", "2026-W30", "2026-W48", "2027-W20", "2031-W52"]


@pytest.fixture(scope="module", params=WEEKS)
def week(request: pytest.FixtureRequest) -> Week:
    pairs = []
    for region in REGIONS:
        before = window(region.name).of(chip())
        later = week_later(before, region.name, request.param)
        pairs.append((detect(before, later.after).mask, later.truth))
    return pairs


def test_precision_and_recall_over_all_regions_are_at_least_nine_tenths(week: Week) -> None:
    found = np.concatenate([found.ravel() for found, _ in week])
    truth = np.concatenate([truth.ravel() for _, truth in week])
    score = scored(found, truth)
    assert score.precision >= 0.9
    assert score.recall >= 0.9


def test_no_clearing_is_detected_in_regions_without_one(week: Week) -> None:
    quiet = [found for found, truth in week if not truth.any()]
    assert quiet, "each week leaves some regions alone"
    assert not any(found.any() for found in quiet)


def test_every_clearing_is_found_at_least_in_part(week: Week) -> None:
    assert all((found & truth).any() for found, truth in week if truth.any())


def test_finding_too_much_lowers_precision_and_too_little_lowers_recall() -> None:
    truth = np.zeros((10, 10), dtype=bool)
    truth[:4, :5] = True
    wide, narrow = truth.copy(), truth.copy()
    wide[4:8, :5] = True
    narrow[2:4, :5] = False
    assert (scored(wide, truth).precision, scored(wide, truth).recall) == (0.5, 1.0)
    assert (scored(narrow, truth).precision, scored(narrow, truth).recall) == (1.0, 0.5)


def test_no_detections_on_a_map_without_clearings_have_full_precision_and_recall() -> None:
    nothing = np.zeros((3, 3), dtype=bool)
    assert scored(nothing, nothing).precision == scored(nothing, nothing).recall == 1
