"""A policy pack run as the engine runs it: in its own process, called for every resource and then for the stack."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from bench.many import Planned

LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
"""The engine's limit."""

STACK = {"PULUMI_STACK": "many", "PULUMI_PROJECT": "many", "PULUMI_DRY_RUN": "true"}


@dataclass(frozen=True)
class PackTimes:
    """The time that a pack took."""

    seconds: float
    """Seconds from the start of the process to its last answer."""
    evaluation_seconds: float
    """Seconds from the first call to the last answer."""
    evaluations: int
    """The number of evaluations of a rule for a resource."""


def run_pack(pack: Path, python: Path, resources: Sequence[Planned]) -> PackTimes:
    """Start a pack, and let it evaluate the resources of one plan."""
    requests = [_analyze_request(resource) for resource in resources]
    stack = analyzer_pb2.AnalyzeStackRequest(
        resources=[_analyzer_resource(resource) for resource in resources]
    )
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        seconds, evaluation_seconds = _clock(pack, python, requests, stack, report)
        evaluations = sum(
            rule["evaluated"] for rule in json.loads(report.read_text(encoding="utf-8"))["rules"]
        )
    return PackTimes(seconds, evaluation_seconds, evaluations)


def _clock(
    pack: Path, python: Path, requests: Sequence[Any], stack: Any, report: Path
) -> tuple[float, float]:
    started = time.perf_counter()
    with _running(pack, python, report) as analyzer:
        analyzer.GetAnalyzerInfo(Empty())
        ready = time.perf_counter()
        for request in requests:
            analyzer.Analyze(request)
        analyzer.AnalyzeStack(stack)
        ended = time.perf_counter()
    return ended - started, ended - ready


@contextmanager
def _running(pack: Path, python: Path, report: Path) -> Iterator[Any]:
    process = subprocess.Popen(
        [str(python), "-u", "-m", "pulumi.policy", "127.0.0.1:9", "."],
        cwd=pack,
        env={**os.environ, **STACK, "GUARDRAILS_REPORT": str(report)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = f"127.0.0.1:{int(process.stdout.readline())}"
        options = [
            ("grpc.max_send_message_length", LARGEST_MESSAGE_BYTES),
            ("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES),
        ]
        with grpc.insecure_channel(address, options) as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.kill()
        process.wait()


def _analyze_request(resource: Planned) -> Any:
    return analyzer_pb2.AnalyzeRequest(
        type=resource.type, urn=resource.urn, name=resource.name, properties=_struct(resource)
    )


def _analyzer_resource(resource: Planned) -> Any:
    return analyzer_pb2.AnalyzerResource(
        type=resource.type, urn=resource.urn, name=resource.name, properties=_struct(resource)
    )


def _struct(resource: Planned) -> Struct:
    properties = Struct()
    properties.update(resource.inputs)
    return properties
