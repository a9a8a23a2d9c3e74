"""The expected usage of a run, compared with the calls of a simulated run."""

import math
from typing import Any

import pytest

from components.cost.expected import expected_run, expected_watch
from components.cost.happy_path import run_transitions
from components.machines.watch.machine import SWEEP_INPUT, watch_machine
from components.settings import Settings
from components.settings.names import Names
from tests.components.machines.runs import SCHEDULED, contested, done, run, weekly
from tests.components.machines.watches import watched
from tests.stacks import REGION_NAMES, settings_of

ANCHORED = {"everyWeeks": 2, "anchorWeek": "2026-11-23"}
OTHERS: list[dict[str, Any]] = [
    {},
    {"worker": {"workload": "sample", "shards": 3}},
    {"run": {"overlap": "allow"}},
    {"schedule": ANCHORED},
    {"run": {"overlap": "wait", "timeoutSeconds": 86_400}},
]


def expected_run_of(settings: Settings) -> dict[str, Any]:
    return expected_run(settings, weekly(settings))


def expected_watch_of(settings: Settings) -> dict[str, Any]:
    return expected_watch(settings, watch_machine(settings, Names.of(settings)), "ccapi-machine")


def usual(settings: Settings) -> list[str]:
    """Return a walk through a run that takes the pipeline's claim from an execution that has ended."""
    shards = [done(shard, succeeded=2) for shard in range(settings.worker.shards)]
    walked = run(
        *shards,
        regions=2 * len(shards),
        settings=settings,
        execution_input=SCHEDULED,
        others=contested("Pipeline", status="SUCCEEDED"),
    )
    assert walked.failed is None
    return walked.path


@pytest.mark.parametrize("others", OTHERS)
def test_a_run_takes_the_expected_path(others: dict[str, Any]) -> None:
    settings = settings_of("dev", monitoring={"regionsCount": 3}, **others)
    walked = usual(settings)
    assert [name for name in walked if name != "RunShard"] == list(weekly(settings).expected_path)
    assert len(walked) == run_transitions(settings, weekly(settings))


def test_the_watch_machine_takes_the_expected_path() -> None:
    expected = expected_watch_of(settings_of("dev"))
    assert watched(SWEEP_INPUT).path == expected["path"]


def test_a_worker_takes_as_long_as_its_regions() -> None:
    seconds = expected_run_of(settings_of("prod"))["seconds"]
    # 60 s to start and 187 s per region: for 29 regions slightly more than the 5,432 s of a real successful
    # run.
    work = 187 * len(REGION_NAMES)
    assert seconds == {"ValidateInputs": 90, "RunShard": 60 + work, "SummarizeRun": 70}
    split = {"workload": "sample", "shards": 3, "expectedSecondsPerRegion": 10}
    assert expected_run_of(settings_of("prod", worker=split))["seconds"]["RunShard"] == 60 + 10 * math.ceil(
        len(REGION_NAMES) / 3
    )


def test_of_the_starts_of_every_other_week_one_in_two_is_a_run() -> None:
    assert expected_run_of(settings_of("prod"))["everyStarts"] == 1
    assert expected_run_of(settings_of("prod", schedule=ANCHORED))["everyStarts"] == 2


def test_each_task_that_stops_and_the_end_of_a_run_start_the_watch() -> None:
    settings = settings_of("prod", run={"startRetries": 1, "workerRetries": 3})
    # Three attempts to validate, five of the single shard, and the summary.
    assert expected_watch_of(settings)["startsByRun"] == {"ccapi-machine": 3 + 5 + 1}


def test_the_expected_calls_are_those_of_a_successful_run() -> None:
    settings = settings_of("dev", monitoring={"regionsCount": 3})
    # Both claims, of which the pipeline's is refused, read and taken over; and the record of the success.
    assert weekly(settings).expected_calls["aws-sdk:s3:putObject"] == 4
    assert weekly(settings).expected_calls["aws-sdk:s3:getObject"] == 2
    allowed = settings_of("dev", monitoring={"regionsCount": 3}, run={"overlap": "allow"})
    assert weekly(allowed).expected_calls["aws-sdk:s3:putObject"] == 2
