import json
import re
import shlex
from typing import Any

import pytest

from components import messages
from components.messages import SUBJECT_MAX_CHARACTERS, Message, missed, silent_end, skipped, success
from components.names import Names
from local.emulator.query import evaluate
from tests.golden_files import golden
from tests.stacks import names_of

OUTCOME: dict[str, Any] = {
    "run_id": "2026-W48",
    "period": "2026-W47",
    "is_summarized": True,
    "execution": "arn:aws:states:us-east-1:111111111111:execution:ccapi-weekly-monitoring-dev:by-hand",
    "duration_seconds": 3_723,
    "regions": 29,
    "succeeded": 27,
    "failed": 2,
    "warnings": [],
    "log_stream": "",
    "usd": 0.1629,
    "status": "TIMED_OUT",
    "failures": [
        {"region": "tegal_brebes_coastal", "error": "no imagery for it's week"},
        {"region": "solo_raya_expansion", "error": 'a "quoted" word, ünïcode ✂'},
    ],
    "error": "Worker.CredentialsInvalid",
    "cause": "The secret ccapi-earth-engine-dev is empty.\nPut a key into it.",
}


def ended(names: Names) -> Message:
    return silent_end(names, 10_800, resumes=True)


def partial_failure(names: Names) -> Message:
    return messages.partial_failure(names, resumes=True)


def failure(names: Names) -> Message:
    return messages.failure(names, resumes=True)


def late(names: Names) -> Message:
    return missed(names, 192)


REFUSED: dict[str, Any] = {"status": "failed", "regions": 0, "succeeded": 0, "failed": 0, "failures": []}
KILLED = "Worker.OutOfMemory: OutOfMemoryError: Container killed due to memory usage (exit code 137)."
LOST: dict[str, Any] = {
    "status": "failed",
    "succeeded": 0,
    "failed": 29,
    "error": "Ccapi.NoRegionSucceeded",
    "failures": [
        *({"region": f"region-{number}", "error": KILLED} for number in range(28)),
        {"region": "solo_raya_expansion", "error": "no imagery"},
    ],
}
SUMMARIZED: dict[str, Any] = {
    "regions": 3,
    "succeeded": 1,
    "is_summarized": True,
    "failures": [
        {"region": "tegal_brebes_coastal, merak_port_corridor", "error": "The run was stopped by hand."}
    ],
}
GIVEN = {"regions_count": 29, "enable_scraping": False}
CLAIMED = {"run_id": "2026-W48", "owner": {"execution": OUTCOME["execution"], "run": "by-hand"}}
KINDS = [success, partial_failure, failure, ended]
EVERY_KIND = [*KINDS, late, skipped]
LONG = Names("p" * 60, "e" * 60, "us-east-1", "111111111111")
FOREIGN = Names("überwachung", "prüfung", "us-east-1", "111111111111")


def told(message: Message, **changes: Any) -> tuple[str, str]:
    """Return a message, by the input `given` of its execution, which the watch knows under another name."""
    given = changes.pop("given", GIVEN)
    bindings = {
        "outcome": {**OUTCOME, **changes},
        "states": {"context": {"Execution": {"Input": given}}},
        "input": given,
        "hours": 193.52,
        "last_run": "2026-W46",
        **CLAIMED,
        **({"run_id": changes["run_id"]} if "run_id" in changes else {}),
    }
    return evaluate(message.subject, bindings), evaluate(message.body, bindings)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (success, "ccapi dev: 2026-W48 complete"),
        (partial_failure, "ccapi dev: 2026-W48 partial, 2 of 29 regions failed"),
        (failure, "ccapi dev: 2026-W48 FAILED"),
        (ended, "ccapi dev: 2026-W48 TIMED OUT"),
    ],
)
def test_a_subject_says_what_happened_to_which_run(kind: Any, subject: str) -> None:
    assert told(kind(names_of("dev")))[0] == subject


def test_messages_read_as_expected(update_golden: bool) -> None:
    names = names_of("dev")
    texts = [
        told(
            success(names), usual_seconds=5_432, status="succeeded", warnings=["The program made no report."]
        ),
        told(partial_failure(names), status="partial", log_stream="worker/monitor/0123456789abcdef"),
        told(failure(names), **REFUSED),
        told(failure(names), **LOST, usual_seconds=5_432),
        *(
            told(ended(names), **SUMMARIZED, status=status, usual_seconds=5_432)
            for status in ("TIMED_OUT", "ABORTED", "FAILED")
        ),
        told(ended(names), **SUMMARIZED | {"is_summarized": False, "failures": []}, status="TIMED_OUT"),
        told(missed(names, 192)),
        told(skipped(names)),
    ]
    generated = f"\n\n{'=' * 40}\n\n".join(f"{subject}\n\n{body}" for subject, body in texts) + "\n"
    assert golden("messages.dev.txt", generated, update=update_golden) == generated


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("names", [names_of("dev"), LONG, FOREIGN])
@pytest.mark.parametrize("run_id", ["2026-W48", "x" * 128, "ü" * 80, "🛰" * 80, "a\nb\u2028c\x00"])
def test_a_subject_is_one_that_sns_takes(kind: Any, names: Names, run_id: str) -> None:
    subject, _ = told(kind(names), run_id=run_id)
    # The oldest and strictest form of SNS, Publish, parameter Subject: printable ASCII, less than 100 characters.
    assert re.fullmatch(r"[ -~]{1,99}", subject)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (success, " complete"),
        (partial_failure, " partial, 2 of 29 regions failed"),
        (failure, " FAILED"),
        (ended, " TIMED OUT"),
    ],
)
@pytest.mark.parametrize("names", [names_of("dev"), LONG])
def test_of_a_long_subject_the_name_is_cut_and_not_what_happened(
    kind: Any, verdict: str, names: Names
) -> None:
    subject, _ = told(kind(names), run_id="x" * 128)
    assert len(subject.encode()) == SUBJECT_MAX_CHARACTERS
    assert subject.endswith(verdict)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_partial_failure_names_each_region_with_its_reason(count: int) -> None:
    failures = OUTCOME["failures"][:count]
    _, body = told(partial_failure(names_of("dev")), failures=failures)
    assert re.findall(r"^- .*$", body, re.MULTILINE) == [
        f"- {item['region']}: {item['error']}" for item in failures
    ]


@pytest.mark.parametrize("kind", [success, partial_failure])
@pytest.mark.parametrize("warnings", [[], ["no report"], ["no report", "no cache"]])
def test_what_went_wrong_without_a_region_lost_is_told_too(kind: Any, warnings: list[str]) -> None:
    _, body = told(kind(names_of("dev")), warnings=warnings)
    before = body.split("\nDuration: ")[0]
    assert before.splitlines()[1:] == [
        *([] if kind is success else [f"- {one['region']}: {one['error']}" for one in OUTCOME["failures"]]),
        *warnings,
    ]


def test_a_failure_says_what_went_wrong() -> None:
    _, body = told(failure(names_of("dev")), **REFUSED)
    assert "Error: Worker.CredentialsInvalid\nCause: The secret ccapi-earth-engine-dev is empty.\n" in body
    assert "regions were done" not in body


def test_a_failure_of_every_region_names_them_by_their_reasons() -> None:
    _, body = told(failure(names_of("dev")), **LOST)
    regions = ", ".join(f"region-{number}" for number in range(28))
    assert f"\n- {regions}: {KILLED}\n- solo_raya_expansion: no imagery\n0 of 29 regions were done." in body
    assert "Cause:" not in body


def test_a_program_that_does_all_regions_or_none_is_not_said_to_do_what_is_missing() -> None:
    _, body = told(messages.partial_failure(names_of("dev"), resumes=False))
    assert "To do it again, all of it:\n" in body
    assert "only that" not in body


def test_a_failure_without_a_cause_is_told_all_the_same() -> None:
    assert "Cause: \n" in told(failure(names_of("dev")), **REFUSED, cause="")[1]


def test_a_long_cause_is_cut_and_says_so() -> None:
    _, body = told(failure(names_of("dev")), **REFUSED, cause="x" * 30_000)
    assert "x…\n" in body
    assert len(body) < 4_000


@pytest.mark.parametrize("kind", KINDS)
def test_a_duration_stands_against_the_last_good_one_where_that_is_known(kind: Any) -> None:
    known, unknown = (told(kind(names_of("dev")), usual_seconds=seconds)[1] for seconds in (5_432, 0))
    assert "62 min 3 s, the last good run took 90 min 32 s" in known
    assert "the last good run" not in unknown


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (3_723, "62 min 3 s")]
)
@pytest.mark.parametrize("kind", [success, partial_failure, ended])
def test_a_duration_reads_as_people_say_it(kind: Any, seconds: int, text: str) -> None:
    assert f"\nDuration: {text}\n" in told(kind(names_of("dev")), duration_seconds=seconds)[1]


@pytest.mark.parametrize("kind", KINDS)
def test_each_link_leads_to_what_the_stack_creates(kind: Any) -> None:
    names = names_of("dev")
    _, body = told(kind(names))
    console = "https://us-east-1.console.aws.amazon.com"
    assert (
        f"Reports: {console}/s3/buckets/{names.bucket('reports')}?region=us-east-1&prefix=weekly/2026-W48/\n"
        in body
    )
    assert (
        f"Execution: {console}/states/home?region=us-east-1#/v2/executions/details/{OUTCOME['execution']}\n"
        in body
    )
    assert "log-groups/log-group/$252Faws$252Fecs$252Fccapi-dev\n" in body
    assert f"Dashboard: {names.dashboard_url}" in body


@pytest.mark.parametrize("kind", KINDS)
def test_the_log_is_that_of_the_worker_that_failed_where_it_is_known(kind: Any) -> None:
    _, body = told(kind(names_of("dev")), log_stream="worker/monitor/0123456789abcdef")
    assert "$252Fccapi-dev/log-events/worker$252Fmonitor$252F0123456789abcdef\n" in body


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("TIMED_OUT", "was ended after the 10800 s that it may take."),
        ("ABORTED", "was stopped by hand."),
        ("FAILED", "failed by an error that none of its states could catch."),
    ],
)
@pytest.mark.parametrize("error", ["", "States.Runtime"])
def test_an_end_that_no_state_saw_is_told_with_what_is_known_of_it(
    status: str, text: str, error: str
) -> None:
    _, body = told(ended(names_of("dev")), status=status, error=error, cause="")
    first, second, *_ = body.splitlines()
    assert first == f"The run 2026-W48 {text}"
    assert second.startswith("Error: States.Runtime" if error else "27 of 29 regions were done")
    assert "Cause" not in body


@pytest.mark.parametrize("kind", [partial_failure, failure, ended])
def test_bad_news_ends_with_the_command_that_helps(kind: Any) -> None:
    _, body = told(kind(names_of("dev")))
    assert body.splitlines()[-1] == (
        "aws stepfunctions start-execution --region us-east-1 --state-machine-arn "
        "arn:aws:states:us-east-1:111111111111:stateMachine:ccapi-weekly-monitoring-dev "
        """--input '{"regions_count":29,"enable_scraping":false,"run_id":"2026-W48"}'"""
    )


COMMAND = re.compile(r"--input (.*)$", re.DOTALL)


@pytest.mark.parametrize("kind", [partial_failure, failure, ended, skipped])
@pytest.mark.parametrize(
    ("given", "started"),
    [
        ({}, {}),
        ({"regions": ["jakarta_north_sprawl", "tipo"]}, {"regions": ["jakarta_north_sprawl", "tipo"]}),
        ({"regions": ["tegal_brebes_coastal"]}, {"regions": ["tegal_brebes_coastal"]}),
        ({"run_id": 7}, {}),
        ({"execution_name": 'it\'s $(date) \\ "ünïcode"'}, {"execution_name": 'it\'s $(date) \\ "ünïcode"'}),
        ([], {}),
        ("text", {}),
        (None, {}),
    ],
)
def test_the_command_carries_the_whole_input_through_a_shell(
    kind: Any, given: Any, started: dict[str, Any]
) -> None:
    _, body = told(kind(names_of("dev")), given=given)
    found = COMMAND.search(body)
    assert found is not None
    (argument,) = shlex.split(found[1])
    # A run that was not begun has no plan, and its name would be refused.
    assert json.loads(argument) == (
        (given if isinstance(given, dict) else {}) if kind is skipped else {**started, "run_id": "2026-W48"}
    )


def test_an_input_that_no_worker_has_taken_is_not_repeated() -> None:
    _, body = told(skipped(names_of("dev")), given={"regions": ["x" * 40] * 5_000})
    assert body.endswith("--input file://input.json\n(the execution's input, which is too long for here)")
    _, body = told(partial_failure(names_of("dev")), given={"regions": ["x" * 40] * 5_000})
    assert body.endswith("\n(the execution's input, which is too long for here, with the run_id 2026-W48)")


def test_what_was_never_planned_is_not_said_to_be_missing() -> None:
    _, body = told(failure(names_of("dev")), **REFUSED)
    assert "To start it again, once what is wrong has been put right:\naws " in body


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_text_and_not_json(kind: Any) -> None:
    _, body = told(kind(names_of("dev")))
    assert not body.startswith("{")
    assert "undefined" not in body
    assert "null" not in body
