import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.machines.errors import PARTIAL, REPORTED
from local.run import command
from local.run.channels import channel_messages
from local.run.display import VisibleConsole, show
from local.run.execution import Execution
from local.run.mailboxes import Mail
from local.run.outcome import Outcome, Status, copy_reports, status_of
from tests.local.channels.server import Running, running
from tests.local.emulator.local_aws import RunningAws, running_aws, unique


@pytest.fixture(scope="module")
def aws() -> Iterator[RunningAws]:
    with running_aws() as running:
        yield running


@pytest.mark.parametrize(
    ("ended", "error", "output", "summary", "status"),
    [
        ("SUCCEEDED", "", {"status": "succeeded"}, {"status": "succeeded"}, Status.SUCCEEDED),
        ("SUCCEEDED", "", {"status": "partial"}, {"status": "partial"}, Status.PARTIAL),
        ("FAILED", PARTIAL, {}, {"status": "partial"}, Status.PARTIAL),
        ("FAILED", REPORTED, {}, {"status": "failed"}, Status.FAILED),
        ("TIMED_OUT", "", {}, {"status": "succeeded"}, Status.FAILED),
        # The summary could not be made, or there was nothing to sum up.
        ("SUCCEEDED", "", {"status": "partial"}, {}, Status.PARTIAL),
        ("SUCCEEDED", "", {"status": "skipped"}, {}, Status.FAILED),
        ("SUCCEEDED", "", {}, {}, Status.FAILED),
    ],
)
def test_the_status_is_read_from_the_execution_and_its_summary(
    ended: str, error: str, output: dict[str, Any], summary: dict[str, Any], status: Status
) -> None:
    assert status_of(Execution("arn", ended, output, error, ""), summary) is status


def test_reports_are_copied_but_for_keys_that_leave_the_folder(aws: RunningAws, tmp_path: Path) -> None:
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


MAIL = Mail("email:alerts@example.com", "ccapi local: 2026-W48 FAILED", "The run failed.")


def failure(served: Running) -> None:
    """Send what the reporter sends of a failed run."""
    sections = [f"L{number} {'x' * 200}" for number in range(2)]
    header = {"type": "header", "text": {"type": "plain_text", "text": "The run [red]failed[/red]."}}
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in sections]
    served.slack({"text": "The run failed.", "blocks": [header, *blocks]})
    served.time.seconds += 1
    payload = {"summary": "The run failed.", "source": "s", "severity": "critical"}
    served.pagerduty(event_action="trigger", dedup_key="ccapi/local/run", payload=payload)


@pytest.fixture
def served() -> Iterator[Running]:
    with running() as channels:
        failure(channels)
        yield channels


def outcome(served: Running) -> Outcome:
    return Outcome(
        status=Status.FAILED,
        run_id=None,
        periods=(),
        scheduled_time=None,
        execution_arn="arn",
        duration_seconds=1.0,
        regions=(),
        reports=(),
        metrics=(),
        notifications=(MAIL, *channel_messages(served.access.received())),
        metered={"calls": {}, "machines": {}, "tasks": []},
        outputs={},
        not_copied=(),
        orphan_tasks=0,
        refused=(),
        timings={},
        error=None,
    )


def test_messages_of_all_channels_are_shown_below_the_mails(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.run.details.quantities", lambda _metered: [])
    written = io.StringIO()
    show(VisibleConsole(file=written, width=100), outcome(served), verbose=True)
    lines = written.getvalue().splitlines()
    order = [
        f"{MAIL.channel}  {MAIL.subject}",
        "slack  The run [red]failed[/red].",
        # Not folded, so that a command can be copied.
        f"L0 {'x' * 200}",
        "pagerduty  trigger ccapi/local/run: The run failed.",
        "severity: critical",
    ]
    assert [line for line in lines if line in order] == order


def test_messages_of_all_channels_are_in_the_facts_without_a_credential(
    served: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("local.run.outcome.BUILD", tmp_path)
    monkeypatch.setattr("local.run.outcome.LAST_RUN", tmp_path / "last-run.json")
    outcome(served).write()
    text = (tmp_path / "last-run.json").read_text(encoding="utf-8")
    access = served.access
    assert [mail["channel"] for mail in json.loads(text)["notifications"]] == [
        "email:alerts@example.com",
        "slack",
        "pagerduty",
    ]
    for secret in (access.token, access.slack_token, access.pagerduty_routing_key, access.endpoint):
        assert secret not in text


def test_the_slack_page_is_written_and_one_of_an_earlier_run_removed(
    served: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "build" / "slack.html"
    monkeypatch.setattr(command, "SLACK_PAGE", page)
    monkeypatch.setattr(command, "ROOT", tmp_path)
    command._write_slack_page(served.access.received()["slack"])
    assert "The run [red]failed[/red]." in page.read_text(encoding="utf-8")
    assert command._slack_page_line() == "Slack: build/slack.html"
    command._write_slack_page(())
    assert not page.exists()
    assert command._slack_page_line().startswith("Slack: no page, since no message came")
