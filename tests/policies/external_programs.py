"""A Pulumi program of any folder, planned by the real engine under the policy pack, with no AWS to ask."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation
from pulumi.automation.events import EngineEvent

from guardrails.cost.prices.table import table
from local.toolchain.shims import write_shim
from local.workspace import NOWHERE, loopback, write_yaml
from tests.stacks import ROOT

PROGRAMS = Path(__file__).parent / "programs"
PACK = ROOT / "policies"


@dataclass
class Judged:
    """The violations that the pack reported for a preview."""

    told: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """The messages of each rule about each resource, by their names."""
    diagnostics: list[str] = field(default_factory=list)
    report: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, event: EngineEvent) -> None:
        """Record the violation in an event."""
        if (found := event.policy_event) is not None:
            about = (found.policy_name, (found.resource_urn or "").rpartition("::")[2])
            self.told.setdefault(about, []).append(found.message)
        if (said := event.diagnostic_event) is not None and said.severity != "debug":
            self.diagnostics.append(said.message)


def judge(program: Path, folder: Path, files: Mapping[str, str] | None = None) -> Judged:
    """Plan a program for the first time, in a folder of its own with more files, and return the violations."""
    shutil.copytree(program, folder)
    for name, text in (files or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    project["runtime"] = {"name": "python", "options": {"virtualenv": str(ROOT / ".venv")}}
    write_yaml(folder / "Pulumi.yaml", project)
    write_yaml(folder / "Pulumi.test.yaml", {"config": {**loopback(NOWHERE), "aws:region": "eu-west-1"}})
    (folder / "state").mkdir()
    report = folder / "report.json"
    variables = {
        "PATH": os.pathsep.join([str(provider(folder)), os.environ["PATH"]]),
        "PULUMI_BACKEND_URL": f"file://{folder}/state",
        "GUARDRAILS_REPORT": str(report),
        # Set the date to that of the oldest price, so that no price is too old.
        "SOURCE_DATE_EPOCH": str(int(datetime.combine(_oldest("eu-west-1"), time(), UTC).timestamp())),
    }
    stack = automation.create_stack(
        "test", work_dir=str(folder), opts=automation.LocalWorkspaceOptions(env_vars=variables)
    )
    judged = Judged()
    try:
        stack.preview(policy_packs=[str(PACK)], on_event=judged, suppress_progress=True)
    except automation.CommandError:
        # A violation fails the command, too, and comes with a report.
        if not report.exists():
            raise
    judged.report = json.loads(report.read_text(encoding="utf-8"))
    return judged


def _oldest(region: str) -> date:
    return min(price.as_of for price in table(region).prices.values())


def provider(folder: Path) -> Path:
    """Return the folder of the provider that plans every type, for the beginning of a PATH."""
    python = ROOT / ".venv" / "bin" / "python"
    shim = folder / "provider" / "pulumi-resource-aws"
    write_shim(shim, python=python, root=ROOT, module="tests.policies.planning_provider")
    return shim.parent
