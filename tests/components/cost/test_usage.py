"""The usage of a run besides its states; tests/local/run compares it with the local AWS's meter."""

from decimal import Decimal
from typing import Any

import pytest

from components.cost.usage import REGIONS_A_PAGE, run_usage, watch_usage
from tests.stacks import settings_of
from worker.reports.index_page import ROWS_A_PAGE

HOUR = 3_600
PUT, GET = "s3_put_request", "s3_get_request"


METERED_REGIONS = 29


def uses(seconds: int = 60, regions: int = METERED_REGIONS, **changes: Any) -> dict[str, str]:
    settings = settings_of("prod", **changes)
    monitoring = settings.monitoring.model_copy(update={"regions_count": regions})
    return run_usage(settings.model_copy(update={"monitoring": monitoring}), seconds)


# As metered, for a run whose imagery is cached.
@pytest.mark.parametrize(
    ("regions", "shards", "put", "get"),
    [(29, 1, 163, 36), (1, 1, 20, 8), (5, 1, 43, 12), (29, 2, 165, 39), (29, 29, 132, 93)],
)
def test_the_sample_reads_and_writes_for_each_region_and_each_shard(
    regions: int, shards: int, put: int, get: int
) -> None:
    sample = {"workload": "sample", "shards": shards}
    found = uses(regions=regions, worker=sample)
    assert (found[PUT], found[GET]) == (str(put), str(get))
    assert "secret_request" not in found


def test_a_page_has_as_many_regions_as_the_worker_writes_on_one() -> None:
    assert REGIONS_A_PAGE == ROWS_A_PAGE
    one, two = (uses(regions=regions, worker={"workload": "sample"}) for regions in (300, 301))
    # The second page, and the pictures, the report, the result and the journal of a region.
    assert int(two[PUT]) - int(one[PUT]) == 1 + 5


def test_a_program_that_is_served_has_its_credentials_fetched() -> None:
    found = uses()
    assert (found[PUT], found[GET], found["secret_request"]) == ("49", "8", "2")


def test_logs_are_billed_as_they_come_and_as_long_as_they_are_kept() -> None:
    short, long = (uses(observability={"logRetentionDays": days}) for days in (30, 90))
    assert short["logs_ingested_gb"] == long["logs_ingested_gb"]
    stored = "logs_stored_gb_month"
    assert Decimal(long[stored]) == pytest.approx(3 * Decimal(short[stored]), rel=Decimal("0.001"))
    # 200 MB from the program, as long as the settings say nothing else, and 80,195 bytes from machine and worker.
    assert Decimal(short["logs_ingested_gb"]) * 1024**3 == pytest.approx(200_080_195, rel=Decimal("0.0001"))
    quiet = uses(worker={"workload": "command", "expectedLogMegabytesPerRun": 3})
    assert Decimal(quiet["logs_ingested_gb"]) * 1024**3 == pytest.approx(3_080_195, rel=Decimal("0.0001"))
    assert watch_usage(settings_of("prod")).keys() == {"logs_ingested_gb", stored}


@pytest.mark.parametrize(("seconds", "hours"), [(60, 1), (HOUR - 1, 1), (HOUR, 2), (5_483, 2)])
def test_container_insights_measures_workers_in_the_hours_in_which_they_work(
    seconds: int, hours: int
) -> None:
    key = "container_insights_metric_month"
    found = uses(seconds, observability={"containerInsights": True})
    assert Decimal(found[key]) == pytest.approx(Decimal(20 * hours) / 730, rel=Decimal("0.001"))
    assert key not in uses(seconds)
