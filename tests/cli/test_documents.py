"""The keys of the JSON documents: scripts read them, so they stay."""

import pytest

from cli.runs import stopping
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import NOW, Pipeline


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_POLL_SECONDS", 0.01)


RUN = "run status start end seconds regions_planned regions_done regions_failed usd executions"
EXECUTION = "name arn status start end seconds usd input reason error cause"


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (("run",), "run execution input"),
        (("follow", WEEK), f"run {EXECUTION} outcome"),
        (("stop", "manual-1"), "run execution status was_running tasks"),
        (("redo", WEEK), "run execution input"),
        (("runs",), "runs"),
        (("show", WEEK), f"{RUN} execution states workers missing reports message next"),
        (("logs", WEEK), "run lines"),
        (("reports", WEEK), "run bucket link files"),
    ],
)
def test_the_keys_of_a_command(running: Pipeline, words: tuple[str, ...], keys: str) -> None:
    assert list(running.type(*words, "--json").document) == keys.split()


def test_the_keys_of_parts(running: Pipeline) -> None:
    running.logs.add("s0", NOW, "a line")
    shown = running.type("show", WEEK, "--json").document
    parts = {
        "executions": EXECUTION,
        "states": "state type iteration start end error",
        "workers": "worker shard attempt status cpu_units memory_mib spot task start end error cause explanation",
        "missing": "reason regions",
    }
    assert {name: list(shown[name][0]) for name in parts} == {
        name: keys.split() for name, keys in parts.items()
    }
    assert list(running.type("runs", "--json").document["runs"][0]) == RUN.split()
    assert list(running.type("logs", WEEK, "--json").document["lines"][0]) == [
        "time",
        "worker",
        "level",
        "region",
        "message",
    ]
    assert list(running.type("reports", WEEK, "--json").document["files"][0]) == ["key", "bytes", "modified"]
    assert list(running.type("stop", "manual-1", "--json").document["tasks"][0]) == [
        "task",
        "worker",
        "stopped",
    ]


@pytest.mark.parametrize("columns", ["60", "80", "140"])
@pytest.mark.parametrize("words", [("runs",), ("show", WEEK), ("reports", WEEK), ("stop", "manual-1")])
def test_tables_fit_a_terminal(running: Pipeline, words: tuple[str, ...], columns: str) -> None:
    lines = running.type(*words, columns=columns).out.splitlines()
    # Sentences, links and commands are not folded, so that they can be copied.
    rows = [line for line in lines if "  " in line.strip()]
    assert rows
    assert max(map(len, rows)) <= int(columns)
