from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings.command import Command
from components.settings.cross_checks import contradictions
from components.settings.each import Each
from components.settings.monitoring import Monitoring
from components.settings.network import Egress, Network
from components.settings.run import Run
from components.settings.schedule import Schedule
from components.settings.worker import MAX_SHARDS, Worker
from tests.stacks import CATALOG_NAME, REGION_NAMES


def keys(parsed: Mapping[str, Any]) -> list[str]:
    return [key for key, _ in contradictions(parsed)]


def monitoring(regions: int = len(REGION_NAMES)) -> Monitoring:
    return Monitoring(catalog=CATALOG_NAME, regions_count=regions)


PROGRAM = Command(program=("python", "monitor.py"))
TAKES_REGIONS = Command(program=("python", "monitor.py", "--regions={regions}"))


def worker(**changes: Any) -> Worker:
    return Worker.model_validate({"workload": "sample", **changes})


def test_an_absent_value_is_not_evaluated() -> None:
    assert keys({}) == []


@pytest.mark.parametrize(("heartbeat", "refused"), [(599, []), (600, ["run.heartbeatSeconds"])])
def test_a_heartbeat_is_shorter_than_its_task(heartbeat: int, refused: list[str]) -> None:
    assert keys({"run": Run(task_timeout_seconds=600, heartbeat_seconds=heartbeat)}) == refused


# The timeout of prod, half a day.
@pytest.mark.parametrize(
    ("expression", "zone", "fits"),
    [
        ("cron(0 7,19 * * ? *)", "UTC", 43_199),
        ("cron(0 7,19 * * ? *)", "Europe/Berlin", 39_599),
        ("cron(0 6 ? * TUE#2 *)", "UTC", 28 * 86_400 - 1),
        ("cron(0 6,9,18 * * ? *)", "UTC", 3 * 3_600 - 1),
    ],
)
def test_a_run_ends_within_the_shortest_time_between_two_starts(
    expression: str, zone: str, fits: int
) -> None:
    schedule = Schedule(expression=expression, time_zone=zone)
    for seconds, refused in ((fits, False), (fits + 1, True)):
        run = Run.model_construct(**{**dict(Run()), "timeout_seconds": seconds})
        told = [text for _, text in contradictions({"run": run, "schedule": schedule})]
        assert any("the shortest time between two starts" in text for text in told) is refused


def test_a_run_that_overlaps_is_reported_between_which_two_starts() -> None:
    schedule = Schedule(expression="cron(0 7,19 * * ? *)", time_zone="Europe/Berlin")
    run = Run(timeout_seconds=43_200)
    ((_, text),) = contradictions({"run": run, "schedule": schedule})
    assert text == (
        "43200 is not below the shortest time between two starts, 39,600 s, from Sat 2026-03-28 19:00 "
        "(Europe/Berlin, UTC+1) to Sun 2026-03-29 07:00 (Europe/Berlin, UTC+2); write less than 39600, or run less "
        "often"
    )


@pytest.mark.parametrize(
    ("expression", "zone", "refused"),
    [
        ("cron(0 6 1 1 ? 2020)", "UTC", True),
        ("cron(0 6 28 11 ? 2026)", "UTC", True),
        ("cron(0 6 28 11 ? 2026)", "America/Los_Angeles", False),
        ("cron(0 0 1 1 ? 2099)", "UTC", False),
        # On every such Sunday, the clocks go forward over 02:30.
        ("cron(30 2 ? 3 SUNL *)", "Europe/Berlin", True),
        ("cron(30 2 ? 3 SUNL *)", "UTC", False),
    ],
)
def test_a_schedule_without_a_start_to_come_is_refused(expression: str, zone: str, refused: bool) -> None:
    schedule = Schedule(expression=expression, time_zone=zone)
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert [key for key, _ in contradictions({"schedule": schedule}, now)] == [
        "schedule.expression"
    ] * refused


@pytest.mark.parametrize(
    ("expression", "period_seconds"),
    [("cron(0 6 * * ? *)", 86_400), ("cron(0 6 ? * MON *)", 604_800)],
)
def test_a_run_ends_before_the_next_begins(expression: str, period_seconds: int) -> None:
    schedule = Schedule(expression=expression)
    for timeout_seconds, refused in ((period_seconds - 1, []), (period_seconds, ["run.timeoutSeconds"])):
        assert keys({"run": Run(timeout_seconds=timeout_seconds), "schedule": schedule}) == refused


def test_a_schedule_that_starts_nothing_does_not_bound_a_run() -> None:
    hourly = Schedule(expression="cron(0 * * * ? *)", paused=True)
    assert keys({"run": Run(), "schedule": hourly}) == []


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, []),
        ({"shards": 2}, ["worker.shards"]),
        ({"spot": True}, ["worker.spot"]),
        ({"shards": 2, "spot": True}, ["worker.shards", "worker.spot"]),
    ],
)
def test_a_program_that_cannot_resume_is_neither_sharded_nor_run_on_spot(
    changes: dict[str, Any], refused: list[str]
) -> None:
    program = worker(workload="command", **changes)
    assert keys({"worker": program, "command": PROGRAM}) == refused
    assert keys({"worker": program, "command": TAKES_REGIONS}) == []
    assert keys({"worker": worker(workload="sample", **changes), "command": PROGRAM}) == []


@given(shards=st.integers(1, MAX_SHARDS), regions=st.integers(1, len(REGION_NAMES)))
def test_each_shard_has_a_region(shards: int, regions: int) -> None:
    found = keys({"worker": worker(shards=shards), "monitoring": monitoring(regions)})
    assert found == (["worker.shards"] if shards > regions else [])


def test_a_program_that_does_all_regions_accepts_no_subset() -> None:
    parsed = {"worker": worker(workload="command"), "command": PROGRAM}
    assert keys({**parsed, "monitoring": monitoring()}) == []
    assert keys({**parsed, "monitoring": monitoring(len(REGION_NAMES) - 1)}) == ["monitoring.regionsCount"]
    assert keys({**parsed, "command": TAKES_REGIONS, "monitoring": monitoring(len(REGION_NAMES) - 1)}) == []


@pytest.mark.parametrize("egress", list(Egress))
def test_a_program_that_needs_the_internet_is_not_shut_in(egress: Egress) -> None:
    refused = ["network.egress"] if egress is Egress.ENDPOINTS else []
    network = Network(egress=egress)
    assert keys({"worker": worker(workload="command"), "network": network}) == refused
    assert keys({"worker": worker(workload="sample"), "network": network}) == []


def test_a_program_without_the_variable_cannot_disable_scraping() -> None:
    parsed = {
        "worker": worker(workload="command"),
        "monitoring": Monitoring(catalog=CATALOG_NAME, enable_scraping=False),
    }
    assert keys({**parsed, "command": PROGRAM}) == ["monitoring.enableScraping"]
    assert keys({**parsed, "command": PROGRAM.model_copy(update={"scraping_variable": "SCRAPING"})}) == []
    assert keys({**parsed, "command": PROGRAM, "worker": worker()}) == []


@pytest.mark.parametrize(("stall", "refused"), [(599, []), (600, ["command.stallSeconds"])])
def test_a_silent_program_is_stopped_before_its_task_ends(stall: int, refused: list[str]) -> None:
    run = Run(task_timeout_seconds=600, heartbeat_seconds=60)
    silent = {"command": PROGRAM.model_copy(update={"stall_seconds": stall}), "each": Each(), "run": run}
    assert keys({**silent, "worker": worker(workload="command")}) == refused
    assert "command.stallSeconds" not in keys({**silent, "worker": worker()})


def test_a_silent_program_of_one_region_is_stopped_before_its_task_ends() -> None:
    run = Run(task_timeout_seconds=600, heartbeat_seconds=60)
    silent = {"command": PROGRAM, "each": Each(program=("x",), stall_seconds=600), "run": run}
    assert keys({**silent, "worker": worker(workload="each")}) == ["each.stallSeconds"]


@pytest.mark.parametrize(("timeout", "refused"), [(159, ["run.taskTimeoutSeconds"]), (160, [])])
def test_a_worker_has_the_time_that_its_regions_take(timeout: int, refused: list[str]) -> None:
    # 60 s to start, and 10 s for each of 10 regions.
    ten_seconds = worker(expectedSecondsPerRegion=10, shards=2)
    run = Run(task_timeout_seconds=timeout, heartbeat_seconds=60)
    assert keys({"worker": ten_seconds, "monitoring": monitoring(20), "run": run}) == refused


def test_a_worker_with_a_target_gets_more_time_by_a_lower_one() -> None:
    slow = worker(expectedSecondsPerRegion=10, targetMinutes=90)
    run = Run(task_timeout_seconds=159, heartbeat_seconds=60)
    ((_, text),) = contradictions({"worker": slow, "monitoring": monitoring(20), "run": run})
    assert "write 260 or more, lower worker.targetMinutes, or lower" in text


def test_a_workload_that_runs_a_program_requires_its_program_setting() -> None:
    programs = {"command": Command(), "each": Each()}
    assert keys({"worker": worker(workload="command"), **programs}) == ["command.program"]
    assert keys({"worker": worker(workload="each"), **programs}) == ["each.program"]
    assert keys({"worker": worker(workload="sample"), **programs}) == []
