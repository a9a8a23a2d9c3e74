import pytest
from click.shell_completion import ShellComplete

from cli.app import ccapi, run
from cli.invocation import Invocation
from cli.next_commands import command, with_stack
from tests.cli.conftest import WEEK
from tests.cli.stand_ins import Pipeline


@pytest.fixture(autouse=True)
def no_default_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCAPI_STACK", raising=False)


def test_a_line_names_the_stack_unless_it_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    invocation = Invocation(stack_name="prod")
    assert command(invocation, "redo", WEEK) == f"ccapi redo {WEEK} --stack prod"
    assert command(Invocation(stack_name="local"), "redo", WEEK) == f"ccapi redo {WEEK}"
    assert command(invocation, "show", "a run; of mine") == "ccapi show 'a run; of mine' --stack prod"
    monkeypatch.setenv("CCAPI_STACK", "prod")
    assert command(invocation, "redo", WEEK) == f"ccapi redo {WEEK}"


def test_the_lines_in_a_sentence_are_for_the_same_stack() -> None:
    text = "type `ccapi runs`, `pulumi up`, `ccapi local up` or `ccapi show x --stack dev`"
    assert with_stack(text, "prod") == (
        "type `ccapi runs --stack prod`, `pulumi up`, `ccapi local up` or `ccapi show x --stack dev`"
    )
    assert with_stack(text, "local") == text


def test_the_next_step_of_an_error_is_for_the_same_stack(
    empty: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Invocation, "stack", empty.stack)
    assert run(["show", "--stack", "prod"]) == 2
    assert capsys.readouterr().err == (
        "ccapi: there is no run yet. Type `ccapi run --stack prod` to start one.\n"
    )


def completed(*words: str) -> list[str]:
    *before, begun = words
    found = ShellComplete(ccapi, {}, "ccapi", "_CCAPI_COMPLETE").get_completions(before, begun)
    return [item.value for item in found]


def test_a_shell_completes_commands_and_runs(running: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed("re") == ["redo", "reports"]
    monkeypatch.setattr(Invocation, "stack", running.stack)
    assert completed("show", "") == ["latest", "manual-1", WEEK]
    assert completed("stop", "2026") == [WEEK]


def test_a_shell_completes_nothing_without_a_stack() -> None:
    assert completed("show", "--stack", "not-there", "") == []
