from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.failures import ALREADY_TOLD, PARTIAL
from local.run.execution import Execution
from local.run.outcome import Status, copy_reports, status_of
from tests.local.emulator.laptop import Laptop, laptop, unique


@pytest.fixture(scope="module")
def aws() -> Iterator[Laptop]:
    with laptop() as running:
        yield running


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


def test_reports_are_copied_but_for_keys_that_leave_the_folder(aws: Laptop, tmp_path: Path) -> None:
    s3, bucket = aws.client("s3"), unique("reports")
    s3.create_bucket(Bucket=bucket)
    for key in ("x/../../../f", "x/a.pdf", "x/", "/f", "both", "both/f", "z.pdf"):
        s3.put_object(Bucket=bucket, Key=f"weekly/{key}", Body=key.encode())
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    folder = tmp_path / "build" / "reports"
    folder.parent.mkdir()
    folder.symlink_to(outside)

    copied = copy_reports(s3, bucket, folder)

    assert [str(path.relative_to(folder)) for path in copied.paths] == ["both", "x/a.pdf", "z.pdf"]
    assert (folder / "x" / "a.pdf").read_text() == "x/a.pdf"
    assert [refused.split(":")[0] for refused in copied.refused] == [
        "'weekly//f'",
        "'weekly/both/f'",
        "'weekly/x/../../../f'",
    ]
    assert [path.name for path in outside.iterdir()] == ["kept"]
    assert not (tmp_path / "f").exists()
