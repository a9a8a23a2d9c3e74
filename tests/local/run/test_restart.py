"""A kept stack whose processes are killed in the middle of a run, and that is started again with its state."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from local.channels.client import LocalChannels
from tests.faults.invariants import violations
from tests.faults.reading import Command, Run
from tests.local.emulator.local_aws import eventually
from tests.local.run.conftest import Checkout
from tests.local.run.kept import Kept, keep
from tests.soak.reader import Reader, now
from tests.soak.soak import FIRST_WEEK
from tests.soak.stage import Stage
from tests.soak.vocabulary import scheduled
from tests.stacks import REGION_NAMES

REGIONS = REGION_NAMES[:4]
RUN_ID = "2027-W01"


class Resumed:
    """A kept stack with a run in the middle of which its local AWS is killed."""

    def __init__(self, kept: Kept) -> None:
        self.kept, self.stage = kept, Stage(kept)
        self.reader = Reader(self.stage)
        self.began = now()
        self.given = scheduled(0, FIRST_WEEK)
        self.commands: list[Command] = []

    def start(self) -> str:
        """Start a run, and return its execution as soon as one of its regions has a result."""
        execution = self.stage.start(self.given)
        eventually(lambda: self.objects(f"weekly/{RUN_ID}/").keys() & {f"{name}.json" for name in REGIONS})
        return execution

    def type(self, *words: str) -> str:
        """Type a command that succeeds, and return what it prints."""
        typed = self.kept.ccapi(*words)
        self.commands.append(Command(f"ccapi {' '.join(words)}", typed.returncode, now()))
        assert typed.returncode == 0, typed.stdout + typed.stderr
        return typed.stdout

    def objects(self, prefix: str = "") -> Mapping[str, str]:
        """Return the version of each report, by its name below the prefix."""
        s3 = self.stage.client("s3")
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=self.stage.reports, Prefix=prefix)
        return {
            each["Key"].removeprefix(prefix): each["VersionId"]
            for page in pages
            for each in page.get("Versions", ())
            if each["IsLatest"]
        }

    def settle(self) -> None:
        """Wait until no task runs, and the watch machine has nothing to do."""
        eventually(lambda: not self.stage.tasks() and not self.stage.workers())
        eventually(lambda: not self.stage.running(self.stage.watch))

    def read(self) -> Run:
        return self.reader.run(
            RUN_ID,
            self.given,
            asked=REGIONS,
            since=self.began,
            new=[each["executionArn"] for each in self.stage.executions(self.stage.weekly)],
            commands=[each for each in self.commands if "redo" in each.words],
        )


@pytest.fixture(scope="module")
def kept(shared_checkout: Checkout) -> Iterator[Kept]:
    with keep(shared_checkout, "--regions", str(len(REGIONS)), "--shards", "2") as kept:
        yield kept


def kill(kept: Kept, *parts: str) -> None:
    """Kill parts of the stack."""
    processes = [_process(kept.checkout.path, part) for part in parts]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)


def test_a_stack_whose_processes_were_all_killed_goes_on_as_it_was_deployed(kept: Kept) -> None:
    credentials = kept.checkout.path / ".local" / "credentials"
    before = LocalChannels.read(credentials)
    kill(kept, "emulator", "agent", "channels")
    status = kept.ccapi("local", "status")
    assert "The local stack is not running; type `ccapi local resume`." in status.stdout
    resumed = kept.ccapi("local", "resume")
    assert resumed.stdout.startswith(
        "Started again with its state: the local channels, the local AWS, the agent."
    ), resumed
    assert LocalChannels.read(credentials) == before
    assert kept.ccapi("local", "resume").stdout.startswith("All parts are running already.")
    previewed = kept.pulumi("preview", "--refresh", "--expect-no-changes")
    assert previewed.returncode == 0, previewed.stdout + previewed.stderr
    assert "succeeded" in kept.ccapi("runs").stdout
    assert kept.ccapi("run", "--follow").returncode == 0


def test_a_run_in_whose_middle_the_local_aws_was_killed_is_told_and_redone(kept: Kept) -> None:
    stack = Resumed(kept)
    ended = stack.stage.executions(stack.stage.weekly)
    execution = stack.start()
    agent = stack.stage.service("agent").pid
    reports = stack.objects()
    kill(kept, "emulator")
    refused = kept.ccapi("runs")
    assert refused.stderr.strip() == "ccapi: the local stack is not running. Type `ccapi local resume`."
    assert stack.type("local", "resume").startswith("Started again with its state: the local AWS.")

    assert stack.stage.service("agent").pid == agent
    assert stack.objects().items() >= {
        (key, version) for key, version in reports.items() if key.count("/") == 2 and key.endswith(".json")
    }
    assert [
        each for each in stack.stage.executions(stack.stage.weekly) if each["executionArn"] != execution
    ] == ended
    described = kept.ended(execution)
    assert (described["status"], described["error"]) == ("FAILED", "LocalAws.Restarted")
    stack.settle()
    told = stack.read()
    assert violations(told) == []
    text = next(message.text for message in told.messages if message.is_about(told.executions[-1]))
    assert "LocalAws.Restarted: The local AWS ended while this execution ran" in text
    (name,) = set(re.findall(r"^ccapi redo (\S+)", text, re.MULTILINE))

    stack.type("redo", name, "--follow")

    stack.settle()
    run = stack.read()
    assert violations(run) == []
    assert run.published_at() == set(REGIONS)
    assert {region: len(run.results(region)) for region in REGIONS} == dict.fromkeys(REGIONS, 1)
    assert [each.says for each in run.executions][-1] == "succeeded"


def test_a_kept_run_whose_local_aws_is_killed_names_the_command_that_goes_on(checkout: Checkout) -> None:
    running = checkout.start("--keep")
    kept = eventually(lambda: _working(checkout))
    assert kept is not None
    kill(kept, "emulator")
    said, _ = running.communicate()
    assert running.returncode == 1
    assert "ended while the run was at work; type `ccapi local resume`, which starts it again" in said
    try:
        resumed = kept.ccapi("local", "resume")
        assert resumed.returncode == 0, resumed.stdout + resumed.stderr
        (name,) = (line.split()[0] for line in kept.ccapi("runs").stdout.splitlines()[1:])
        redone = kept.ccapi("redo", name, "--follow")
        assert redone.returncode == 0, redone.stdout + redone.stderr
        assert f"is complete: all {len(REGION_NAMES)} regions were monitored" in redone.stdout
    finally:
        kept.ccapi("local", "down")


def _working(checkout: Checkout) -> Kept | None:
    """Return the stack of a run as soon as a worker monitors."""
    if not (checkout.path / ".local" / "kept.json").exists():
        return None
    kept = Kept(checkout)
    return kept if any(kept._works(process, "monitor") for process in psutil.process_iter()) else None


def _process(folder: Path, part: str) -> psutil.Process:
    """Return the process of a part of the stack in a checkout."""
    (found,) = (process for process in psutil.process_iter() if _is_part(process, folder, part))
    return found


def _is_part(process: psutil.Process, folder: Path, part: str) -> bool:
    try:
        arguments: list[str] = process.cmdline()[1:3]
        return arguments == ["-m", f"local.{part}"] and Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        return False
