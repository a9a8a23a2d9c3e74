"""Settings without an effect: the error names the setting that disables them."""

from typing import Any

import pytest

from components.settings import SettingsError
from tests.stacks import settings_of

ADOPTED = {"reportsBucket": "somebodys-reports", "cacheBucket": "somebodys-cache"}


@pytest.mark.parametrize(
    ("environment", "changes", "mistake"),
    [
        (
            "prod",
            {"run": {"overlapWaitSeconds": 60}},
            "run.overlapWaitSeconds: has no effect with run.overlap skip",
        ),
        (
            "prod",
            {"run": {"onPartialFailure": "fail", "minSucceededRegions": 2}},
            "run.minSucceededRegions: has no effect with run.onPartialFailure fail",
        ),
        ("prod", {"schedule": {"anchorWeek": "2026-11-23"}}, "schedule.anchorWeek: has no effect with"),
        (
            "dev",
            {"schedule": {"paused": True}},
            "schedule.paused: has no effect with schedule.preset on-demand",
        ),
        ("dev", {"schedule": {"maxRetryAttempts": 3}}, "schedule.maxRetryAttempts: has no effect with"),
        (
            "prod",
            {"command": {"earthEngine": False}},
            "worker.earthEngineProject: has no effect with command.earthEngine",
        ),
        (
            "dev",
            {"storage": {"adopt": ADOPTED}},
            "observability.reportRetentionDays: has no effect with storage.adopt",
        ),
    ],
)
def test_a_setting_without_effect_is_refused(environment: str, changes: dict[str, Any], mistake: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of(environment, **changes)
    (told,) = map(str, caught.value.mistakes)
    assert told.startswith(f"ccapi:{mistake}")
    assert "take it out, or write " in told


@pytest.mark.parametrize(
    "changes",
    [
        {"run": {"overlap": "wait", "overlapWaitSeconds": 60}},
        {"run": {"minSucceededRegions": 2}},
        {"schedule": {"everyWeeks": 2, "anchorWeek": "2026-11-23"}},
        {"schedule": {"paused": True}},
    ],
)
def test_a_setting_with_an_effect_is_accepted(changes: dict[str, Any]) -> None:
    settings_of("prod", **changes)


@pytest.mark.parametrize(
    "boundary",
    [
        "arn:aws:iam::999999999999:policy/boundary",
        "arn:aws-cn:iam::222222222222:policy/boundary",
        "arn:aws:iam::222222222222:role/boundary",
        "boundary",
    ],
)
def test_a_boundary_of_another_account_or_kind_is_refused(boundary: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of("prod", roles={"permissionsBoundary": boundary})
    (told,) = map(str, caught.value.mistakes)
    assert told.startswith(f"ccapi:roles.permissionsBoundary: '{boundary}' is ")


@pytest.mark.parametrize("owner", ["222222222222", "aws"])
def test_a_boundary_of_the_account_or_of_aws_is_taken(owner: str) -> None:
    arn = f"arn:aws:iam::{owner}:policy/teams/boundary"
    assert settings_of("prod", roles={"permissionsBoundary": arn}).roles.permissions_boundary == arn
