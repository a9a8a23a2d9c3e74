"""The function, request and result of an invocation."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One revision of a function: two invocations of it may run in the same process, one after the other."""

    function_arn: str
    revision: str
    name: str
    version: str
    handler: str
    runtime: str
    memory_mib: int
    timeout_seconds: int
    environment: Mapping[str, str]
    region: str
    log_group: str
    log_format: str
    log_level: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """One invocation of a function."""

    id: str
    payload: str
    client_context: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of an invocation: the function's answer, or its error."""

    payload: str
    is_error: bool = False
