"""Both modules that print untrusted text escape characters that control a terminal, and no others."""

import io
import json
import re
import sys
import unicodedata
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

import guardrails.visible
import local.terminal
from guardrails.__main__ import main
from guardrails.tables import aligned, escaped, piped
from local.run.display import Steps, VisibleConsole, show
from local.run.mailboxes import Mail
from local.run.outcome import Metric, Outcome, Region, Status

HOSTILE = "a\x1b[2J\x9b1A\rb\x07\u202ec\u2066\x00\x85\u2028"
SAFE = "ünï ✓ ⚠️ 👩‍🚀 … → \t×\n"
JOINERS = {"\u200c", "\u200d"}
# Format characters of single scripts and of music, which neither move nor hide other text.
SCRIPTS = {
    *(0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD),
    *range(0x13430, 0x13460),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
}


@pytest.fixture(params=[guardrails.visible, local.terminal], ids=["guardrails", "local"])
def room(request: pytest.FixtureRequest) -> ModuleType:
    module: ModuleType = request.param
    return module


def is_safe(text: str) -> bool:
    return not [
        char for char in text if char not in "\n\t" and unicodedata.category(char) in {"Cc", "Zl", "Zp", "Cs"}
    ]


def test_every_control_format_and_separator_character_is_escaped(room: ModuleType) -> None:
    unsafe = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if room.visible(character) != character and unicodedata.category(character) != "Cn"
    }
    wanted = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Cs"} and ord(character) not in SCRIPTS
    }
    # Supplementary variation selectors can hide data too.
    assert {char for char in unsafe if unicodedata.category(char) != "Mn"} == wanted - {"\n", "\t"} - JOINERS


def test_other_text_stays(room: ModuleType) -> None:
    assert room.visible(SAFE) == SAFE
    assert room.visible("a\r\nb") == "a\nb"


def test_json_that_is_cleaned_has_the_same_value(room: ModuleType) -> None:
    value = {HOSTILE: [HOSTILE, "\U000e0041"]}
    printed = room.visible(json.dumps(value, ensure_ascii=False))
    assert is_safe(printed)
    assert json.loads(printed) == value


def test_a_cell_forges_neither_a_row_nor_a_column() -> None:
    rows = [("state", "seconds"), (f"A\n| forged | row |\n{HOSTILE}<br>", "1")]
    assert len(aligned(rows).splitlines()) == 2
    table = piped(rows)
    assert len(table.splitlines()) == 3
    assert r"A\\u000a\| forged \| row \|" in table
    assert "&lt;br&gt;" in table
    assert is_safe(f"{table}{aligned(rows)}{escaped(HOSTILE)}")


@pytest.mark.parametrize("json_too", [False, True])
def test_names_of_states_steer_no_terminal(
    tmp_path: Any, capsys: pytest.CaptureFixture[str], *, json_too: bool
) -> None:
    name = f"{HOSTILE}\nThe states take at most 1 s"
    states = {name: {"Type": "Wait", "Seconds": 5, "End": True}}
    path = tmp_path / "m.asl.json"
    path.write_text(json.dumps({"StartAt": name, "States": states, "TimeoutSeconds": 60}), encoding="utf-8")
    assert main(["time", str(path), *(["--json"] if json_too else [])]) == 0
    out = capsys.readouterr().out
    assert is_safe(out)
    assert "\nThe states take at most 1 s" not in out
    if json_too:
        assert json.loads(out)["machines"][0]["path"][0]["state"] == name


def test_an_error_steers_no_terminal(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["time", str(tmp_path / f"{HOSTILE[:14]}.json")]) == 1
    assert is_safe(capsys.readouterr().err)


OUTCOME = Outcome(
    status=Status.PARTIAL,
    run_id=HOSTILE,
    periods=(HOSTILE,),
    scheduled_time=HOSTILE,
    execution_arn="arn",
    duration_seconds=1.0,
    regions=(Region(HOSTILE, HOSTILE, 1, 0.5, None, HOSTILE),),
    reports=(),
    metrics=(Metric(HOSTILE, HOSTILE, 1.0),),
    notifications=(Mail(HOSTILE, HOSTILE, HOSTILE),),
    metered={"calls": {}, "machines": {}, "tasks": []},
    outputs={HOSTILE: HOSTILE},
    not_copied=(HOSTILE,),
    orphan_tasks=0,
    refused=(),
    timings={},
    error=HOSTILE,
)


def test_output_of_a_program_cannot_control_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.run.details.quantities", lambda _metered: [])
    written = io.StringIO()
    console = VisibleConsole(file=written, width=200)
    with Steps(console).step("up", "pulumi up") as step:
        step.describe(f"[red]{HOSTILE}")
    show(console, replace(OUTCOME, run_id="a"), verbose=True)
    show(console, OUTCOME, verbose=True)
    assert is_safe(written.getvalue())
    assert "[red]a\\u001b[2J" in written.getvalue()


@pytest.mark.parametrize("markup", ["[link=http://e/{}]W47[/link]", "[/gone]{}", "[blink]{}"])
def test_output_of_a_program_is_not_interpreted_as_markup(
    markup: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = markup.format(HOSTILE)
    monkeypatch.setattr("local.run.details.quantities", lambda _metered: [("1", text)])
    written = io.StringIO()
    show(
        VisibleConsole(file=written, width=400, force_terminal=True, color_system="truecolor"),
        replace(
            OUTCOME,
            periods=(text,),
            regions=(Region(text, Status.FAILED, 1, 0.5, None, text),),
            metrics=(Metric(text, text, 1.0),),
            outputs={text: text},
        ),
        verbose=True,
    )
    said = re.sub("\x1b\\[[0-9;]*m", "", written.getvalue())
    assert is_safe(said)
    assert said.count(markup.partition("{}")[0]) >= 6
