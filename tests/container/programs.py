"""The stand-in for the weekly monitor of Java, ready to be run by workers."""

import base64
import json
import random
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import psutil

from components.settings.command import Command
from tests.container.catalogs import NAMES
from tests.stacks import CATALOG_NAME, values_of
from worker.monitor import monitor
from worker.plan import Plan, deal, plan_key
from worker.s3 import JSON, Bucket
from worker.settings import Settings
from worker.workloads.command.workload import CommandWorkload

ROOT = Path(__file__).parents[2]
JAVA_MONITOR = ROOT / "tests" / "programs" / "java_monitor"
PROGRAM = values_of("prod")["command"]["program"]
_RANDOM = random.Random(20261123)  # noqa: S311 - a key of nothing
# As long as one of 2,048 bits, and a whole sequence of ASN.1.
_DER = b"\x30\x82\x04\xbd" + _RANDOM.randbytes(0x4BD)
PRIVATE_KEY = (
    "-----BEGIN PRIVATE KEY-----\n"
    + "\n".join(textwrap.wrap(base64.b64encode(_DER).decode(), 64))
    + "\n-----END PRIVATE KEY-----\n"
)
SERVICE_ACCOUNT = {
    "type": "service_account",
    "project_id": "java-monitoring",
    "private_key_id": "0123456789abcdef0123456789abcdef01234567",
    "private_key": PRIVATE_KEY,
    "client_email": "monitor@java-monitoring.iam.gserviceaccount.com",
    "token_uri": "https://oauth2.googleapis.com/token",
}


def put_secret(name: str, content: dict[str, Any] | str | bytes = SERVICE_ACCOUNT) -> str:
    """Put a secret where workers find it, bytes as a file, and return its name."""
    client = boto3.client("secretsmanager")
    if isinstance(content, bytes):
        client.create_secret(Name=name, SecretBinary=content)
    else:
        client.create_secret(
            Name=name, SecretString=content if isinstance(content, str) else json.dumps(content)
        )
    return name


def planned(cache: Bucket, shards: int = 1) -> None:
    """Leave the plan that `validate` makes of an empty input."""
    plan = Plan(
        run_id="2026-W48",
        created=datetime(2026, 11, 23, tzinfo=UTC),
        period="2026-W47",
        workload="command",
        shards=deal(NAMES, shards),
        enable_scraping=True,
        force_refresh=False,
    )
    cache.write(plan_key(plan.run_id), plan.model_dump_json().encode(), JSON)


@dataclass(frozen=True)
class Program:
    """A copy of the program with configurable behaviour."""

    folder: Path
    scratch: Path
    secret: str
    reports: Bucket
    cache: Bucket

    def behaves(self, **conduct: Any) -> None:
        """Write how it behaves from now on."""
        (self.folder / "conduct.json").write_text(json.dumps(conduct), encoding="utf-8")

    def variables(self, **changes: Any) -> dict[str, str]:
        """Return the environment variables of the task definition; `changes` are settings of the program."""
        settings = Command.model_validate({"program": PROGRAM, "directory": str(self.folder), **changes})
        return {
            "WORKLOAD": "command",
            "COMMAND": settings.model_dump_json(by_alias=True),
            "GEE_CREDENTIALS_SECRET": self.secret,
            "GEE_PROJECT_ID": "java-monitoring",
        }

    def workload(
        self, told: dict[str, Any] | None = None, *, stall_seconds: float | None = None, **variables: str
    ) -> tuple[Settings, CommandWorkload]:
        """Return a worker's settings and its workload; its time limits may be shorter than the settings allow."""
        buckets = {"S3_REPORTS_BUCKET": self.reports.name, "S3_CACHE_BUCKET": self.cache.name}
        settings = Settings.from_environment(
            {
                "RUN_ID": "2026-W48",
                "CATALOG": CATALOG_NAME,
                **buckets,
                **self.variables(**(told or {})),
                **variables,
            }
        )
        assert settings.command is not None
        patience = {"stall_seconds": stall_seconds} if stall_seconds else {}
        command = settings.command.model_copy(update=patience)
        return settings, CommandWorkload(settings, command, boto3.client("secretsmanager"))

    def run(
        self,
        told: dict[str, Any] | None = None,
        progress: Callable[[], None] = lambda: None,
        **changes: Any,
    ) -> dict[str, Any]:
        """Run it in a worker's place, and return the answer."""
        settings, workload = self.workload(told, **changes)
        return monitor(
            settings,
            workload,
            reports=self.reports,
            cache=self.cache,
            progress=progress,
            beat=lambda: None,
            log_stream=None,
        )

    def is_at_work(self) -> bool:
        """Return true if the program has started its work."""
        return any(self.scratch.glob("*/cache/osm"))

    def processes(self) -> list[psutil.Process]:
        """Return whatever of it still runs, by the folder that it works in."""
        return [process for process in psutil.process_iter() if self._is_in_scratch(process)]

    def _is_in_scratch(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()).is_relative_to(self.scratch)
        except (psutil.Error, OSError):
            return False

    def left(self) -> list[Path]:
        """Return the files that it has left behind outside of its own folder."""
        return list(self.scratch.iterdir())


def copied(to: Path) -> Path:
    """Copy the program, old files and all."""
    shutil.copytree(JAVA_MONITOR, to, ignore=shutil.ignore_patterns("__pycache__"))
    return to
