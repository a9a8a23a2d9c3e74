"""The number of S3 requests that a run makes, by its number of shards."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from tests.container.catalogs import NAMES
from tests.container.runs import RUN_ID, monitored, settings_of_worker, summarized
from tests.container.test_isolation import BUSY, Conduct, fails
from worker.errors import WorkerError
from worker.plan import plan_key, read_plan
from worker.results import region_key, shard_key
from worker.s3 import Bucket
from worker.validate import validate

FIRST = "arn:aws:states:us-east-1:123456789012:execution:weekly:first"


@pytest.fixture
def requests(reports: Bucket, cache: Bucket, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """The requests of both buckets so far, by operation."""
    asked: Counter[str] = Counter()
    client = boto3.client("s3")
    client.meta.events.register("before-send.s3", lambda request, **_: asked.update([request.method]))
    client.meta.events.register("before-call.s3", lambda model, **_: asked.update([model.name]))
    for bucket in (reports, cache):
        monkeypatch.setattr(bucket, "_client", client)
    return asked


def planned(reports: Bucket, cache: Bucket, shards: int) -> None:
    settings = settings_of_worker(reports, cache, shards=shards, execution=FIRST)
    now = datetime(2026, 11, 25, tzinfo=UTC)
    validate(settings, Conduct(), reports=reports, cache=cache, progress=lambda: None, now=now)


def run(reports: Bucket, cache: Bucket, shards: int) -> None:
    planned(reports, cache, shards)
    for shard in range(shards):
        assert monitored(Conduct(), reports, cache, shard=shard, execution=FIRST)["status"] == "succeeded"
    assert summarized(reports, cache, execution=FIRST)["succeeded"] == len(NAMES)


def in_all(requests: Counter[str]) -> int:
    return sum(requests[method] for method in ("GET", "HEAD", "PUT", "DELETE", "POST"))


# A region has a report, two pictures, a result and an entry in the journal, which a share of one region does without. A
# shard has the plan, its result and the reduce step's request for that. A share of one region leaves no result besides
# the region's.
@pytest.mark.parametrize(("shards", "each"), [(1, (5, 3)), (2, (5, 3)), (10, (5, 3)), (len(NAMES), (4, 2))])
def test_a_shard_costs_a_fixed_number_of_requests(
    requests: Counter[str], reports: Bucket, cache: Bucket, shards: int, each: tuple[int, int]
) -> None:
    run(reports, cache, shards)
    a_region, a_shard = each
    # `validate` lists, writes and deletes in both buckets, and reads and writes the plan; the reduce step reads the
    # plan and the history, lists the results, and writes both files of clearings, the page and the summary. To balance
    # several shards, `validate` reads the history too.
    balances = shards > 1
    assert in_all(requests) == len(NAMES) * a_region + shards * a_shard + 8 + balances + 7
    assert requests["ListObjectsV2"] == 2 + 1


def test_a_later_attempt_requests_only_the_regions_of_its_share(
    requests: Counter[str], reports: Bucket, cache: Bucket
) -> None:
    planned(reports, cache, 10)
    share = read_plan(cache, RUN_ID).shards[3].regions
    with pytest.raises(WorkerError):
        monitored(Conduct(**{share[1]: fails(BUSY)}), reports, cache, shard=3, execution=FIRST)
    requests.clear()
    retry = Conduct()
    answer = monitored(retry, reports, cache, shard=3, execution=FIRST, attempt=1)
    # The suspect goes last.
    assert retry.worked_on == [share[2], share[1]]
    assert (answer["succeeded"], answer["skipped"]) == (2, 1)
    # The plan, the journal, and the result of each region of the share.
    assert (requests["GetObject"], requests["ListObjectsV2"]) == (2 + len(share), 0)


@pytest.mark.parametrize("changes", [{"attempt": 1}, {"execution": "redo"}, {"execution": ""}])
def test_a_share_of_one_region_is_not_done_twice(
    reports: Bucket, cache: Bucket, changes: dict[str, Any]
) -> None:
    planned(reports, cache, len(NAMES))
    answer = monitored(Conduct(), reports, cache, execution=FIRST)
    assert answer["result_key"] == region_key(RUN_ID, NAMES[0])
    again = Conduct()
    answer = monitored(again, reports, cache, **{"execution": FIRST, **changes})
    assert (again.worked_on, answer["skipped"]) == ([], 1)
    assert answer["result_key"] == shard_key(RUN_ID, 0)


def test_a_share_of_one_region_that_failed_leaves_its_reason(reports: Bucket, cache: Bucket) -> None:
    planned(reports, cache, len(NAMES))
    conduct = Conduct(**{NAMES[0]: fails(ValueError("no image"))})
    answer = monitored(conduct, reports, cache, execution=FIRST)
    assert answer["result_key"] == shard_key(RUN_ID, 0)
    assert summarized(reports, cache)["failures"][0] == {"region": NAMES[0], "error": "ValueError: no image"}
    assert monitored(Conduct(), reports, cache, execution="redo")["succeeded"] == 1
    assert summarized(reports, cache)["succeeded"] == 1


def test_a_plan_of_an_earlier_version_is_read_and_its_results_are_requested(
    reports: Bucket, cache: Bucket
) -> None:
    planned(reports, cache, 1)
    plan = read_plan(cache, RUN_ID)
    cache.write(
        plan_key(RUN_ID), plan.model_dump_json(exclude={"first_execution"}).encode(), "application/json"
    )
    monitored(Conduct(), reports, cache, execution=FIRST)
    assert monitored(Conduct(), reports, cache, execution=FIRST)["skipped"] == len(NAMES)
