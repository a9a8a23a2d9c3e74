"""The summary of a run fits on a screen of 60, 80 or 140 columns, and breaks nothing that can be copied."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from local.aws import export_command
from local.run import command
from local.run.aws import DEVELOPER
from local.run.display import Steps, VisibleConsole, show
from local.run.kept_stack import KeptStack
from local.run.mailboxes import Mail
from local.run.outcome import Metric, Outcome, Region, Status
from local.run.refused import Refused
from local.run.summary import ROWS, by_reason, summary
from tests.stacks import REGION_NAMES

WIDTHS = [60, 80, 140]
NAMES = REGION_NAMES
ARN = f"arn:aws:states:us-east-1:123456789012:execution:ccapi-weekly-monitoring-local:{'x' * 40}"
ALARMS = tuple(
    f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:ccapi-{what}-local" for what in ("failed", "silent")
)
DENIED = Refused(
    "arn:aws:iam::123456789012:role/ccapi-worker-local",
    "s3:PutObject",
    f"arn:aws:s3:::ccapi-reports-local-123456789012/weekly/{'x' * 40}.json",
    "not allowed",
    "no policy of the role allows it",
    2,
)
REDO = "ccapi redo 2026-W49 --stack local"
KEPT = KeptStack("2026-W49", "http://127.0.0.1:4566", "http://127.0.0.1:4999")


def region(name: str, error: str | None = None) -> Region:
    status = Status.FAILED if error else Status.SUCCEEDED
    return Region(name, status, 5 if error else 1, 7200.5, None, error)


def outcome(status: Status, *regions: Region, error: str | None = None) -> Outcome:
    return Outcome(
        status=status,
        run_id="2026-W49",
        periods=("2026-W48",),
        scheduled_time=None,
        execution_arn=ARN,
        duration_seconds=32.1,
        regions=regions,
        reports=(),
        metrics=(Metric("HoursSinceLastSuccess", "None", 0.0),),
        notifications=(Mail("email:reports@example.com", "ccapi local: 2026-W49", f"Do this:\n{REDO}\n"),),
        metered={
            "usage": {"state_transitions": 21},
            "tasks": [
                {
                    "command": ["monitor"],
                    "cpu_units": 2048,
                    "memory_mib": 4096,
                    "architecture": "X86_64",
                    "capacity_provider": "FARGATE",
                    "storage_gib": 20,
                    "public_ip": True,
                    "seconds": 60.0,
                }
            ],
        },
        outputs={
            "step_functions_state_machine_arn": ARN,
            "aws_region": "us-east-1",
            "alarm_arns": list(ALARMS),
            "run_timeout_seconds": 7200,
        },
        not_copied=(),
        orphan_tasks=0,
        refused=(),
        timings={"up": 14.7},
        error=error,
    )


SUCCEEDED = outcome(Status.SUCCEEDED, *map(region, NAMES))
PARTIAL = outcome(
    Status.PARTIAL,
    *(region(name, f"Satellite data unavailable for {name}: no image") for name in NAMES[:20]),
    *map(region, NAMES[20:]),
)
# Every part at its longest: a reason of its own for each region, many messages, and a cause of thousands of words.
WORST = replace(
    outcome(
        Status.FAILED,
        *(region(name, f"Reason {number}: {'failed ' * 90}{ARN}") for number, name in enumerate(NAMES)),
    ),
    error=f"Ccapi.NoRegionSucceeded: {'word ' * 5000}{ARN * 20}",
    notifications=tuple(Mail(f"email:{'a' * 60}@example.com", "subject " * 40, REDO) for _ in range(30)),
    not_copied=("a",) * 50,
    orphan_tasks=12,
)
REFUSED = replace(WORST, refused=(DENIED, replace(DENIED, outcome="unknown", action="kms:Decrypt", count=1)))
NOTE = "Slack: no page, since no message came to the local channels; where Pulumi.local.yaml sets slackWebhookUrl, it"


def shown(
    outcome: Outcome,
    width: int,
    *,
    verbose: bool = False,
    kept: KeptStack | None = None,
    notes: tuple[str, ...] = (),
) -> list[str]:
    """Return the rows of a terminal that a run fills, its six steps included."""
    file = io.StringIO()
    console = VisibleConsole(file=file, width=width)
    steps = Steps(console)
    for name in ("Toolchain", "Worker image", "Local AWS", "pulumi up", "Regions", "Results"):
        with steps.step(name, name) as step:
            step.describe("121 resources")
    show(console, outcome, verbose=verbose, notes=notes, kept=kept)
    return file.getvalue().splitlines()


def rows(lines: list[str], width: int) -> int:
    return sum(max(1, -(-len(line) // width)) for line in lines)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kept", [None, KEPT])
@pytest.mark.parametrize("made", [SUCCEEDED, PARTIAL, WORST, REFUSED])
def test_a_run_fits_on_a_screen(made: Outcome, kept: KeptStack | None, width: int) -> None:
    assert rows(shown(made, width, kept=kept, notes=(NOTE,)), width) <= ROWS


def test_denied_and_undecided_requests_are_counted_with_the_missing_permission() -> None:
    text = " ".join(line.strip() for line in shown(REFUSED, 140))
    assert (
        "✗ 2 requests were denied by IAM policies: ccapi-worker-local needs s3:PutObject on arn:aws:s3:::"
        in text
    )
    assert "✗ 1 request was left undecided by IAM policies, and allowed: ccapi-worker-local needs" in text
    assert "IAM policies" not in " ".join(shown(SUCCEEDED, 140))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("verbose", [False, True])
def test_only_text_for_copying_is_wider_than_the_terminal(width: int, *, verbose: bool) -> None:
    lines = shown(PARTIAL, width, verbose=verbose, kept=KEPT)
    wide = {line.strip() for line in lines if len(line) > width}
    assert {line for line in wide if not line.startswith(("arn:", "aws ", "set -a", "curl "))} == set()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_arn_is_folded_and_no_column_is_two_characters_wide(width: int) -> None:
    lines = shown(WORST, width, verbose=True, kept=KEPT)
    assert any(line.endswith(ARN) for line in lines)
    assert {f"    {alarm}" for alarm in ALARMS} <= set(lines)
    assert [line for line in lines if 0 < len(line.strip()) <= 2] == []
    for name in NAMES:
        assert any({name, "7200.5"} <= {*line.split()} for line in lines)


def test_the_verdict_comes_first_and_the_next_commands_last() -> None:
    lines = shown(SUCCEEDED, 80)[6:]
    assert lines[1] == "SUCCEEDED: run 2026-W49, 29 of 29 regions of 2026-W48, 32.1 s"
    assert [line.split("  ")[1] for line in lines[-3:]] == [
        "make run ARGS=--keep",
        "make run ARGS=--verbose",
        "make policy",
    ]


def test_failed_regions_are_grouped_by_reason_and_each_is_named_or_counted() -> None:
    failed = [region(name, f"no image of {name}") for name in NAMES[:3]]
    lost = region(NAMES[3], "The worker was lost.")
    assert by_reason([*failed, lost, region(NAMES[4])]) == [
        (f"no image of {NAMES[0]}", list(NAMES[:3])),
        ("The worker was lost.", [NAMES[3]]),
    ]
    # All have the reason of their worker, which quotes the program's log.
    quoting = f"The program ended with exit code 3. Its last lines: {NAMES[0]} done, {NAMES[1]} done"
    assert by_reason([region(name, quoting) for name in NAMES]) == [(quoting, list(NAMES))]
    lines = shown(WORST, 140)
    assert [line[:10] for line in lines if line.startswith("- ")] == [
        "- Reason 0",
        "- Reason 1",
        "- Reason 2",
    ]
    assert "… and 26 more reasons in build/last-run.json" in lines
    assert "  20 regions: jakarta_north_sprawl, jakarta_south_suburbs," in shown(PARTIAL, 60)


def test_the_export_of_the_access_key_is_the_last_line_of_a_kept_run() -> None:
    lines = shown(PARTIAL, 60, kept=KEPT)
    assert lines[-1] == f"  {export_command(DEVELOPER)}"
    assert f"  .venv/bin/{REDO}" in lines


def test_messages_and_amounts_are_left_to_verbose_and_the_facts() -> None:
    assert not any(REDO in line or "FARGATE" in line or ARN in line for line in shown(PARTIAL, 140))
    assert any(REDO in line for line in shown(PARTIAL, 140, verbose=True))


def test_a_report_is_named_only_if_it_was_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("local.run.summary.REPORTS", tmp_path / "reports")
    monkeypatch.setattr("local.run.summary.ROOT", tmp_path)
    assert not any("Reports:" in line.plain for line in summary(SUCCEEDED, width=80))
    (tmp_path / "reports" / "2026-W49").mkdir(parents=True)
    (tmp_path / "reports" / "2026-W49" / "index.html").touch()
    assert any(line.plain == "Reports: reports/2026-W49/index.html" for line in summary(SUCCEEDED, width=80))


@pytest.mark.parametrize("text", ["mistake\n" * 400, "word " * 9000, "a" * 30000])
def test_a_long_error_is_cut_and_the_log_has_all_of_it(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "LOGS", tmp_path / "logs")
    command._print_error("make run", text)
    lines = capsys.readouterr().err.splitlines()
    assert rows(lines, 60) <= ROWS
    assert lines[-1] == "… and the rest in logs/run.log"
    assert (tmp_path / "logs" / "run.log").read_text(encoding="utf-8") == f"{text.rstrip()}\n"


@pytest.mark.parametrize("outcome", [PARTIAL, SUCCEEDED])
def test_the_next_command_repeats_the_arguments_of_the_run(outcome: Outcome) -> None:
    arguments = ["--program", "/a b", "--verbose"]
    lines = [line.plain.strip() for line in summary(outcome, width=80, arguments=arguments)]
    assert "make run ARGS=\"--program '/a b' --verbose --keep\"" in lines
    assert not any("--verbose --verbose" in line for line in lines)
