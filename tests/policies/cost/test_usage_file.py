import json
from decimal import Decimal
from pathlib import Path

import pytest

from guardrails.__main__ import main

Capture = pytest.CaptureFixture[str]

# The string that Pulumi writes for an unknown value.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
AROUND = "urn:pulumi:dev::p::acme:Machine::weekly"
_DEFINITION = {
    "StartAt": "Check",
    "States": {
        "Check": {"Type": "Pass", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Work", "States": {"Work": {"Type": "Pass", "End": True}}},
            "End": True,
        },
    },
}


def written(folder: Path, definition: str = json.dumps(_DEFINITION)) -> Path:
    """Write a plan of a queue, and of a machine in a component that declares what a run reads."""
    machine = "urn:pulumi:dev::p::acme:Machine$aws:sfn/stateMachine:StateMachine::weekly"
    states = [
        {"urn": AROUND, "type": "acme:Machine", "inputs": {"expected": {"run": {"s3_get_request": 3}}}},
        {
            "urn": machine,
            "type": "aws:sfn/stateMachine:StateMachine",
            "parent": AROUND,
            "inputs": {"definition": definition},
        },
        {"urn": "urn:pulumi:dev::p::aws:sqs/queue:Queue::queue", "type": "aws:sqs/queue:Queue", "inputs": {}},
    ]
    path = folder / "plan.json"
    path.write_text(json.dumps({"steps": [{"newState": state} for state in states]}), encoding="utf-8")
    return path


def asked(plan: Path, expected: str) -> int:
    measured = plan.with_name("measured.json")
    measured.write_text(expected, encoding="utf-8")
    return main(["cost", str(plan), "--region", "us-east-1", "--json", "--expected", str(measured)])


def test_measured_usage_of_one_price_keeps_the_declared_usage_of_others(
    tmp_path: Path, capsys: Capture
) -> None:
    assert asked(written(tmp_path), '{"weekly": {"run": {"s3_put_request": 5}}}') == 0
    (machine,) = json.loads(capsys.readouterr().out)["machines"]
    used = {line["price"]: line["quantity"] for line in machine["run"]["expected"]["lines"]}
    assert (used["s3_get_request"], used["s3_put_request"]) == ("3", "5")


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        (
            '{"weekly": {"seconds": {"Wrok": 1}}}',
            "weekly.seconds.Wrok is not known; the nearest name is Work",
        ),
        ('{"weekly": {"items": {"Eahc": 1}}}', "weekly.items.Eahc is not known; the nearest name is Each"),
        (
            '{"weekly": {"path": ["Chekc"]}}',
            'weekly.path.0 is "Chekc", which is not known; the nearest name is Check',
        ),
        ('{"weekly": {"run": {"s3_gets_request": 1}}}', "the nearest name is s3_get_request"),
        ('{"queue": {"month": {"sqs_fifo_requests": 1}}}', "the nearest name is sqs_fifo_request"),
        ('{"weekly": {"startsByRun": {"weakly": 1}}}', "the nearest name is weekly"),
        ('{"queue": {"seconds": {"Work": 1}}}', "queue.seconds is not known"),
        ('{"weekly": {"seconds": {"Work": NaN}}}', "is not JSON"),
        ('{"weekly": {"seconds": {"Work": -Infinity}}}', "is not JSON"),
        ('{"weekly": {"seconds": {"Work": 1e999}}}', "weekly.seconds.Work is Infinity, above"),
        ('{"weekly": {"seconds": {"Work": -1}}}', "weekly.seconds.Work is -1, below 0; write 0 or more"),
        ('{"weekly": {"enabled": 1}}', "weekly.enabled is 1, no true or false"),
        ('{"weekly": {"everyStarts": 0.5}}', "weekly.everyStarts is 0.5, below 1"),
    ],
)
def test_a_name_that_means_nothing_and_a_number_that_is_none_are_refused(
    tmp_path: Path, capsys: Capture, expected: str, told: str
) -> None:
    assert asked(written(tmp_path), expected) == 1
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "expected",
    [
        '{"weekly": {"seconds": {"Work": "1.5"}, "items": {"Each": 3}, "path": ["Check", "Each"]}}',
        '{"weekly": {"startsByRun": {"weekly": 1}, "everyStarts": 2}}',
        '{"queue": {"month": {"sqs_standard_request": 1000, "data_out_gb": 1}}}',
    ],
)
def test_names_that_are_there_are_taken(tmp_path: Path, expected: str) -> None:
    assert asked(written(tmp_path), expected) == 0


def test_states_of_a_machine_that_is_not_known_yet_may_have_any_name(tmp_path: Path) -> None:
    plan = written(tmp_path, UNKNOWN)
    assert asked(plan, '{"weekly": {"seconds": {"Anything": 1}, "path": ["Anything"]}}') == 0


def with_function(folder: Path) -> Path:
    """Write a plan of a function alone."""
    function = {
        "urn": "urn:pulumi:dev::p::aws:lambda/function:Function::reporter",
        "type": "aws:lambda/function:Function",
        "inputs": {"name": "reporter", "memorySize": 1024},
    }
    path = folder / "plan.json"
    path.write_text(json.dumps({"steps": [{"newState": function}]}), encoding="utf-8")
    return path


def test_of_a_function_its_seconds_and_its_invocations_are_declared(tmp_path: Path, capsys: Capture) -> None:
    expected = '{"reporter": {"seconds": {"reporter": 2}, "month": {"lambda_request": 40}}}'
    assert asked(with_function(tmp_path), expected) == 0
    month = json.loads(capsys.readouterr().out)["month"]["expected"]
    used = {line["price"]: Decimal(line["quantity"]) for line in month["lines"]}
    assert used == {"lambda_request": 40, "lambda_x86_gb_second": 80}
    assert asked(with_function(tmp_path), '{"reporter": {"path": ["reporter"]}}') == 1
    assert asked(with_function(tmp_path), '{"reporter": {"seconds": {"Report": 2}}}') == 1
