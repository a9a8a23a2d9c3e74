import pytest

from guardrails.preview.formats import FORMATS
from local.policy.options import parse

Capture = pytest.CaptureFixture[str]


def said(arguments: list[str], capsys: Capture) -> tuple[object, str]:
    """Return the exit code and the output."""
    with pytest.raises(SystemExit) as stopped:
        parse(arguments)
    message = capsys.readouterr()
    return stopped.value.code, " ".join((message.out or message.err).split())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--base"], "argument --base: expected one argument"),
        (["--base", "main", "--what-if"], "argument --what-if: not allowed with argument --base"),
        (["--format", "html"], "argument --format: invalid choice: 'html'"),
        (["--stak", "dev"], "unrecognized arguments: --stak dev"),
        (["dev"], "unrecognized arguments: dev"),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_is_started(
    arguments: list[str], why: str, capsys: Capture
) -> None:
    code, message = said(arguments, capsys)
    assert code == 2
    assert message.startswith(f"make policy: {why}")
    assert message.endswith("; `make policy ARGS=--help` lists the options.")


@pytest.mark.parametrize("more", [[], ["--base", "main"], ["--what-if"]])
def test_an_unknown_stack_is_refused_with_the_known_ones(more: list[str], capsys: Capture) -> None:
    code, message = said(["--stack", "dev", "--stack", "nosuch", *more], capsys)
    assert code == 2
    assert message == (
        "make policy: --stack nosuch is not a stack of this checkout; write one of dev, local, prod; "
        "`make policy ARGS=--help` lists the options."
    )


def test_the_help_lists_the_options(capsys: Capture) -> None:
    code, message = said(["--help"], capsys)
    assert code == 0
    assert message.startswith("usage: make policy [-h]")
    for part in ("--base REV", "--what-if [FILE.yaml]", "which shows the format", "Exit code 0:"):
        assert part in message
    assert "PROJECT_FOLDER" not in message


def test_every_format_of_the_guardrails_is_accepted() -> None:
    assert [parse(["--format", name]).format for name in FORMATS] == list(FORMATS)


def test_the_name_of_a_file_steers_no_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr("local.policy.options.stack_names", lambda: ["dev", "\x1b[31mevil"])
    with pytest.raises(SystemExit):
        parse(["--stack", "nope"])
    assert "\x1b" not in capsys.readouterr().err
