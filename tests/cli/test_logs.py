import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.runs.log_lines import LogLine, merged
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import NOW, Pipeline, arn_of

DAY = NOW - timedelta(days=1)


def written(level: str, message: str, region: str = "") -> str:
    return json.dumps({"level": level, "message": message, **({"region": region} if region else {})})


@pytest.fixture
def logged(partial: Pipeline) -> Pipeline:
    """Return a partial run whose first worker wrote three lines, and a worker of another run."""
    partial.logs.add("s0", DAY, written("INFO", "done in 1 s", "north"))
    partial.logs.add("s0", DAY + timedelta(seconds=2), written("ERROR", "failed", "west"))
    partial.logs.add("s0", DAY + timedelta(seconds=4), "plain text\n")
    partial.logs.add("s1b", DAY + timedelta(seconds=1), written("INFO", "done in 2 s", "south"))
    partial.logs.add("other", DAY, "of another run")
    return partial


def test_the_lines_of_the_runs_tasks_are_merged_by_time(logged: Pipeline) -> None:
    assert logged.type("logs", WEEK).out.splitlines() == [
        "2026-11-29 12:00:00 shard 0  north: done in 1 s",
        "2026-11-29 12:00:01 shard 1, attempt 2  south: done in 2 s",
        "2026-11-29 12:00:02 shard 0  ERROR west: failed",
        "2026-11-29 12:00:04 shard 0  plain text",
    ]


def test_lines_are_chosen_by_region_number_and_time(logged: Pipeline) -> None:
    def messages(*words: str) -> list[str]:
        return [each["message"] for each in logged.type("logs", WEEK, "--json", *words).document["lines"]]

    assert messages("--region", "north") == ["done in 1 s"]
    assert messages("--last", "1") == ["plain text"]
    assert messages("--last", "2") == ["failed", "plain text"]
    assert messages("--since", "2026-11-29T12:00:02") == ["failed", "plain text"]
    assert messages("--since", "2026-11-29T12:00:01", "--last", "1") == ["plain text"]


def test_a_region_that_the_run_does_not_have_is_an_error(logged: Pipeline) -> None:
    typed = logged.type("logs", WEEK, "--region", "nort")
    assert (typed.code, "the nearest are north" in typed.error) == (2, True)


def test_a_run_that_has_written_nothing_says_so(running: Pipeline) -> None:
    typed = running.type("logs", "manual-1")
    assert (typed.code, typed.out, "No worker" in typed.error) == (0, "", True)


def test_following_the_log_of_a_run_that_has_ended_prints_all_of_it_and_ends(logged: Pipeline) -> None:
    assert len(logged.type("logs", WEEK, "--follow").out.splitlines()) == 4
    lines = logged.type("logs", WEEK, "--follow", "--json").out.splitlines()
    assert [json.loads(line)["worker"] for line in lines] == [
        "shard 0",
        "shard 1, attempt 2",
        "shard 0",
        "shard 0",
    ]


def test_new_lines_and_new_workers_are_followed_until_the_run_ends(
    running: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = arn_of("manual-1")
    running.logs.add("m0", NOW, written("INFO", "first"))

    def go_on(_: float) -> None:
        story = running.states.stories[arn]
        if running.states.executions[arn]["status"] == "RUNNING":
            running.logs.add("m0", NOW + timedelta(seconds=1), written("INFO", "second"))
            story.enter("SummarizeRun")
            story.schedule("manual-1", "summarize", "z0")
            running.logs.add("z0", NOW + timedelta(seconds=2), written("INFO", "third"))
            running.states.executions[arn] |= {"status": "ABORTED", "stopDate": NOW}

    monkeypatch.setattr("time.sleep", go_on)
    typed = running.type("logs", "manual-1", "--follow", "--last", "5")
    assert [line[20:] for line in typed.out.splitlines()] == [
        "shard 0  first",
        "shard 0  second",
        "summarize  third",
    ]


def test_ctrl_c_leaves_the_run_going(running: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    typed = running.type("logs", "manual-1", "--follow")
    assert (typed.code, "To see its log again: ccapi logs manual-1 --follow" in typed.error) == (130, True)


@given(st.lists(st.lists(st.integers(0, 10**12)).map(sorted), max_size=5))
def test_merged_lines_are_in_order_and_none_is_lost(streams: list[list[int]]) -> None:
    lines = merged([[LogLine(moment, "w", "x") for moment in stream] for stream in streams])
    assert [line.milliseconds for line in lines] == sorted(moment for stream in streams for moment in stream)


@given(st.text())
def test_any_text_is_a_line(text: str) -> None:
    line = LogLine.of({"timestamp": 0, "message": text}, "shard 0")
    assert line.plain().startswith("1970-01-01 00:00:00 shard 0  ")
