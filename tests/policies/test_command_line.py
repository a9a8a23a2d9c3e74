import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from guardrails.__main__ import main
from tests.stacks import ROOT

MACHINE = str(ROOT / "tests/policies/time/by_hand.asl.json")


def written(path: Path, definition: Any) -> str:
    path.write_text(json.dumps(definition), encoding="utf-8")
    return str(path)


def test_json_holds_the_analysis_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["time", MACHINE, "--items", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["machines"]
    [found] = found["machines"]
    assert list(found) == [
        "name",
        "type",
        "placeholders",
        "worst_case_seconds",
        "timeout_seconds",
        "unbounded",
        "path",
        "transitions",
        "history_events",
    ]
    assert (found["worst_case_seconds"], found["timeout_seconds"], found["unbounded"]) == (5778, 10800, [])
    assert {"state": "LoadSettings", "seconds": 186}.items() <= found["path"][0].items()
    assert found["transitions"].keys() == {"expected", "worst"}


def test_the_table_shows_the_arithmetic_and_the_room_that_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    main(["time", MACHINE, "--items", "2"])
    out = capsys.readouterr().out
    assert "5 attempts × 900 s + 270 s of back-off" in out
    assert "at most 5,778 s, within the machine's timeout of 10,800 s by 5,022 s" in out


def test_an_unbounded_machine_exits_with_one_and_names_the_state(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["time", MACHINE]) == 1
    assert "RunWeeklyMonitoring: the number of items" in capsys.readouterr().out


def test_a_machine_that_its_timeout_cuts_short_exits_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wait = {"Type": "Wait", "Seconds": 61, "End": True}
    path = written(tmp_path / "m.asl.json", {"TimeoutSeconds": 60, "StartAt": "A", "States": {"A": wait}})
    assert main(["time", path]) == 1
    assert "1 s more than the machine's timeout of 60 s" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000, b'{"StartAt": NaN}'])
def test_a_file_that_is_not_json_is_reported_in_one_sentence(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.asl.json"
    path.write_bytes(content)
    assert main(["time", str(path)]) == 1
    assert "is not JSON" in capsys.readouterr().err


@pytest.mark.parametrize(("encoding", "times"), [("utf-8", "×"), ("ascii", r"\xd7")])
def test_a_character_that_the_output_cannot_encode_is_escaped(
    encoding: str, times: str, tmp_path: Path
) -> None:
    each = {"Type": "Task", "TimeoutSeconds": 5, "Retry": [{"ErrorEquals": ["Any"]}], "End": True}
    path = written(tmp_path / "m.asl.json", {"StartAt": "\ud800", "States": {"\ud800": each}})
    told = subprocess.run(
        [sys.executable, "-m", "guardrails", "time", path],
        cwd=ROOT / "policies",
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=True,
    )
    assert rf"\ud800       27  4 attempts {times} 5 s" in told.stdout.decode(encoding)


def test_a_file_that_is_not_there_is_reported_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["time", str(tmp_path / "none.json")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("items", ["-1", "two", "1.5", "100000001", "9" * 5000])
def test_items_that_are_no_number_are_refused(items: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["time", MACHINE, f"--items={items}"])
    assert stopped.value.code == 2
    assert "write 0 to 100000000" in capsys.readouterr().err


def test_help_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    assert "estimate the cost of a stack" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["time", MACHINE, "--items", "2"], 0),
        (["time", MACHINE, "--json"], 1),
        (["cost", "{}"], 0),
        (["cost", "{}", "--json"], 0),
    ],
)
def test_a_reader_who_has_read_enough_changes_nothing(
    arguments: list[str], code: int, tmp_path: Path
) -> None:
    thing = {"urn": "urn:pulumi:dev::p::acme:Thing::thing", "type": "acme:Thing"}
    plan = written(tmp_path / "plan.json", {"steps": [{"newState": thing}]})
    command = [sys.executable, "-m", "guardrails", *(argument.format(plan) for argument in arguments)]
    with subprocess.Popen(
        command, cwd=ROOT / "policies", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_an_output_that_cannot_be_written_is_reported_in_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "guardrails", "time", MACHINE, "--items", "2"],
            cwd=ROOT / "policies",
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 74
    assert ended.stderr == (
        "the output cannot be written (No space left on device); free some space, or write it to another place.\n"
    )
