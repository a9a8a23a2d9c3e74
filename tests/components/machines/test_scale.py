"""Runs with many regions in many shards: no state has more data, and no history more events, than AWS takes."""

from typing import Any

import pytest

from components.machines.weekly.state_names import WeeklyState
from components.settings.bounds import worker_backoff
from components.settings.worker import INLINE_SHARDS, MAX_SHARDS
from local.emulator.limits import MAX_PAYLOAD_BYTES
from local.emulator.moto_patches.history_length import MAX_EVENTS
from tests.components.machines.outcomes import outcome_of
from tests.components.machines.runs import (
    NOTHING_REPORTED,
    done,
    fails,
    run,
    sharded,
    stalled,
)
from tests.components.machines.walk import Call, Failed, Walk
from tests.stacks import settings_of
from worker.answers import reported_failures, reported_warnings

REGIONS = 29_000
# The most shards of an inline Map and of a distributed one.
SHARDS = pytest.mark.parametrize("shards", [INLINE_SHARDS, MAX_SHARDS])
NOT_SUMMARIZED = {
    WeeklyState.SUMMARIZE_RUN: fails(Failed("Worker.ServiceUnavailable", "S3 does not answer."))
}
# A quote has two bytes in JSON and four in JSON within JSON, a control character six, and a satellite four.
TEXTS = ("no imagery; ", '"', "\x07", "🛰")


def failed_shard(shard: int, shards: int, text: str) -> dict[str, Any]:
    """Return the answer of a shard whose regions all failed with long errors, which its worker cuts."""
    names = [f"region_{shard:02}_{number:04}_{'x' * 50}" for number in range(REGIONS // shards)]
    return {
        **done(shard, succeeded=0),
        "failed": len(names),
        "failures": reported_failures([(name, text * 300) for name in names], shards),
        "warnings": reported_warnings([f"{shard} {number} {text * 300}" for number in range(50)], shards),
        "result_key": f"weekly/{'r' * 128}/shards/{shard}.json",
        "log_stream": f"worker/monitor/{shard:032}",
    }


def within_the_limits(walked: Walk) -> dict[str, int]:
    assert max(walked.payloads.values()) <= MAX_PAYLOAD_BYTES
    assert walked.events < MAX_EVENTS
    return walked.payloads


@SHARDS
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("others", [{}, NOT_SUMMARIZED | NOTHING_REPORTED])
def test_shards_whose_regions_all_fail_fit_into_each_state(
    text: str, others: dict[str, Any], shards: int
) -> None:
    failed = [failed_shard(shard, shards, text) for shard in range(shards)]
    walked = run(*failed, regions=REGIONS, settings=sharded(shards, REGIONS), others=others)
    within_the_limits(walked)
    assert outcome_of(walked)["status"] == "failed"
    assert walked.path.count(WeeklyState.RUN_SHARD) == shards


@SHARDS
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("others", [{}, NOT_SUMMARIZED | NOTHING_REPORTED])
def test_shards_that_are_all_lost_after_every_retry_fit_into_each_state(
    text: str, others: dict[str, Any], shards: int
) -> None:
    lost, settings = Failed("Worker.Crashed", text * 9_000), sharded(shards, REGIONS)
    walked = run(*[fails(lost)] * shards, regions=REGIONS, settings=settings, others=stalled() | others)
    within_the_limits(walked)
    attempts = 1 + worker_backoff(settings.run).max_attempts
    assert len(walked.called(WeeklyState.RUN_SHARD)) == shards * attempts
    assert outcome_of(walked)["status"] == "failed"


@SHARDS
def test_lost_shards_with_the_longest_names_of_errors_fit_into_each_state(shards: int) -> None:
    lost = fails(Failed("E" * 256, "\x07" * 9_000))
    others = stalled() | NOT_SUMMARIZED | NOTHING_REPORTED
    settings = sharded(shards, REGIONS)
    walked = run(*[lost] * shards, regions=REGIONS, settings=settings, others=others)
    within_the_limits(walked)
    assert outcome_of(walked)["status"] == "failed"


def test_the_errors_of_a_few_shards_are_whole() -> None:
    def lost(_: Call) -> Any:
        raise Failed("Worker.Crashed", "e" * 1_500)

    settings = settings_of("dev", monitoring={"regionsCount": 2}, worker={"shards": 2})
    walked = run(lost, lost, regions=2, settings=settings, others=stalled() | NOT_SUMMARIZED)
    assert outcome_of(walked)["failures"][0]["error"] == "Worker.Crashed: " + "e" * 1_500
