"""The content of the messages of runs, for any outcome."""

import json
import re
import shlex
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.commands import INPUT_MAX_CHARACTERS
from reporter.message import Message, Occasion
from reporter.missed_message import missed_message
from reporter.outcome import Outcome
from reporter.plain_text import MAX_BYTES, plain_text
from reporter.run_message import run_message
from tests.reporter.examples import EXECUTION, LOG_STREAM, SETTINGS, failures, outcome, settings

STATUSES = ["succeeded", "partial", "failed", "timed_out", "aborted", "skipped"]
UNPLANNED: dict[str, Any] = {"status": "failed", "regions": 0, "succeeded": 0}
PARTIAL: dict[str, Any] = {
    "status": "partial",
    "succeeded": 28,
    "failures": failures(("bekasi", "no imagery")),
}


def text_of(message: Message) -> str:
    return plain_text(message).text


def told(**changes: Any) -> str:
    return text_of(run_message(outcome(**changes), SETTINGS))


def test_a_message_has_the_id_of_its_execution() -> None:
    assert run_message(outcome(), SETTINGS).id == f"execution/{EXECUTION}"
    late = outcome(status="missed", since="2026-11-15T06:58:00Z")
    assert missed_message(late, SETTINGS).id == "missed/2026-11-15T06:58:00Z"


OWN = f"run/{outcome(status='succeeded').run_id}"


@pytest.mark.parametrize(
    ("status", "occasion", "incident", "resolves"),
    [
        ("succeeded", Occasion.SUCCEEDED, None, (OWN,)),
        ("partial", Occasion.PARTIAL, OWN, ()),
        ("failed", Occasion.FAILED, OWN, ()),
        ("timed_out", Occasion.FAILED, OWN, ()),
        ("aborted", Occasion.FAILED, OWN, ()),
        ("a new status", Occasion.FAILED, OWN, ()),
        ("skipped", Occasion.SKIPPED, None, ()),
    ],
)
def test_an_end_opens_an_incident_or_resolves_it(
    status: str, occasion: Occasion, incident: str | None, resolves: tuple[str, ...]
) -> None:
    message = run_message(outcome(status=status), SETTINGS)
    assert (message.occasion, message.incident, message.resolves) == (occasion, incident, resolves)
    assert message.document["occasion"] == occasion
    json.dumps(message.document)


@pytest.mark.parametrize("status", ["succeeded", "partial"])
def test_only_a_run_that_counts_as_the_success_ends_that_one_is_overdue(status: str) -> None:
    assert "missed" not in run_message(outcome(status=status), SETTINGS).resolves
    assert "missed" in run_message(outcome(status=status, counts_as_success=True), SETTINGS).resolves


def test_a_run_without_a_name_has_an_incident_too() -> None:
    assert run_message(outcome(status="failed", run_id=""), SETTINGS).incident == "run"


def test_a_missed_success_opens_its_own_incident() -> None:
    message = missed_message(outcome(status="missed", hours=193.52), SETTINGS)
    assert (message.occasion, message.incident) == (Occasion.MISSED, "missed")
    never = missed_message(outcome(last_run="", hours=193.52), SETTINGS)
    assert never.headline == "No run has succeeded since the schedule was last changed, 8 days 1 h ago."
    assert "No run that succeeded is on record." in never.lines


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "succeeded"])
@pytest.mark.parametrize(
    "given_input",
    [{}, {"regions_count": 3}, {"execution_name": 'it\'s "me" $HOME `id` \\ !x\n\u202e ünï'}],
)
def test_the_command_can_be_pasted_with_all_of_the_input(status: str, given_input: dict[str, Any]) -> None:
    message = run_message(outcome(status=status, succeeded=1, input=given_input), SETTINGS)
    operator, command = message.commands
    assert operator.line == f"ccapi {'show' if status == 'skipped' else 'redo'} 2026-W48 --stack prod"
    words = shlex.split(command.line)
    assert words[:3] == ["aws", "stepfunctions", "start-execution"]
    assert words[words.index("--region") + 1] == "us-east-1"
    named = {} if status == "skipped" else {"run_id": "2026-W48"}
    assert json.loads(words[words.index("--input") + 1]) == {**given_input, **named}
    assert command.line.isascii()
    assert command.line.count("'") == 2


def test_a_run_without_a_plan_is_not_named_in_its_command() -> None:
    operator, command = run_message(outcome(**UNPLANNED), SETTINGS).commands
    assert operator.line.startswith("ccapi redo ")
    assert "run_id" not in command.line


def test_an_input_that_is_too_long_is_not_in_the_command() -> None:
    long = {"regions": ["x" * INPUT_MAX_CHARACTERS]}
    _, command = run_message(outcome(**PARTIAL, input=long), SETTINGS).commands
    assert command.line.startswith("# aws ")
    assert command.line.endswith(" --input file://input.json")
    assert "set run_id to 2026-W48 in it" in command.purpose


def test_a_refused_input_is_not_offered_again() -> None:
    refused = outcome(**UNPLANNED, error="Worker.InvalidInput", cause="x is 30", input={"x": 30})
    message = run_message(refused, SETTINGS)
    assert [command.line.split()[:2] for command in message.commands] == [["ccapi", "show"], ["#", "aws"]]
    # It is shown, to be corrected, and in no command.
    lines = text_of(message).splitlines()
    assert 'Input: {"x":30}' in lines
    assert not any('"x"' in line for line in lines if "aws " in line)


def test_a_run_that_is_already_running_is_not_offered_again() -> None:
    message = run_message(outcome(status="skipped", owner_run="2026-W48"), SETTINGS)
    assert [command.line for command in message.commands] == ["ccapi show 2026-W48 --stack prod"]
    assert "Nothing is missing" in message.lines[0]


def test_a_program_that_cannot_resume_is_not_said_to_do_only_the_missing_regions() -> None:
    command, _ = run_message(outcome(**PARTIAL), settings(resumes=False)).commands
    assert command.purpose.startswith("To do the whole run again")


@pytest.mark.parametrize(
    ("failed", "purpose"),
    [
        (1, "To do the 1 missing region, and only that one:"),
        (2, "To do the 2 missing regions, and only those:"),
    ],
)
def test_the_command_says_how_many_regions_it_does(failed: int, purpose: str) -> None:
    command, _ = run_message(outcome(status="partial", succeeded=29 - failed), SETTINGS).commands
    assert command.purpose == purpose


def test_the_log_is_that_of_the_worker_that_failed() -> None:
    message = told(**PARTIAL, log_stream=LOG_STREAM)
    assert (
        "log-group/$252Faws$252Fecs$252Fccapi-prod/log-events/worker$252Fmonitor$252F0123456789abcdef0123456789abcdef\n"
        in message
    )
    assert "log-group/$252Faws$252Fecs$252Fccapi-prod\n" in told(**PARTIAL)


def test_links_state_the_required_access() -> None:
    for link in run_message(outcome(), SETTINGS).links:
        assert link.access == "needs a login to the AWS account 111111111111"


def test_a_run_without_a_plan_has_no_reports() -> None:
    labels = [link.label for link in run_message(outcome(**UNPLANNED), SETTINGS).links]
    assert labels == ["Execution", "Worker logs", "All runs", "Dashboard"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "Cost: about $0.16, usually $0.15"),
        ({"usual_usd": 0}, "Cost: about $0.16"),
        ({"usd_is_at_most": True}, "Cost: at most about $0.16, usually $0.15"),
        ({"usd": 0}, "Cost: not known"),
        ({"usd": 0.001, "usual_usd": 0}, "Cost: less than $0.01"),
        ({}, "Duration: 1 h 2 min (the last full success took 1 h 31 min)"),
        ({"usual_seconds": 0}, "Duration: 1 h 2 min"),
        ({"retries": 0}, "Attempts: no retry; worker size 2 vCPU with 4 GB"),
        (
            {"retries": 3},
            "Attempts: 3 retries; worker size 2 vCPU with 4 GB, 2 vCPU with 8 GB in retries of the work",
        ),
        ({"input": {"execution_name": "a\nname"}}, "Name: a name"),
    ],
)
def test_the_facts_have_a_line_each(changes: dict[str, Any], line: str) -> None:
    assert line in told(**changes).splitlines()


def test_a_lost_worker_has_its_own_line() -> None:
    text = told(status="partial", succeeded=20, failures=failures(("shard 2", "Worker.Crashed: gone")))
    assert (
        "\nThe worker of shard 2 was lost, with the regions that were not finished: Worker.Crashed: gone\n"
        in text
    )
    assert "\n9 failed regions are not listed here: see summary.json.\n" in text


def test_warnings_have_a_line_each_and_the_rest_is_counted() -> None:
    lines = told(warnings=tuple(f"warning {number}" for number in range(25))).splitlines()
    assert [line for line in lines if line.startswith("Warning: ")] == [
        f"Warning: warning {n}" for n in range(20)
    ]
    assert "5 more warnings: see summary.json." in lines


def test_a_page_that_is_not_current_is_said_to_be_so() -> None:
    assert "The page and summary.json of the run are not current" in told(**PARTIAL, is_summarized=False)
    assert "not current" not in told(**PARTIAL)


LOST: dict[str, Any] = {
    "status": "partial",
    "succeeded": 20,
    "is_summarized": False,
    "failures": failures(("shard 2", "Worker.Crashed: gone"), ("bekasi", "no imagery")),
}


def test_counts_that_lack_the_regions_of_a_lost_worker_are_bounds() -> None:
    message = run_message(outcome(**LOST), SETTINGS)
    assert message.subject == "ccapi prod: 2026-W48 partial, at most 9 of 29 regions failed"
    assert (
        message.headline
        == "Run 2026-W48 is partial: at most 9 of 29 regions failed, at least 20 were monitored for 2026-W47."
    )
    assert "At most 8 failed regions are not listed here: see the worker logs." in message.lines
    assert not re.search(r"(?<!at most )\b9 of 29|(?<!at least )\b20 were", text_of(message))


def test_counts_of_answers_are_exact_without_a_summary() -> None:
    message = run_message(outcome(**LOST | {"failures": failures(("bekasi", "no imagery"))}), SETTINGS)
    assert message.subject.endswith("partial, 9 of 29 regions failed")


def test_that_no_region_succeeded_is_not_said_before_they_are_counted() -> None:
    changes = {"status": "failed", "succeeded": 0, "error": "Ccapi.NoRegionSucceeded"}
    message = run_message(outcome(**LOST | changes | {"failures": failures(("shard 2", "New"))}), SETTINGS)
    text = text_of(message)
    assert message.headline == "Run 2026-W48 failed."
    assert "Monitored: not known, of 29 planned regions." in text
    assert "No region succeeded" not in text
    assert "What to do: type the command below." in text


def test_a_partial_run_whose_counts_are_not_known_has_none() -> None:
    message = run_message(outcome(status="partial", succeeded=0, is_summarized=False), SETTINGS)
    assert message.subject == "ccapi prod: 2026-W48 partial"
    assert message.headline == "Run 2026-W48 is partial: some regions failed for 2026-W47."


def test_a_worker_that_never_started_is_not_said_to_be_lost() -> None:
    started = failures(("shard 2", "AmazonECS.Unknown: no capacity"), ("shard 3", "Worker.Crashed: gone"))
    text = told(**LOST | {"failures": started})
    assert "\nThe worker of shard 2 did not start: AmazonECS.Unknown: no capacity\n" in text
    assert "\nThe worker of shard 3 was lost, with the regions that were not finished: " in text


DAMAGED = "s3://ccapi-cache-prod-111111111111/claims/runs/2026-W48"


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("Ccapi.StateUnreadable", f"{DAMAGED} it names no execution"),
        ("Ccapi.NotReported", f"Ccapi.StateUnreadable: {DAMAGED} it names no execution"),
        ("Ccapi.StateUnreadable", DAMAGED),
        ("Worker.InvalidInput", f"{DAMAGED} is not a usable plan (it is empty). Look at it, then delete it"),
        ("Ccapi.RunFailed", f"Worker.InvalidInput: {DAMAGED} is not a usable plan (it is empty)."),
    ],
)
def test_a_damaged_file_has_the_commands_that_show_and_delete_it(error: str, cause: str) -> None:
    message = run_message(outcome(**UNPLANNED, error=error, cause=cause), SETTINGS)
    running, show, delete, redo, again = (shlex.split(command.line) for command in message.commands)
    assert running[-4:] == ["--status-filter", "RUNNING", "--max-items", "5"]
    assert show == ["aws", "s3", "cp", "--region", "us-east-1", DAMAGED, "-"]
    assert delete == ["aws", "s3", "rm", "--region", "us-east-1", DAMAGED]
    assert redo[:2] == ["ccapi", "redo"]
    assert again[2] == "start-execution"


@pytest.mark.parametrize(
    "cause",
    [
        "it names no execution",
        "s3://another-bucket/claims/active x",
        f"{DAMAGED};reboot x",
        f"x {DAMAGED}",
        "s3://ccapi-cache-prod-111111111111/ x",
    ],
)
def test_only_a_file_of_the_cache_bucket_is_offered_for_deletion(cause: str) -> None:
    message = run_message(outcome(**UNPLANNED, error="Ccapi.StateUnreadable", cause=cause), SETTINGS)
    assert [command.line.split()[1] for command in message.commands] == ["redo", "stepfunctions"]


def test_outcomes_without_an_execution_are_the_same_event_only_if_they_are_equal() -> None:
    ids = [
        run_message(outcome(execution="", status=status), SETTINGS).id
        for status in ("failed", "failed", "succeeded")
    ]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("number", [1e308, -1e308, 1e15, -1.0])
def test_numbers_without_a_meaning_make_a_message(status: str, number: float) -> None:
    document = {
        "status": status,
        **dict.fromkeys(("regions", "succeeded", "duration_seconds", "usd"), number),
    }
    for each in (document, {**document, "succeeded": -number}):
        assert text_of(run_message(Outcome.of(each), SETTINGS))


def test_a_success_without_its_page_can_be_redone() -> None:
    message = run_message(outcome(is_summarized=False), SETTINGS)
    assert [command.purpose for command in message.commands] == [
        "To make the page and summary.json again:",
        "The same with the AWS CLI:",
    ]
    assert "Nothing has to be done." not in message.lines


@pytest.mark.parametrize(
    ("regions", "end"),
    [(1, "its 1 region was not monitored"), (2_900, "none of its 2,900 regions was monitored")],
)
def test_a_failure_of_every_region_is_said_in_the_first_line(regions: int, end: str) -> None:
    message = run_message(outcome(status="failed", regions=regions, succeeded=0), SETTINGS)
    assert message.headline == f"Run 2026-W48 failed: {end} for 2026-W47."


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({}, "failed after 25 of 29 regions were monitored for 2026-W47"),
        ({"succeeded": 1, "period": ""}, "failed after 1 of 29 regions was monitored"),
        ({"is_summarized": False}, "failed after at least 25 of 29 regions were monitored for 2026-W47"),
        ({"succeeded": 0, "is_summarized": False}, "failed"),
    ],
)
def test_a_failure_says_how_many_regions_were_monitored(changes: dict[str, Any], end: str) -> None:
    given_outcome = outcome(**{"status": "failed", "succeeded": 25, "error": "States.Timeout", **changes})
    assert run_message(given_outcome, SETTINGS).headline == f"Run 2026-W48 {end}."


@pytest.mark.parametrize("status", STATUSES)
def test_an_outcome_of_which_little_is_known_reads_well(status: str) -> None:
    message = run_message(Outcome(status=status), SETTINGS)
    text = text_of(message)
    assert message.headline.startswith("A run ")
    assert message.subject.startswith("ccapi prod: a run ")
    for flaw in ("  ", " .", " ,", "run :", "0 regions", "0 of 0", "None"):
        assert flaw not in text.replace("\n  ", "\n"), flaw


@pytest.mark.parametrize("is_summarized", [True, False])
def test_a_partial_run_is_not_said_to_have_failed(is_summarized: bool) -> None:
    message = run_message(outcome(**PARTIAL, is_summarized=is_summarized), SETTINGS)
    assert message.headline.startswith("Run 2026-W48 is partial: 1 of 29 regions failed")
    assert "FAILED" not in message.subject + text_of(message)


def test_a_run_that_timed_out_before_its_plan_is_not_said_to_finish_regions() -> None:
    text = told(**UNPLANNED | {"status": "timed_out"}, error="States.Timeout")
    assert "regions were still being finished" not in text
    assert "run.overlapWaitSeconds" in text


def stream(number: int) -> str:
    return f"worker/monitor/{number:032x}"


def test_the_log_streams_of_lost_workers_are_found_in_their_causes() -> None:
    lost = "Worker.OutOfMemory: OutOfMemoryError (exit code 137) Log stream: "
    message = run_message(
        outcome(
            **PARTIAL
            | {"failures": failures(("a", lost + stream(1)), ("b", lost + stream(2))), "succeeded": 27}
        ),
        SETTINGS,
    )
    assert f"Log streams: {stream(1)}, {stream(2)} in {SETTINGS.worker_log_group}" in message.details
    assert [group.regions for group in message.groups] == [("a", "b")]
    (log,) = (link for link in message.links if link.label == "Worker log")
    assert log.url.endswith(stream(1).replace("/", "$252F"))


def test_a_log_stream_that_was_cut_with_its_cause_is_no_link() -> None:
    uuid = "worker/monitor/a85273a3-5ecb-4b10-89d3-7cff419aae7e"
    for whole in (stream(1), uuid):
        causes = [f"It was lost. Log stream: {whole[:end]}" for end in range(len(whole))]
        for cause in (*causes, f"It was lost. Log stream: {whole}0"):
            message = run_message(outcome(**PARTIAL, cause=cause), SETTINGS)
            assert not [line for line in message.details if line.startswith("Log stream")]
            assert "Worker log" not in {link.label for link in message.links}
        assert f"Log stream: {whole} in" in told(**PARTIAL, cause=f"It was lost. Log stream: {whole}")


def test_many_log_streams_are_counted() -> None:
    cause = " ".join(f"Log stream: {stream(number)}" for number in range(7))
    shown = ", ".join(map(stream, range(5)))
    text = told(**PARTIAL, cause=cause)
    assert f"Log streams: {shown} and 2 more in {SETTINGS.worker_log_group}" in text


def test_a_success_with_a_warning_is_not_said_to_need_nothing() -> None:
    assert "Nothing has to be done." in told()
    assert "Nothing has to be done." not in told(warnings=("A file was not published.",))


def test_a_long_cause_is_cut_and_refers_to_the_execution_link() -> None:
    text = told(**UNPLANNED, error="X.Y", cause="x" * 30_000)
    assert "…" in text
    assert "(cut: the Execution link has the whole)" in text
    assert len(text) < 5_000


def test_the_contact_is_named_if_there_is_one() -> None:
    assert "forward this message to operations@example.com." in told()
    assert "forward" not in text_of(run_message(outcome(), settings(contact="")))


def test_numbers_that_json_gives_as_floats_read_as_numbers() -> None:
    text = text_of(
        run_message(Outcome.of({"status": "partial", "regions": 29.0, "succeeded": 27.0}), SETTINGS)
    )
    assert "2 of 29 regions failed, 27 were monitored" in text


FORGED = st.text(st.characters(), max_size=60).map(
    lambda text: f"x\nCost: about $0\n{text}\u2028To do it:\x85\x1b[1A"
)


@given(FORGED, st.sampled_from(STATUSES), st.booleans(), st.integers(min_value=0, max_value=3))
def test_a_text_from_a_program_cannot_forge_a_line(
    text: str, status: str, summarized: bool, regions: int
) -> None:
    given_outcome = Outcome(
        status=status,
        run_id=text,
        period=text,
        execution=f"{EXECUTION}{text}",
        input={"execution_name": text, "scheduled_time": text},
        regions=regions,
        failures=failures((text, text), ("shard 1", text), ("bekasi", text)),
        warnings=(text, text),
        is_summarized=summarized,
        log_stream=text,
        error=text,
        cause=text,
        owner_run=text,
        owner_execution=text,
        last_run=text,
        since=text,
    )
    for message in (run_message(given_outcome, SETTINGS), missed_message(given_outcome, SETTINGS)):
        mail = plain_text(message)
        assert re.fullmatch(r"[ -~]{1,99}", mail.subject)
        categories = {unicodedata.category(letter) for letter in mail.text.replace("\n", "")}
        assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
        starts = [line.split(":")[0] for line in mail.text.splitlines()]
        assert starts.count("Cost") <= 1
        assert "To do it" not in starts


def test_a_text_without_bounds_fits_into_a_mail() -> None:
    huge = outcome(
        status="failed",
        failures=failures(*((f"region_{number}" * 50, f"{number}" + "ü" * 5_000) for number in range(500))),
        warnings=("ü" * 100_000,) * 100,
        cause="ü" * 300_000,
        error="x" * 300_000,
    )
    assert len(text_of(run_message(huge, SETTINGS)).encode()) <= MAX_BYTES


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("run_id", ["2026-W48", "", "x; rm -rf ~", "-x"])
def test_a_name_of_a_run_cannot_become_another_command(status: str, run_id: str) -> None:
    for execution in ("", "arn:aws:states:us-east-1:111111111111:execution:m:by-hand"):
        message = run_message(outcome(status=status, run_id=run_id, execution=execution), SETTINGS)
        (line,) = (command.line for command in message.commands if "ccapi " in command.line)
        words = shlex.split(line.removeprefix("# "))
        assert words[0] == "ccapi"
        assert words[-2:] == ["--stack", "prod"]
        assert len(words) in {4, 5}
        assert line.startswith("# ") is (run_id in {"x; rm -rf ~", "-x"})
