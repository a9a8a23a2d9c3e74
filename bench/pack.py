"""A policy pack as the engine runs it: a process of its own, asked about every resource and then about all of them."""

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
"""The engine's own limit."""

STACK = {"PULUMI_STACK": "many", "PULUMI_PROJECT": "many", "PULUMI_DRY_RUN": "true"}


@dataclass(frozen=True)
class Asked:
    """How long a pack took."""

    seconds: float
    """From its start to its last answer."""
    judging_seconds: float
    """Without its start."""
    assessed: int
    """How often a rule has looked at a resource."""


def ask(pack: Path, python: Path, resources: Sequence[Planned]) -> Asked:
    """Start a pack, and ask it about some resources of one plan."""
    requests = [_about(one) for one in resources]
    stack = analyzer_pb2.AnalyzeStackRequest(resources=[_in_a_stack(one) for one in resources])
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        seconds, judging_seconds = _clock(pack, python, requests, stack, report)
        assessed = sum(rule["assessed"] for rule in json.loads(report.read_text(encoding="utf-8"))["rules"])
    return Asked(seconds, judging_seconds, assessed)


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


def _about(one: Planned) -> Any:
    return analyzer_pb2.AnalyzeRequest(type=one.type, urn=one.urn, name=one.name, properties=_struct(one))


def _in_a_stack(one: Planned) -> Any:
    return analyzer_pb2.AnalyzerResource(type=one.type, urn=one.urn, name=one.name, properties=_struct(one))


def _struct(one: Planned) -> Struct:
    properties = Struct()
    properties.update(one.inputs)
    return properties
