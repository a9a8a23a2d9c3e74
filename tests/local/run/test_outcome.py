import pytest

from components.failures import ALREADY_TOLD, PARTIAL
from local.run.execution import Execution
from local.run.outcome import Region, Status, status_of

DONE = Region("a", "succeeded", 1, 0.5, "weekly/2026-W48/a.pdf", None)
MISSING = Region("b", "failed", 1, 0.0, None, "no imagery")


@pytest.mark.parametrize(
    ("ended", "error", "regions", "status"),
    [
        ("SUCCEEDED", "", [DONE], Status.SUCCEEDED),
        ("SUCCEEDED", "", [DONE, MISSING], Status.PARTIAL),
        ("FAILED", PARTIAL, [DONE, MISSING], Status.PARTIAL),
        ("FAILED", ALREADY_TOLD, [MISSING], Status.FAILED),
        ("TIMED_OUT", "", [DONE], Status.FAILED),
        ("SUCCEEDED", "", [], Status.FAILED),
    ],
)
def test_the_status_is_told_from_the_execution_and_its_regions(
    ended: str, error: str, regions: list[Region], status: Status
) -> None:
    assert status_of(Execution("arn", ended, {}, error, ""), regions) is status
