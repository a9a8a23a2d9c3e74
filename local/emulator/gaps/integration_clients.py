"""Integrations call this server through clients that are kept; moto makes a client for every call.

AWS: no counterpart. A client takes longer to make than most calls to answer, and `localhost` may mean ::1,
where this server does not listen. Types are checked, as AWS checks them. Each request says which execution it is of.
"""

from functools import cache
from threading import Lock
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.config import Config
from moto.settings import moto_server_port
from moto.stepfunctions.parser.asl.utils import boto_client

from local.emulator.callers import name_execution

# Longer than any task may take; an answer comes from this very process.
_READ_TIMEOUT_SECONDS = 900

_lock = Lock()


def fill() -> None:
    """Give moto's integrations a `boto3` whose clients are kept."""
    vars(boto_client)["boto3"] = SimpleNamespace(client=_client)


def _client(*, region_name: str, service_name: str, **_: Any) -> Any:
    # Making clients is not thread-safe, using them is.
    with _lock:
        return _kept_client(service_name, region_name)


@cache
def _kept_client(service: str, region: str) -> Any:
    config = Config(
        retries={"total_max_attempts": 1}, read_timeout=_READ_TIMEOUT_SECONDS, max_pool_connections=50
    )
    make: Any = boto3.client
    client = make(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{moto_server_port()}",
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - the local AWS asks for no secret
        config=config,
    )
    client.meta.events.register("before-sign", name_execution)
    return client
