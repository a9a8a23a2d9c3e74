from typing import Any

import pytest

from components.failures import ALREADY_TOLD, PARTIAL
from local.run.execution import Execution
from local.run.outcome import Status, status_of


@pytest.mark.parametrize(
    ("ended", "error", "output", "summary", "status"),
    [
        ("SUCCEEDED", "", {"status": "succeeded"}, {"status": "succeeded"}, Status.SUCCEEDED),
        ("SUCCEEDED", "", {"status": "partial"}, {"status": "partial"}, Status.PARTIAL),
        ("FAILED", PARTIAL, {}, {"status": "partial"}, Status.PARTIAL),
        ("FAILED", ALREADY_TOLD, {}, {"status": "failed"}, Status.FAILED),
        ("TIMED_OUT", "", {}, {"status": "succeeded"}, Status.FAILED),
        # The summary could not be made, or there was nothing to sum up.
        ("SUCCEEDED", "", {"status": "partial"}, {}, Status.PARTIAL),
        ("SUCCEEDED", "", {"status": "skipped"}, {}, Status.FAILED),
        ("SUCCEEDED", "", {}, {}, Status.FAILED),
    ],
)
def test_the_status_is_told_from_the_execution_and_its_summary(
    ended: str, error: str, output: dict[str, Any], summary: dict[str, Any], status: Status
) -> None:
    assert status_of(Execution("arn", ended, output, error, ""), summary) is status
