"""A function as an invocation describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


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

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "FunctionSpec":
        """Return the function of an invocation."""
        return cls(**{field.name: facts[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Request:
    """One invocation of a function."""

    id: str
    payload: str
    client_context: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Request":
        """Return the request of an invocation."""
        return cls(**{field.name: facts[field.name] for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of an invocation: the function's answer, or its error."""

    payload: str
    is_error: bool = False
