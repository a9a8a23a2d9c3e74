import io
from collections.abc import Sequence

import numpy as np
import pytest

from tests.container.catalogs import CATALOG, REGIONS
from worker.catalog import Region
from worker.s3 import Bucket
from worker.workloads import Failed, Job, Succeeded
from worker.workloads.sample import SampleWorkload
from worker.workloads.sample.clearings import week_later
from worker.workloads.sample.imagery import chip, window
from worker.workloads.sample.thresholds import LARGEST_WINDOW, SMALLEST_WINDOW


def job(cache: Bucket, chosen: Sequence[Region], **changes: object) -> Job:
    facts = {"catalog": CATALOG, "enable_scraping": True, "force_refresh": False} | changes
    return Job(run_id="2026-W48", period="2026-W47", regions=chosen, cache=cache, **facts)  # type: ignore[arg-type]


def analysed(cache: Bucket, region: Region, **changes: object) -> Succeeded:
    [outcome] = SampleWorkload().outcomes(job(cache, [region], **changes), lambda: None)
    assert isinstance(outcome, Succeeded)
    return outcome


def test_every_region_has_a_window_of_its_own() -> None:
    windows = [window(region.name) for region in REGIONS]
    assert len(set(windows)) == len(windows)
    assert all(
        SMALLEST_WINDOW <= side <= LARGEST_WINDOW for made in windows for side in (made.height, made.width)
    )


def test_the_first_image_is_made_of_real_pixels_only() -> None:
    place = window("merak_port_corridor")
    image = place.of(chip())
    assert image.shape == (4, place.height, place.width)
    assert 0 < image.min() < image.max() < 0.6


def test_the_image_of_a_region_and_week_is_deterministic_and_unique() -> None:
    before = window("merak_port_corridor").of(chip())
    first = week_later(before, "merak_port_corridor", "2026-W48")
    again = week_later(before, "merak_port_corridor", "2026-W48")
    other = week_later(before, "merak_port_corridor", "2026-W49")
    assert np.array_equal(first.after, again.after)
    assert not np.array_equal(first.after, other.after)


def test_findings_add_up(cache: Bucket) -> None:
    for outcome in SampleWorkload().outcomes(job(cache, REGIONS[:6]), lambda: None):
        assert isinstance(outcome, Succeeded)
        findings = outcome.findings
        assert findings.change_count == len(findings.changes)
        assert sum(change.area_ha for change in findings.changes) == pytest.approx(findings.area_ha)
        west, south, east, north = outcome.region.bbox or (0, 0, 0, 0)
        for change in findings.changes:
            assert west < change.bbox[0] < change.longitude < change.bbox[2] < east
            assert south < change.bbox[1] < change.latitude < change.bbox[3] < north
            assert change.ndvi_change < 0
            assert 0 <= change.confidence <= 1


def test_an_image_is_fetched_once_and_then_comes_from_the_cache(cache: Bucket) -> None:
    region = REGIONS[0]
    assert analysed(cache, region).findings.imagery == "source"
    kept = analysed(cache, region)
    assert kept.findings.imagery == "cache"


def test_the_images_of_several_regions_come_from_the_cache_where_it_has_them(cache: Bucket) -> None:
    first, second, third = REGIONS[:3]
    analysed(cache, second)
    outcomes = SampleWorkload().outcomes(job(cache, [first, second, third]), lambda: None)
    found = [outcome.findings.imagery for outcome in outcomes if isinstance(outcome, Succeeded)]
    assert found == ["source", "cache", "source"]


def test_force_refresh_fetches_and_keeps_the_image_anew(cache: Bucket) -> None:
    region = REGIONS[0]
    key = f"imagery/sample/{region.name}.npz"
    analysed(cache, region)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, image=np.full((4, 100, 100), 0.1, dtype=np.float32))
    cache.write(key, buffer.getvalue(), "application/octet-stream")
    assert analysed(cache, region, force_refresh=True).findings.imagery == "source"
    kept = cache.read(key)
    assert kept is not None
    with np.load(io.BytesIO(kept)) as archive:
        assert np.array_equal(archive["image"], window(region.name).of(chip()))


@pytest.mark.parametrize("broken", [b"", b"no image", b"PK\x03\x04 half an archive"])
def test_a_broken_image_in_the_cache_is_fetched_anew(cache: Bucket, broken: bytes) -> None:
    region = REGIONS[0]
    cache.write(f"imagery/sample/{region.name}.npz", broken, "application/octet-stream")
    assert analysed(cache, region).findings.imagery == "source"
    assert analysed(cache, region).findings.imagery == "cache"


def test_the_cache_changes_nothing_in_the_findings_or_the_report(cache: Bucket) -> None:
    region = REGIONS[0]
    first, second = analysed(cache, region), analysed(cache, region)
    assert first.report == second.report
    assert first.findings.changes == second.findings.changes


def test_scraping_adds_the_market_and_its_absence_leaves_it_out(cache: Bucket) -> None:
    region = REGIONS[0]
    market = analysed(cache, region).findings.market
    assert market is not None
    assert "invented" in market.source
    assert analysed(cache, region, enable_scraping=False).findings.market is None


def test_a_region_without_imagery_fails_alone(cache: Bucket) -> None:
    first, second, third = REGIONS[:3]
    cache.write(f"imagery/sample/{second.name}.npz", b"unavailable", "text/plain")
    outcomes = list(SampleWorkload().outcomes(job(cache, [first, second, third]), lambda: None))
    assert [type(outcome) for outcome in outcomes] == [Succeeded, Failed, Succeeded]
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].error == (
        f"Satellite data unavailable for {second.name}: no image without cloud in 2026-W47"
    )


@pytest.mark.parametrize("force_refresh", [False, True])
def test_the_only_region_of_a_share_without_imagery_fails_also_when_it_is_refreshed(
    cache: Bucket, force_refresh: bool
) -> None:
    cache.write(f"imagery/sample/{REGIONS[0].name}.npz", b"unavailable", "text/plain")
    given = job(cache, REGIONS[:1], force_refresh=force_refresh)
    [outcome] = SampleWorkload().outcomes(given, lambda: None)
    assert isinstance(outcome, Failed)


def test_a_slow_download_goes_in_small_steps_with_progress_in_each(cache: Bucket) -> None:
    slept: list[float] = []
    beats = []
    workload = SampleWorkload(seconds_per_region=3, sleep=slept.append)
    list(workload.outcomes(job(cache, REGIONS[:1]), lambda: beats.append(1)))
    assert sum(slept) == pytest.approx(3)
    assert max(slept) < 1
    assert len(beats) >= len(slept)
