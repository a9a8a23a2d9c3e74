"""Real runs on one deployment of the local stack: a program that waits is started for each region."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.aws import LocalAws
from local.emulator.limits import payload_bytes
from local.run.metered import read_meter

CATALOG = "scale"
SECONDS_A_REGION = 0.5
_POLL_SECONDS = 1.0
_MACHINE = "step_functions_state_machine_arn"


@dataclass(frozen=True)
class RealRun:
    """The measurements of one run."""

    regions: int
    shards: int
    status: str
    seconds: float
    map_seconds: float
    """The duration of the state with the shards."""
    transitions: int
    events: int
    largest_payload: tuple[int, str]
    """In bytes, with the state and the field."""
    s3_requests: int
    usd: float
    largest_page_bytes: int
    warnings: tuple[str, ...]


def write_settings(checkout: Path, regions: int, shards: int) -> None:
    """Let the local stack of a checkout run a program that waits, for so many regions in so many shards."""
    listed = [{"name": f"region_{number:05}"} for number in range(regions)]
    catalog = checkout / "regions" / f"{CATALOG}.json"
    catalog.write_text(json.dumps({"title": "Scale", "regions": listed}), encoding="utf-8")
    path = checkout / "Pulumi.local.yaml"
    stack = yaml.safe_load(path.read_text(encoding="utf-8"))
    config: dict[str, Any] = stack["config"]
    config.pop("ccapi:command")
    config["ccapi:monitoring"] = {"catalog": CATALOG}
    config["ccapi:each"] = {"program": ["sleep", str(SECONDS_A_REGION)]}
    config["ccapi:worker"] |= {"workload": "each", "shards": shards, "expectedSecondsPerRegion": 1}
    # A busy local AWS answers late, and a worker waits for it for a share of the heartbeat.
    config["ccapi:run"] |= {"heartbeatSeconds": 600}
    path.write_text(yaml.safe_dump(stack), encoding="utf-8")


@contextmanager
def deployed(checkout: Path) -> Iterator[tuple[LocalAws, Mapping[str, Any]]]:
    """Deploy the local stack of a checkout; yield its local AWS and its outputs, and stop it at the end."""
    local = [sys.executable, "-m", "local"]
    environment = {"PYTHONPATH": str(checkout)}
    subprocess.run([*local, "up"], cwd=checkout, env={**os.environ, **environment}, check=True)
    try:
        aws = LocalAws.read(next((checkout / ".local" / "credentials").rglob("developer.env")))
        yield aws, _outputs(aws)
    finally:
        subprocess.run([*local, "stop"], cwd=checkout, env={**os.environ, **environment}, check=True)


def run(aws: LocalAws, outputs: Mapping[str, Any], regions: int, shards: int) -> RealRun:
    """Run the first regions of the catalog, and return the measurements."""
    states, s3 = aws.client("stepfunctions"), aws.client("s3")
    arn = states.start_execution(
        stateMachineArn=outputs[_MACHINE],
        name=f"scale-{regions}",
        input=json.dumps({"regions_count": regions}),
    )["executionArn"]
    while (described := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
        time.sleep(_POLL_SECONDS)
    output = json.loads(described.get("output", "{}"))
    history = states.get_execution_history(executionArn=arn)["events"]
    metered = read_meter(aws, arn)
    run_id = output.get("run_id", "")
    return RealRun(
        regions=regions,
        shards=min(shards, regions),
        status=output.get("status", described.get("error", "")),
        seconds=(described["stopDate"] - described["startDate"]).total_seconds(),
        map_seconds=_map_seconds(history),
        transitions=sum(metered["transitions"].values()),
        events=len(history),
        largest_payload=max(_payloads(history)),
        s3_requests=sum(
            count for name, count in metered["requests"]["tasks"].items() if name.startswith("s3:")
        ),
        usd=float(output.get("usd", 0)),
        largest_page_bytes=max(_pages(s3, outputs, run_id), default=0),
        warnings=tuple(output.get("warnings", ())),
    )


def _map_seconds(history: Sequence[Mapping[str, Any]]) -> float:
    entered = next(event for event in history if event["type"] == "MapStateEntered")
    exited = next(event for event in history if event["type"] == "MapStateExited")
    return float((exited["timestamp"] - entered["timestamp"]).total_seconds())


def _payloads(history: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Yield the size of each input, output, parameter and set of variables in a history, with its place."""
    for event in history:
        for key, details in event.items():
            if not key.endswith("Details"):
                continue
            for field in ("input", "output", "parameters"):
                if text := details.get(field):
                    yield len(text.encode()), f"{event['type']} {field} {details.get('name', '')}".strip()
            if assigned := details.get("assignedVariables"):
                yield payload_bytes(assigned), f"{details['name']} variables"


def _pages(s3: Any, outputs: Mapping[str, Any], run_id: str) -> Iterator[int]:
    yield from (
        size for key, size in _objects(s3, outputs, f"weekly/{run_id}/index") if key.endswith(".html")
    )


def _objects(s3: Any, outputs: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, int]]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=outputs["reports"], Prefix=prefix):
        for item in page.get("Contents", ()):
            yield item["Key"], item["Size"]


def _outputs(aws: LocalAws) -> dict[str, str]:
    machines = aws.client("stepfunctions").list_state_machines()["stateMachines"]
    buckets = aws.client("s3").list_buckets()["Buckets"]
    return {
        _MACHINE: next(m["stateMachineArn"] for m in machines if "watch" not in m["name"]),
        "reports": next(b["Name"] for b in buckets if "reports" in b["Name"]),
    }
