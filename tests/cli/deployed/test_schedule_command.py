from typing import Any

import pytest

from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment


def found(deployment: Deployment) -> dict[str, Any]:
    answer: dict[str, Any] = deployment.client("scheduler").get_schedule(
        Name=deployment.names.schedule, GroupName=deployment.names.schedule_group
    )
    changing = ("ResponseMetadata", "LastModificationDate", "CreationDate", "State")
    return {name: value for name, value in answer.items() if name not in changing}


def test_a_schedule_is_shown_without_a_command(ccapi: Ccapi) -> None:
    shown = ccapi("schedule", "--json")
    assert shown.code == 0
    assert shown.json == ccapi("schedule", "show", "--json").json
    assert shown.json["expression"] == "cron(0 6 ? * MON *)"
    assert [start["at"][-13:] for start in shown.json["next"]] == ["06:00:00.000Z"] * 3
    assert shown.json["next_deployment"] is None


def test_a_pause_keeps_every_other_field(ccapi: Ccapi, deployment: Deployment) -> None:
    before = found(deployment)
    paused = ccapi("schedule", "pause", "--json")
    assert (paused.code, paused.json["state"], paused.json["changed"]) == (0, "DISABLED", True)
    assert found(deployment) == before
    assert "ccapi:schedule.paused true --stack prod" in paused.json["next_deployment"]


@pytest.mark.parametrize(("command", "state"), [("pause", "DISABLED"), ("resume", "ENABLED")])
def test_a_second_time_changes_nothing(ccapi: Ccapi, command: str, state: str) -> None:
    ccapi("schedule", command)
    again = ccapi("schedule", command, "--json")
    assert (again.code, again.json["state"], again.json["changed"]) == (0, state, False)


def test_a_resumed_schedule_is_that_of_the_settings_and_needs_no_pulumi_up(
    ccapi: Ccapi, deployment: Deployment
) -> None:
    before, settings = found(deployment), deployment.settings.schedule
    ccapi("schedule", "pause")
    resumed = ccapi("schedule", "resume")
    assert "is enabled now" in resumed.out
    assert "pulumi up" not in resumed.out

    shown = ccapi("schedule", "--json").json
    assert (shown["state"], shown["state_by_settings"], settings.enabled) == ("ENABLED", "ENABLED", True)
    assert (shown["expression"], shown["time_zone"]) == (settings.cron, settings.time_zone)
    assert found(deployment) == before


def test_the_number_of_starts_is_chosen(ccapi: Ccapi) -> None:
    assert len(ccapi("schedule", "next", "12", "--json").json["next"]) == 12
    assert ccapi("schedule", "next", "0").code == 2


def test_a_deleted_schedule_is_named(ccapi: Ccapi, deployment: Deployment) -> None:
    deployment.client("scheduler").delete_schedule(
        Name=deployment.names.schedule, GroupName=deployment.names.schedule_group
    )
    shown = ccapi("schedule")
    assert shown.code == 4
    assert "does not exist" in shown.err
