import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from reporter.events import execution_event
from reporter.handled import Handled
from reporter.sweep import Sweep
from tests.reporter.delivery.conftest import Stack
from tests.reporter.delivery.stand_ins import BUCKET, MACHINE, NOW

HOUR, DAY = 3600, 86_400
LATE = {"error": "States.Timeout", "cause": "late"}


def execution(name: str, status: str, age: float | None = DAY, **changed: Any) -> dict[str, Any]:
    """Return an item of ListExecutions that ended so many seconds ago; None: it still runs."""
    ended = {} if age is None else {"stopDate": datetime.fromtimestamp(NOW - age, UTC)}
    return {
        "executionArn": arn(name),
        "stateMachineArn": MACHINE,
        "name": name,
        "status": status,
        "startDate": datetime.fromtimestamp(NOW - (age or 0) - HOUR, UTC),
        **ended,
        **changed,
    }


def arn(name: str) -> str:
    return f"{MACHINE.replace(':stateMachine:', ':execution:')}:{name}"


@dataclass
class Swept:
    answer: dict[str, Any]
    reported: list[dict[str, Any]]


Run = Callable[..., Swept]


@pytest.fixture
def run(stack: Stack) -> Run:
    def run_sweep(
        *pages: list[dict[str, Any]],
        outputs: dict[str, str] | None = None,
        bucket: str = BUCKET,
        failures: dict[str, str] | None = None,
        cannot_describe: bool = False,
        fails_for: str = "",
        remaining_seconds: float = 60,
        ended: dict[str, str] | None = None,
    ) -> Swept:
        reported: list[dict[str, Any]] = []

        def report(document: dict[str, Any]) -> None:
            if document["execution"] == arn(fails_for):
                raise RuntimeError("no channel took it")
            reported.append(document)

        stub = Stubber(stack.aws.states)
        for number, page in enumerate(pages):
            more = {"nextToken": str(number)} if number < len(pages) - 1 else {}
            stub.add_response("list_executions", {"executions": page, **more})
        for name, output in (outputs or {}).items():
            stub.add_response(
                "describe_execution",
                {**execution(name, "SUCCEEDED"), "input": '{"run_id": "x"}', "output": output},
                {"executionArn": arn(name)},
            )
        for name, given in (failures or {}).items():
            stub.add_response(
                "describe_execution",
                {**execution(name, "FAILED"), "input": given, **(ended or LATE)},
                {"executionArn": arn(name)},
            )
        if cannot_describe:
            stub.add_client_error("describe_execution", "ThrottlingException")
        clock = stack.clock.clock()
        sweep = Sweep(
            MACHINE,
            aws=stack.aws,
            handled=Handled(bucket, stack.aws, clock),
            clock=clock,
            report=report,
            remaining_seconds=lambda: remaining_seconds,
        )
        with stub:
            answer = sweep.run()
        stub.assert_no_pending_responses()
        return Swept(answer, reported)

    return run_sweep


def is_handled(stack: Stack, name: str, end: str = "succeeded") -> bool:
    handled = Handled(BUCKET, stack.aws, stack.clock.clock())
    return handled.is_handled(execution_event(arn(name), end))


def finish(stack: Stack, name: str, end: str) -> None:
    event = execution_event(arn(name), end)
    Handled(BUCKET, stack.aws, stack.clock.clock()).record(event).finish()


@pytest.mark.parametrize("status", ["succeeded", "partial"])
def test_a_success_is_reported_from_its_output(run: Run, status: str) -> None:
    output = json.dumps({"status": status, "regions": 29, "execution": "of an earlier version"})
    swept = run([execution("w47", "SUCCEEDED")], outputs={"w47": output})
    assert swept.answer == {"unreported": []}
    [document] = swept.reported
    assert document == {
        "status": status,
        "regions": 29,
        "execution": arn("w47"),
        "input": {"run_id": "x"},
        "redrive_count": 0,
        "start_time": execution("w47", "SUCCEEDED")["startDate"].isoformat(timespec="milliseconds"),
    }


@pytest.mark.parametrize(
    "output",
    ['{"status": "validated"}', '{"status": "invalid"}', '{"status": "skipped"}', "{}", "[]", "not JSON"],
)
def test_an_output_without_news_is_only_recorded(run: Run, stack: Stack, output: str) -> None:
    swept = run([execution("w47", "SUCCEEDED")], outputs={"w47": output})
    assert not swept.reported
    assert is_handled(stack, "w47")


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_the_oldest_failure_is_returned_and_names_the_others(run: Run, status: str) -> None:
    swept = run(
        [execution("w47", "FAILED", DAY), execution("w46", "FAILED", 8 * DAY)],
        [execution("w45", status, 13 * DAY), execution("w46b", "FAILED", 9 * DAY)],
        failures={"w45": '{"regions_count": 2}'},
    )
    started = datetime.fromtimestamp(NOW - 13 * DAY - HOUR, UTC)
    assert swept.answer == {
        "unreported": [
            {
                "outcome": {
                    "status": status.lower(),
                    "name": "w45",
                    "execution": arn("w45"),
                    "redrive_count": 0,
                    "start_time": started.isoformat(timespec="milliseconds"),
                    "duration_seconds": HOUR,
                    "error": "States.Timeout",
                    "cause": "late",
                    "unreported": [
                        {"execution": arn("w46b"), "status": "failed"},
                        {"execution": arn("w46"), "status": "failed"},
                        {"execution": arn("w47"), "status": "failed"},
                    ],
                },
                "input": {"regions_count": 2},
            }
        ]
    }
    assert not swept.reported


def test_an_execution_that_a_partial_run_failed_is_returned_as_partial(run: Run) -> None:
    ended = {"error": "Ccapi.PartialFailure", "cause": "9 of 29 regions failed"}
    outcome = run([execution("w47", "FAILED")], failures={"w47": "{}"}, ended=ended).answer["unreported"][0][
        "outcome"
    ]
    assert outcome["status"] == "partial"
    assert outcome["cause"] == "9 of 29 regions failed"


def test_a_cause_that_is_cut_says_so(run: Run) -> None:
    ended = {"error": "States.Runtime", "cause": "x" * 9_000}
    outcome = run([execution("w47", "FAILED")], failures={"w47": "{}"}, ended=ended).answer["unreported"][0][
        "outcome"
    ]
    assert outcome["cause"] == "x" * 7_999 + "…"


def test_a_failed_execution_that_cannot_be_described_is_returned_from_its_list_entry(run: Run) -> None:
    swept = run([execution("w47", "FAILED")], cannot_describe=True)
    assert swept.answer["unreported"][0]["outcome"]["execution"] == arn("w47")
    assert swept.answer["unreported"][0]["input"] is None


def test_an_execution_that_only_validated_is_recorded_and_not_returned(run: Run, stack: Stack) -> None:
    swept = run(
        [execution("w47", "FAILED"), execution("w46", "FAILED", 2 * DAY)],
        failures={"w46": '{"validate_only": true}', "w47": "{}"},
    )
    assert swept.answer["unreported"][0]["outcome"]["execution"] == arn("w47")
    assert is_handled(stack, "w46", "failed")


def test_a_partial_run_whose_execution_failed_is_not_returned_again(run: Run, stack: Stack) -> None:
    finish(stack, "w47", "partial")
    assert run([execution("w47", "FAILED")]).answer == {"unreported": []}


def test_a_run_that_was_skipped_for_another_one_is_reported(run: Run) -> None:
    output = {"status": "skipped", "reason": "already running", "owner": arn("w46"), "run_id": "w47"}
    swept = run([execution("w47", "SUCCEEDED")], outputs={"w47": json.dumps(output)})
    [document] = swept.reported
    assert (document["status"], document["owner_execution"]) == ("skipped", arn("w46"))


def test_a_handled_event_is_ignored(run: Run, stack: Stack) -> None:
    finish(stack, "w47", "succeeded")
    finish(stack, "w46", "failed")
    swept = run([execution("w47", "SUCCEEDED"), execution("w46", "FAILED")])
    assert swept == Swept({"unreported": []}, [])


def test_a_second_failure_of_a_redriven_execution_is_returned_and_reported_once(
    run: Run, stack: Stack
) -> None:
    finish(stack, "w47", "failed")
    redriven = execution("w47", "FAILED", redriveCount=1)
    [found] = run([redriven], failures={"w47": "{}"}).answer["unreported"]
    assert found["outcome"]["redrive_count"] == 1
    event = execution_event(arn("w47"), "failed", 1)
    Handled(BUCKET, stack.aws, stack.clock.clock()).record(event).finish()
    assert run([redriven]).answer == {"unreported": []}


@pytest.mark.parametrize(
    ("given", "expected"),
    [("[1, 2]", [1, 2]), ('"text"', "text"), ("{", None), ('{"a": "' + "x" * 9_000 + '"}', None)],
)
def test_an_input_is_kept_as_it_is_unless_it_is_too_long(run: Run, given: str, expected: Any) -> None:
    [found] = run([execution("w47", "FAILED")], failures={"w47": given}).answer["unreported"]
    assert found["input"] == expected


def test_a_redriven_success_is_reported_after_its_failure(run: Run, stack: Stack) -> None:
    finish(stack, "w47", "failed")
    swept = run([execution("w47", "SUCCEEDED")], outputs={"w47": '{"status": "succeeded"}'})
    assert len(swept.reported) == 1


def test_only_the_last_14_days_before_the_last_10_minutes_count(run: Run) -> None:
    swept = run(
        [
            execution("running", "RUNNING", None),
            execution("just-ended", "FAILED", 599),
            execution("old", "FAILED", 14 * DAY + 1),
            execution("older", "FAILED", 30 * DAY),
            execution("never-seen", "FAILED", DAY),
        ]
    )
    assert swept.answer == {"unreported": []}


def test_at_most_100_executions_count(run: Run) -> None:
    page = [execution(f"run-{number}", "FAILED", DAY + number) for number in range(101)]
    [found] = run(page, failures={"run-99": "{}"}).answer["unreported"]
    assert found["outcome"]["execution"] == arn("run-99")


def test_a_fault_of_one_execution_does_not_stop_the_rest(run: Run, stack: Stack) -> None:
    swept = run(
        [
            execution("w47", "SUCCEEDED"),
            execution("w46", "SUCCEEDED", 2 * DAY),
            execution("w45", "FAILED", 3 * DAY),
        ],
        outputs={"w47": '{"status": "succeeded"}', "w46": '{"status": "succeeded"}'},
        fails_for="w47",
        failures={"w45": "{}"},
    )
    assert [document["execution"] for document in swept.reported] == [arn("w46")]
    assert swept.answer["unreported"][0]["outcome"]["execution"] == arn("w45")
    assert not is_handled(stack, "w47")


def test_without_s3_the_sweep_reports_nothing(run: Run) -> None:
    swept = run([execution("w47", "SUCCEEDED"), execution("w46", "FAILED")], bucket="no-such-bucket")
    assert swept == Swept({"unreported": []}, [])


def test_the_sweep_ends_in_time(run: Run) -> None:
    swept = run([execution("w47", "FAILED")], remaining_seconds=5)
    assert swept == Swept({"unreported": []}, [])
