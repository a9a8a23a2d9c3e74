"""A worker's requests to S3 match the permissions of its role, action by action and prefix by prefix."""

from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.machines.asl import Permission
from components.resources.task_definition import worker_permissions
from tests.container.catalogs import NAMES
from tests.container.programs import Program
from tests.container.runs import monitored, planned, summarized
from tests.stacks import CATALOG_NAME, names_of, settings_of
from worker.journal import journal_key
from worker.monitor import monitor
from worker.results import region_key, shard_key
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.validate import validate
from worker.workloads.sample import SampleWorkload

ACTIONS = {
    "GetObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
    "ListObjectsV2": "s3:ListBucket",
}

Asked = tuple[str, str, str]
"""An operation, a bucket, and a key or a prefix."""


@pytest.fixture
def asked(reports: Bucket, cache: Bucket) -> Iterator[set[Asked]]:
    """Return the requests to S3 of every client of these buckets."""
    found: set[Asked] = set()

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        found.add((model.name, params.get("Bucket", ""), params.get("Key") or params.get("Prefix", "")))

    clients = [reports._client, cache._client]
    for client in clients:
        client.meta.events.register("before-parameter-build.s3", note)
    yield found
    for client in clients:
        client.meta.events.unregister("before-parameter-build.s3", note)


def is_allowed(one: Asked, permissions: tuple[Permission, ...], buckets: dict[str, str]) -> bool:
    operation, bucket, key = one
    action, arn = ACTIONS[operation], buckets[bucket]
    for permission in permissions:
        if action not in permission.actions:
            continue
        if action == "s3:ListBucket":
            ((_, _, prefix),) = permission.condition
            if arn in permission.resources and fnmatchcase(key, prefix):
                return True
        elif any(fnmatchcase(f"{arn}/{key}", resource) for resource in permission.resources):
            return True
    return False


def refused(asked: set[Asked], environment: str, reports: Bucket, cache: Bucket) -> list[Asked]:
    names, settings = names_of(environment), settings_of(environment)
    permissions = worker_permissions(names, settings.worker, settings.command)
    buckets = {reports.name: names.bucket_arn("reports"), cache.name: names.bucket_arn("cache")}
    return sorted(one for one in asked if not is_allowed(one, permissions, buckets))


def test_a_program_and_its_cache_stay_within_the_role(
    program: Program, asked: set[Asked], reports: Bucket, cache: Bucket
) -> None:
    program.behaves(fail=[NAMES[3]])
    program.run()
    program.run()
    assert {operation for operation, _, _ in asked} >= {"GetObject", "PutObject", "ListObjectsV2"}
    assert refused(asked, "prod", reports, cache) == []


def test_a_check_and_the_sample_stay_within_the_role(
    asked: set[Asked], reports: Bucket, cache: Bucket
) -> None:
    names = {"S3_REPORTS_BUCKET": reports.name, "S3_CACHE_BUCKET": cache.name, "CATALOG": CATALOG_NAME}
    settings = Settings.from_environment({"RUN_ID": "2026-W48", "RUN_INPUT": '{"regions_count": 2}', **names})
    now = datetime(2026, 11, 25, tzinfo=UTC)
    for _ in range(2):
        validate(settings, SampleWorkload(), reports=reports, cache=cache, progress=lambda: None, now=now)
        monitor(
            settings,
            SampleWorkload(),
            reports=reports,
            cache=cache,
            progress=lambda: None,
            beat=lambda: None,
            log_stream=None,
        )
    assert {operation for operation, _, _ in asked} == set(ACTIONS)
    assert refused(asked, "local", reports, cache) == []


def test_a_journal_a_redo_and_the_reduce_step_stay_within_the_role(
    asked: set[Asked], reports: Bucket, cache: Bucket
) -> None:
    plan = planned(cache, shards=2, names=NAMES[:4])
    monitored(SampleWorkload(), reports, cache, shard=0)
    reports.write(region_key(plan.run_id, NAMES[0]), b"", JSON)
    monitored(SampleWorkload(), reports, cache, shard=0, attempt=1)
    reports.delete(shard_key(plan.run_id, 0))
    asked.clear()
    assert summarized(reports, cache)["succeeded"] == 2
    read = {key for operation, _, key in asked if operation == "GetObject"}
    assert read >= {journal_key(plan.run_id, 1), region_key(plan.run_id, NAMES[0])}
    monitored(SampleWorkload(), reports, cache, shard=1)
    assert ("PutObject", cache.name, journal_key(plan.run_id, 1)) in asked
    assert refused(asked, "local", reports, cache) == []


def test_the_claims_and_the_last_success_are_refused(reports: Bucket, cache: Bucket) -> None:
    keys = ("claims/active", "claims/runs/2026-W48", "state/last-success.json", "workloads/sample/x")
    asked = {(operation, cache.name, key) for operation in ACTIONS for key in keys}
    assert len(refused(asked, "prod", reports, cache)) == len(asked)
