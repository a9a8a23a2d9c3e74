"""Every kind of message as its readers get it by e-mail; `--update-golden` writes the files anew."""

import json
from dataclasses import replace
from typing import Any

import pytest

from reporter.channels.email import mail
from reporter.message import Message
from reporter.missed_message import missed_message
from reporter.notice_message import notice_message
from reporter.run_message import run_message
from tests.golden_files import FOLDER, golden
from tests.reporter.examples import (
    EXECUTION,
    LOG_STREAM,
    MACHINE,
    SETTINGS,
    alarm,
    budget_text,
    failures,
    outcome,
    settings,
)

KILLED = "Worker.OutOfMemory: OutOfMemoryError: Container killed due to memory usage (exit code 137)."
DENIED = (
    "User: arn:aws:sts::111111111111:assumed-role/ccapi-weekly-machine-prod/AbCdEf is not authorized to perform: "
    "ecs:RunTask on resource: arn:aws:ecs:us-east-1:111111111111:task-definition/ccapi-monitor-prod:7 because no "
    "identity-based policy allows the ecs:RunTask action (Service: Ecs, Status Code: 400, Request ID: 1-2-3)"
)
LOST = f"{KILLED} Log stream: {LOG_STREAM}"
START_REFUSED = "ECS.ThrottlingException: Rate exceeded (Service: Ecs, Status Code: 400"
STOPPED = "The run ended before this region was done."
UNPLANNED: dict[str, Any] = {"status": "failed", "regions": 0, "succeeded": 0, "period": "", "usual_usd": 0}
ENDED: dict[str, Any] = {
    "regions": 3,
    "succeeded": 1,
    "usd_is_at_most": True,
    "failures": failures(("tegal_brebes_coastal, merak_port_corridor", STOPPED)),
}
SKIPPED: dict[str, Any] = {
    "status": "skipped",
    "run_id": "2026-W49",
    "regions": 0,
    "succeeded": 0,
    "owner_run": "2026-W48",
    "owner_execution": EXECUTION,
    "execution": f"{EXECUTION}-2",
}

OUTCOMES: dict[str, Any] = {
    "succeeded": outcome(warnings=("The program made no report.",), retries=1),
    "succeeded-one-region": outcome(
        regions=1, succeeded=1, duration_seconds=45, usual_seconds=0, usual_usd=0
    ),
    "partial": outcome(
        status="partial",
        succeeded=25,
        log_stream=LOG_STREAM,
        retries=2,
        failures=failures(
            ("semarang_port", "semarang_port: no imagery for semarang_port"),
            ("solo_raya", 'a "quoted" word, ünïcode ✂'),
            ("bekasi", "bekasi: no imagery for bekasi"),
            ("merak", "no imagery for it's week"),
        ),
        input={"regions_count": 29, "execution_name": "it's a test"},
    ),
    "partial-lost-worker": outcome(
        status="partial",
        succeeded=20,
        log_stream=LOG_STREAM,
        retries=2,
        failures=failures(("shard 2", KILLED), ("bekasi", "no imagery")),
        is_summarized=False,
    ),
    "partial-worker-not-started": outcome(
        status="partial",
        succeeded=20,
        retries=3,
        failures=failures(
            ("shard 2", f"{START_REFUSED}, Request ID: 1a2b-1)"),
            ("shard 3", f"{START_REFUSED}, Request ID: 3c4d-2)"),
        ),
        is_summarized=False,
    ),
    "partial-reported-by-the-sweep": outcome(
        status="partial",
        succeeded=20,
        usd_is_at_most=True,
        failures=failures(("bekasi, merak", "no imagery"), ("and 7 more", "see summary.json")),
        error="Ccapi.PartialFailure",
        cause="9 of 29 regions failed",
    ),
    "failed-no-region-known": outcome(
        status="failed",
        succeeded=0,
        error="Ccapi.NoRegionSucceeded",
        cause="4 failed. The first: Brand.New: gone",
        failures=failures(*((f"shard {number}", "Brand.New: gone") for number in range(4))),
        is_summarized=False,
    ),
    "failed-damaged-file": outcome(
        **UNPLANNED,
        error="Ccapi.StateUnreadable",
        cause="s3://ccapi-cache-prod-111111111111/claims/active it names no execution",
    ),
    "failed-every-region": outcome(
        status="failed",
        succeeded=0,
        error="Ccapi.NoRegionSucceeded",
        cause="the list of the regions",
        failures=failures(
            (", ".join(f"region-{number}" for number in range(28)), KILLED), ("solo_raya", "no imagery")
        ),
        retries=2,
        log_stream=LOG_STREAM,
    ),
    "failed-refused-input": outcome(
        **UNPLANNED,
        error="Worker.InvalidInput",
        cause="The execution's input is refused: regions_count is 30: write 1 to 29.",
        input={"regions_count": 30},
        usd=0.0012,
    ),
    "failed-credentials": outcome(
        **UNPLANNED,
        error="Worker.CredentialsInvalid",
        cause="Earth Engine's credentials: the secret ccapi-earth-engine-prod is empty.\nCost: $0",
        log_stream=LOG_STREAM,
        usd=0,
    ),
    "failed-access-denied": outcome(**UNPLANNED, error="ECS.AccessDeniedException", cause=DENIED),
    "failed-unknown-error": outcome(
        **UNPLANNED, error="Brand.NewError", cause="The first error of its kind."
    ),
    "timed-out": outcome(**ENDED, status="timed_out", duration_seconds=43_200, error="States.Timeout"),
    "timed-out-not-summarized": outcome(
        status="timed_out",
        regions=3,
        succeeded=0,
        is_summarized=False,
        usd_is_at_most=True,
        duration_seconds=43_200,
    ),
    "aborted": outcome(**ENDED, status="aborted", error="StoppedByAnna", cause="A new image is ready."),
    "aborted-without-plan": outcome(**UNPLANNED | {"status": "aborted"}, usd_is_at_most=True),
    "failed-after-regions": outcome(
        status="failed",
        succeeded=25,
        error="States.QueryEvaluationError",
        cause="The JSONata expression in the state RunWeeklyMonitoring could not be evaluated.",
        failures=failures(("shard 2", LOST)),
        is_summarized=False,
    ),
    "failed-validation": outcome(**UNPLANNED, error="Worker.Crashed", cause=LOST.partition(": ")[2]),
    "failed-unknown-run": outcome(**UNPLANNED | {"run_id": "", "input": {}, "usual_seconds": 0}),
    "timed-out-without-plan": outcome(
        **UNPLANNED | {"status": "timed_out"},
        duration_seconds=43_200,
        usd_is_at_most=True,
        error="States.Timeout",
    ),
    "skipped": outcome(**SKIPPED),
    "skipped-unknown-owner": outcome(**SKIPPED | {"owner_run": "", "owner_execution": ""}),
    "skipped-same-run": outcome(**SKIPPED | {"run_id": "2026-W48"}),
}

ALARMS = {
    "alarm-queue": alarm(
        "ccapi-schedule-dlq-not-empty-prod",
        "A scheduled start could not be delivered and lies in the dead-letter queue.",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        QueueName="ccapi-schedule-dlq-prod",
    ),
    "alarm-machine": alarm(
        "ccapi-watch-failed-prod",
        "The watch machine failed, so that a report or a metric may be missing.",
        "AWS/States",
        "ExecutionsFailed",
        StateMachineArn=MACHINE.replace("weekly-monitoring", "watch"),
    ),
    "alarm-subscriptions": alarm(
        "ccapi-subscriptions-missing-prod",
        "For more than 6 hours an address of the settings has had no confirmed subscription and gets no mail. "
        "PendingConfirmation: its owner has to follow the link in the mail from AWS.",
        "CloudClearingAPI",
        "SubscriptionsMissing",
        Environment="prod",
    ),
    "alarm-ok": alarm(
        "ccapi-watch-silent-prod",
        "The watch machine has not finished for 18 hours.",
        "AWS/States",
        "ExecutionsSucceeded",
        "OK",
        StateMachineArn=MACHINE.replace("weekly-monitoring", "watch"),
    ),
    "alarm-no-data": alarm(
        "cpu-of-another-project", "", "AWS/EC2", "CPUUtilization", "INSUFFICIENT_DATA", InstanceId="i-1"
    ),
}
NOTICES = {
    "budget-spent": (
        "AWS Budgets: ccapi-monthly-prod has exceeded your alert threshold",
        "ACTUAL",
        "$16.53",
        "$16.00",
    ),
    "budget-forecast": ("AWS Budgets: ccapi-monthly-prod has exceeded", "FORECASTED", "$21.10", "$20.00"),
}


def messages() -> dict[str, Message]:
    def notice(subject: str, text: str) -> Message:
        return notice_message({"MessageId": "1-2-3", "Subject": subject, "Message": text}, SETTINGS)

    late = outcome(status="missed", hours=193.52, last_run="2026-W46", since="2026-11-15T06:58:00Z")
    return {
        **{name: run_message(each, SETTINGS) for name, each in OUTCOMES.items()},
        "partial-without-resume": run_message(OUTCOMES["partial"], settings(resumes=False, contact="")),
        "missed": missed_message(late, SETTINGS),
        "missed-never-succeeded": missed_message(replace(late, last_run=""), SETTINGS),
        **{name: notice("ALARM", json.dumps(each)) for name, each in ALARMS.items()},
        **{name: notice(title, budget_text(*rest)) for name, (title, *rest) in NOTICES.items()},
        "other-notice": notice("A subject", "A first line.\n\nA second line."),
    }


@pytest.mark.parametrize("name", messages())
def test_a_message_reads_as_expected(name: str, update_golden: bool) -> None:
    subject, text = mail(messages()[name], SETTINGS)
    generated = f"Subject: {subject}\n\n{text}"
    folder = FOLDER / "reporter"
    folder.mkdir(exist_ok=True)
    assert golden(f"{name}.txt", generated, update=update_golden, folder=folder) == generated


def test_every_golden_file_has_its_message() -> None:
    assert {path.stem for path in (FOLDER / "reporter").glob("*.txt")} == set(messages())
