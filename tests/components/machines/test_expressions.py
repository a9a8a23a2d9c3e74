"""The JSONata of both machines: each file separately, and the total size."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from components.cost.unit_prices import NOT_KNOWN
from components.machines import expressions
from components.machines.expressions import jsonata
from components.machines.watch import machine as watch
from components.machines.weekly import machine as workflow
from components.settings import Settings
from local.emulator.jsonata import check_syntax
from tests.components.machines.definitions import expressions_in, states_of
from tests.components.machines.reference_implementation import ours, theirs
from tests.components.machines.runs import ANOTHER, LAST_SUCCESS, NO_TIMES
from tests.stacks import ENVIRONMENTS, names_of, settings_of

Json = dict[str, Any]

FOLDER = Path(expressions.__file__).parent
FILES = sorted(path.stem for path in FOLDER.glob("*.jsonata"))
ERROR = object()
"""The expected value of an expression that raises an error."""

MILLISECONDS = 1_795_413_600_000
"""2026-11-23T06:00:00Z."""
JAKARTA = {"utcOffsets": [{"since": "1970-01-01T00:00:00Z", "minutes": 420}]}
NEW_YORK = {
    "utcOffsets": [
        {"since": "2026-03-08T07:00:00Z", "minutes": -240},
        {"since": "2026-11-01T06:00:00Z", "minutes": -300},
    ]
}
NO_OFFSETS: Json = {"utcOffsets": []}
# As the machines bind the variable.
LOCAL = f"$local := {jsonata('local_time')}; "


@dataclass(frozen=True)
class Example:
    """A file with its variables, and the value that it returns."""

    file: str
    expected: Any
    bindings: Json = field(default_factory=dict)
    before: str = ""
    """JSONata that binds values that JSON cannot represent: a function or a regular expression."""
    after: str = ""
    """JSONata after the code of the file, such as a call of the function that it defines."""

    @property
    def question(self) -> tuple[str, Json]:
        return f"({self.before}{jsonata(self.file)}{self.after})", self.bindings


def _claims() -> Iterator[Example]:
    good = {"execution": ANOTHER, "run": "2026-W47"}
    read: list[tuple[Any, Any]] = [
        (good, good),
        ({**good, "more": 1}, {**good, "more": 1}),
        ([], ERROR),
        ({}, ERROR),
        (None, ERROR),
        ("text", ERROR),
        ({"execution": ANOTHER}, ERROR),
        ({"run": "2026-W47"}, ERROR),
        ({**good, "run": ""}, ERROR),
        ({**good, "run": 5}, ERROR),
        ({**good, "execution": 5}, ERROR),
        ({**good, "execution": "arn:aws:ecs:us-east-1:111111111111:task/a"}, ERROR),
    ]
    for given, expected in read:
        yield Example("claim_owner", expected, {"read": given}, "$read.")


def _whole_successes() -> Iterator[Example]:
    before = f"$picture := '[X0001]-W[W01]'; {LOCAL}$millis := function() {{ {MILLISECONDS} }}; "
    for accepted, regions, given, run_id, expected in [
        (True, 5, {}, "by-hand", True),
        (True, 6, {}, "by-hand", True),
        (False, 5, {}, "by-hand", False),
        (True, 4, {}, "by-hand", False),
        (True, 5, {"run_id": "2026-W48"}, "2026-W48", True),
        (True, 5, {"run_id": "2026-W47"}, "2026-W47", False),
    ]:
        variables = {"accepted": accepted, "regions": regions, "count": 5, "input": given, "run_id": run_id}
        yield Example("is_whole_success", expected, {**variables, "settings": JAKARTA}, before)


def _last_successes() -> Iterator[Example]:
    before = "$millis := function() { $moment }; $read."
    good = {"run": "2026-W47", "at": "2026-11-23T06:05:00Z"}
    late = {**good, "at": "2026-11-23T06:05:00.001Z"}
    read: list[tuple[Any, Any]] = [
        (good, good),
        # Before the first full success, a partial success records no name.
        ({**good, "run": ""}, {**good, "run": ""}),
        (LAST_SUCCESS, LAST_SUCCESS),
        (late, ERROR),
        ({}, ERROR),
        ([], ERROR),
        ({"run": "2026-W47"}, ERROR),
        ({"at": good["at"]}, ERROR),
        ({**good, "run": 48}, ERROR),
        ({**good, "at": 48}, ERROR),
        ({**good, "at": "on Monday"}, ERROR),
    ]
    for given, expected in read:
        yield Example("last_success", expected, {"read": given, "moment": MILLISECONDS}, before)


def _records() -> Iterator[Example]:
    before = f"$millis := function() {{ {MILLISECONDS} }}; "
    last = '"at":"2026-11-23T06:00:00.000Z","seconds":5432,"usd":0.15}'
    for status, given, expected in [
        ("succeeded", {}, '{"run":"new","at":"2026-11-23T06:00:00.000Z","seconds":60,"usd":0.2}'),
        ("succeeded", {"run_id": "new"}, '{"run":"new",' + last),
        ("partial", {}, '{"run":"2026-W47",' + last),
        ("partial", {"run_id": "new"}, '{"run":"2026-W47",' + last),
    ]:
        outcome = {"duration_seconds": 60, "usd": 0.2}
        variables = {"status": status, "input": given, "outcome": outcome, "last": LAST_SUCCESS}
        yield Example("last_success_record", expected, {**variables, "run_id": "new"}, before)


def _local_times() -> Iterator[Example]:
    at_two = MILLISECONDS + 2 * 3_600_000
    summer = 1_790_000_000_000
    for settings, moment, expected in [
        (NO_OFFSETS, MILLISECONDS, MILLISECONDS),
        (JAKARTA, MILLISECONDS, MILLISECONDS + 7 * 3_600_000),
        (NEW_YORK, at_two, at_two - 5 * 3_600_000),
        (NEW_YORK, summer, summer - 4 * 3_600_000),
        # Before the first offset in the settings.
        (NEW_YORK, 0, 0),
    ]:
        yield Example("local_time", expected, {"settings": settings}, "$local := ", f"; $local({moment})")


def _run_names() -> Iterator[Example]:
    before = "$picture := '[X0001]-W[W01]'; "
    refused: list[Any] = ["", "../x", "a b", "x" * 129, 7, None, []]
    for given, scheduled, expected in [
        ({}, 0, "by-hand"),
        ({}, MILLISECONDS, "2026-W48"),
        ({"run_id": "2026-W40"}, MILLISECONDS, "2026-W40"),
        *(({"run_id": bad}, MILLISECONDS, "2026-W48") for bad in refused),
        ({"run_id": "x" * 128}, 0, "x" * 128),
    ]:
        yield Example(
            "run_name", expected, {"input": given, "scheduled": scheduled, "name": "by-hand"}, before
        )


def _scheduled_times() -> Iterator[Example]:
    refused: list[Any] = [*NO_TIMES, "soon", "2026-11-23", "x2026-11-23T06:00:00Z", 7, None, []]
    for time, expected in [
        ("2026-11-23T06:00:00Z", MILLISECONDS + 7 * 3_600_000),
        ("2026-11-23T06:00:00.5Z", MILLISECONDS + 7 * 3_600_000 + 500),
        ("2026-11-23T13:00:00+07:00", MILLISECONDS + 7 * 3_600_000),
        ("2028-02-29T00:00:00Z", 1_835_395_200_000 + 7 * 3_600_000),
        *((bad, 0) for bad in refused),
    ]:
        variables = {"input": {"scheduled_time": time}, "settings": JAKARTA}
        yield Example("scheduled_time", expected, variables, LOCAL)
    yield Example("scheduled_time", 0, {"input": {}, "settings": JAKARTA}, LOCAL)


def _stopped_tasks() -> Iterator[Example]:
    arn = "arn:aws:ecs:us-east-1:111111111111:task/cluster/0123"
    started = {"taskArn": arn, "startedAt": "2026-11-23T06:00:00Z"}
    for task, error, cause in [
        ({}, "Crashed", "It never started."),
        (started, "Crashed", "Log stream: worker/monitor/0123"),
        ({**started, "stoppedReason": None}, "Crashed", "Log stream: worker/monitor/0123"),
        (
            {**started, "stoppedReason": "Stopped", "containers": [{"name": "monitor", "exitCode": 0}]},
            "Crashed",
            "Stopped (exit code 0) Log stream: worker/monitor/0123",
        ),
        (
            {"stopCode": "TaskFailedToStart", "stoppedReason": "CannotPullContainerError: not found"},
            "StartFailed",
            "CannotPullContainerError: not found It never started.",
        ),
        (
            {"stopCode": "TaskFailedToStart", "stoppedReason": "no matching manifest for linux/arm64"},
            "WrongArchitecture",
            "no matching manifest for linux/arm64 It never started.",
        ),
        (
            {
                **started,
                "stopCode": "SpotInterruption",
                "stoppedReason": "Spot",
                "containers": [{"name": "monitor", "exitCode": 137, "reason": "OutOfMemoryError"}],
            },
            "Interrupted",
            "OutOfMemoryError; Spot (exit code 137) Log stream: worker/monitor/0123",
        ),
        (
            {
                "containers": [
                    {"name": "other", "reason": "x"},
                    {"name": "monitor", "reason": "OutOfMemoryError"},
                ]
            },
            "OutOfMemory",
            "OutOfMemoryError It never started.",
        ),
        ({"stoppedReason": "x" * 7_001}, "Crashed", f"{'x' * 6_997}... It never started."),
        (
            {"stoppedReason": "image does not match the specified platform"},
            "WrongArchitecture",
            "image does not match the specified platform It never started.",
        ),
    ]:
        variables = {"task": task, "name": "monitor", "token": "TASK_TOKEN", "stream": "worker/monitor/"}
        before = f"$cut := {jsonata('cut')}; $task."
        expected = {"Error": f"Worker.{error}", "Cause": cause}
        yield Example("stopped_task", expected, variables, before)


def _ended_executions() -> Iterator[Example]:
    detail = {
        "status": "TIMED_OUT",
        "executionArn": ANOTHER,
        "startDate": MILLISECONDS,
        "stopDate": MILLISECONDS + 61_999,
    }
    known = {
        "status": "timed_out",
        "execution": ANOTHER,
        "start_time": "2026-11-23T06:00:00.000Z",
        "duration_seconds": 61,
    }
    yield Example("ended_execution", known, {"detail": detail}, "$detail.")
    more = {"error": None, "cause": "late", "redriveCount": 1}
    yield Example(
        "ended_execution",
        {**known, "error": None, "cause": "late", "redrive_count": 1},
        {"detail": {**detail, **more}},
        "$detail.",
    )


def _cuts() -> Iterator[Example]:
    for text, expected in [
        ("", ""),
        ("abcd", "abcd"),
        ("abcde", "a..."),
        ("ab\nde", "a..."),
        ("é" * 9, "é..."),
    ]:
        yield Example("cut", expected, {"text": text}, after="($text, 4)")


def _lost_shards() -> Iterator[Example]:
    before = f"$characters := 28; $cut := {jsonata('cut')}; $named := [$lost]; "
    for texts, expected in [
        ([], []),
        (["out of memory"], ["out of memory"]),
        (["a" * 28], ["a" * 28]),
        (["a" * 29], ["a" * 25 + "..."]),
        (['a "b"\\c'], ["a `b``c"]),
        (["a\x00\n\x1f\x7f\tb"], ["a b"]),
        (["🛰é"], ["🛰é"]),
        (["🛰éa"], ["🛰..."]),
        (["é" * 9, "out of memory"], ["...", "out of memory"]),
    ]:
        lost = [{"shard": shard, "error": text} for shard, text in enumerate(texts)]
        short = [{"shard": shard, "error": text} for shard, text in enumerate(expected)]
        yield Example("lost_shards", short, {"lost": lost}, before)


def _planned_regions() -> Iterator[Example]:
    shards = [{"regions": ["a"]}, {"regions": ["b", "c"]}]
    for expected, plan in [
        (1, json.dumps({"shards": shards[:1]})),
        (3, json.dumps({"shards": shards})),
        (3, json.dumps({"region_count": 3, "shards": shards}, indent=2)),
        (29_000, '{\n  "region_count": 29000,\n  "shards": [{"regions": ["a'),
        (ERROR, '{"shards": [{"regions": ["a'),
    ]:
        yield Example("planned_regions", expected, {"plan": plan})


def _unreadables() -> Iterator[Example]:
    for error, cause, is_unreadable in [
        ("States.QueryEvaluationError", "it names no execution", True),
        ("S3.SdkClientException", "Cannot encode string.", True),
        ("S3.S3Exception", "The requested range is not satisfiable (Status Code: 416)", True),
        ("S3.SdkClientException", "Unable to execute HTTP request", False),
        ("S3.S3Exception", "(Status Code: 503)", False),
        ("S3.S3Exception", "Cannot encode the key", False),
    ]:
        caught = {"Error": error, "Cause": cause}
        named = {"Error": "Ccapi.StateUnreadable", "Cause": f"s3://cache/key {cause}"}
        variables = {"states": {"errorOutput": caught}, "uri": "s3://cache/key"}
        yield Example("unreadable", named if is_unreadable else caught, variables)
    without_cause = {"Error": "States.Timeout"}
    yield Example("unreadable", without_cause, {"states": {"errorOutput": without_cause}, "uri": ""})


EXAMPLES = [
    *_claims(),
    *_whole_successes(),
    *_last_successes(),
    *_records(),
    *_local_times(),
    *_run_names(),
    *_scheduled_times(),
    *_stopped_tasks(),
    *_ended_executions(),
    *_cuts(),
    *_lost_shards(),
    *_planned_regions(),
    *_unreadables(),
]


def test_each_file_has_examples() -> None:
    assert {example.file for example in EXAMPLES} == set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_each_file_is_valid_jsonata_on_one_line_without_comments(file: str) -> None:
    code = jsonata(file)
    check_syntax(code)
    assert "/*" not in code
    assert "  " not in code


# The word for the result in the comment of each file, and the type of the result.
RESULTS: dict[str, tuple[str, type]] = {
    "claim_owner": ("owner", dict),
    "cut": ("text", str),
    "ended_execution": ("outcome", dict),
    "is_whole_success": ("true", bool),
    "last_success": ("last success", dict),
    "last_success_record": ("record", str),
    "local_time": ("time", int),
    "lost_shards": ("list", list),
    "planned_regions": ("number", int),
    "run_name": ("name", str),
    "scheduled_time": ("time", int),
    "stopped_task": ("answer", dict),
    "unreadable": ("error", dict),
}


@pytest.mark.parametrize("file", FILES)
def test_the_comment_of_each_file_agrees_with_its_code_and_its_examples(file: str) -> None:
    text = (FOLDER / f"{file}.jsonata").read_text(encoding="utf-8")
    comment = re.match(r"/\*\s(.+?\.)\s\*/\n", text, re.DOTALL)
    assert comment is not None
    word, type_ = RESULTS[file]
    assert re.match(rf"Return [^.;:]*\b{word}\b", comment[1])

    expected = [example.expected for example in EXAMPLES if example.file == file]
    assert {type(value) for value in expected if value is not ERROR} == {type_}
    assert (ERROR in expected) == ("raises an error" in comment[1])
    assert set(re.findall(r"\$\w+", comment[1])) <= set(re.findall(r"\$\w+", jsonata(file)))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.file)
def test_each_file_returns_the_expected_value_or_error(example: Example) -> None:
    answer = ours(example.question)
    if example.expected is ERROR:
        assert "error" in answer
    else:
        assert answer == {"value": example.expected}


def test_the_reference_implementation_returns_the_same(reference_modules: Path) -> None:
    answers = theirs(reference_modules, [example.question for example in EXAMPLES])
    for example, answer in zip(EXAMPLES, answers, strict=True):
        if example.expected is ERROR:
            assert "error" in answer, example
        else:
            assert answer == {"value": example.expected}, example


# Both machines


MACHINES = {"weekly": workflow.definition, "watch": watch.definition}
MOST_CHARACTERS_OUTSIDE_FILES = 200
# Ratchets: lower them when a machine gets smaller. While the machines wrote the messages themselves, they had 26,718
# and 15,255 bytes, and the weekly machine 59 states.
MOST_STATES = {"weekly": 48, "watch": 41}
MOST_BYTES = {"weekly": 10_562, "watch": 5_404}
# The limits for any settings; docs/decisions.md says why there are two claims, without which 40 states would do.
MOST_STATES_OF_ANY = 50
MOST_BYTES_OF_ANY = {"weekly": 10_737, "watch": 5_531}

VARIANTS: list[Settings] = [
    *(settings_of(environment) for environment in ENVIRONMENTS),
    settings_of("prod", schedule={"everyWeeks": 2, "anchorWeek": "2026-11-23"}),
    settings_of("prod", run={"minSucceededRegions": 2, "overlap": "wait", "timeoutSeconds": 86_400}),
    settings_of("prod", run={"onPartialFailure": "fail", "overlap": "allow"}),
    settings_of(
        "prod",
        schedule={"everyWeeks": 2, "anchorWeek": "2026-11-23"},
        notifications={
            "successEmails": ["reports@example.com"],
            "failureEmails": ["alerts@example.com"],
            "alarmEmails": ["night@example.com"],
        },
    ),
]


def code_of(definition: Json) -> list[str]:
    """Return the JSONata expressions of a machine, without the delimiters of JSONata."""
    return [text.removeprefix("{% ").removesuffix(" %}") for text in expressions_in(definition)]


def outside_files(code: str) -> str:
    """Return an expression without the code of files, the longest first, since one may contain another."""
    for file in sorted(FILES, key=lambda each: len(jsonata(each)), reverse=True):
        code = code.replace(jsonata(file), "")
    return code


@pytest.mark.parametrize("settings", VARIANTS, ids=range(len(VARIANTS)))
@pytest.mark.parametrize("machine", MACHINES)
def test_an_expression_outside_of_files_is_short(machine: str, settings: Settings) -> None:
    long = [
        rest
        for code in code_of(MACHINES[machine](settings, names_of("prod")))
        if len(rest := outside_files(code)) > MOST_CHARACTERS_OUTSIDE_FILES
    ]
    assert long == []


def test_each_file_is_used_by_a_machine() -> None:
    code = [
        text
        for settings in VARIANTS
        for definition in MACHINES.values()
        for text in code_of(definition(settings, names_of("prod")))
    ]
    for file in FILES:
        assert any(jsonata(file) in text for text in code), file


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_is_no_larger_than_it_was(machine: str, environment: str) -> None:
    definition = MACHINES[machine](settings_of(environment), names_of(environment))
    states = [name for name, _ in states_of(definition)]
    code_bytes = sum(len(code.encode()) for code in code_of(definition))
    assert len(states) <= MOST_STATES[machine]
    assert code_bytes <= MOST_BYTES[machine]


@pytest.mark.parametrize("settings", VARIANTS, ids=range(len(VARIANTS)))
@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_keeps_its_limits_whatever_the_settings(machine: str, settings: Settings) -> None:
    definition = MACHINES[machine](settings, names_of("prod"))
    assert len(list(states_of(definition))) <= MOST_STATES_OF_ANY
    assert sum(len(code.encode()) for code in code_of(definition)) <= MOST_BYTES_OF_ANY[machine]


def test_prices_that_are_not_known_have_the_fields_that_expressions_read() -> None:
    code = " ".join(
        text
        for definition in MACHINES.values()
        for text in code_of(definition(settings_of("dev"), names_of("dev")))
    )
    assert set(re.findall(r"unitPrices\.([a-z]+)", code)) <= set(NOT_KNOWN)
