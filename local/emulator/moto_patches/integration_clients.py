"""Cached boto3 clients for integrations; moto creates a client for every call.

AWS: no counterpart. Creating a client takes longer than most calls, and `localhost` may mean ::1, where this server
does not listen. The clients validate types, as AWS does, and each request names its execution in a header.
"""

from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import Any

from moto.settings import moto_server_port
from moto.stepfunctions.parser.asl.utils import boto_client

from local.aws import LocalAws
from local.emulator.access_keys import KEYS
from local.emulator.callers import EMULATOR, name_execution
from local.loopback import ADDRESS

# Longer than any task may take; the answer comes from this process.
_READ_TIMEOUT_SECONDS = 900

_lock = Lock()


def apply() -> None:
    """Replace the `boto3` of moto's integrations by one with cached clients."""
    vars(boto_client)["boto3"] = SimpleNamespace(client=_client)


def _client(*, region_name: str, service_name: str, **_: Any) -> Any:
    # Creating boto3 clients is not thread-safe; using them is.
    with _lock:
        return _kept_client(service_name, region_name)


@cache
def _self() -> LocalAws:
    return LocalAws(f"http://{ADDRESS}:{moto_server_port()}", KEYS.issue(EMULATOR))


@cache
def _kept_client(service: str, region: str) -> Any:
    client = _self().client(
        service,
        region=region,
        retries={"total_max_attempts": 1},
        read_timeout=_READ_TIMEOUT_SECONDS,
        max_pool_connections=50,
    )
    client.meta.events.register("before-sign", name_execution)
    return client
