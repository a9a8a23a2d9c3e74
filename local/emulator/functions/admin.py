"""The agent's endpoints for invocations, under /ccapi/invocations/."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.models import lambda_backends

from local.emulator.access_keys import KEYS
from local.emulator.callers import Caller, Kind
from local.emulator.functions.broker import BROKER, Answer, Invocation

# Shorter than the timeout of `LocalAws.admin`.
_POLL_SECONDS = 5.0


def offer(*, agent: str) -> dict[str, Any]:
    """Return the next invocation, if any, and the current revisions: the agent ends processes of other revisions."""
    invocation = BROKER.offer(agent, _POLL_SECONDS)
    return {"invocation": None if invocation is None else invocation.facts, "revisions": _revisions()}


def take(*, invocation: str, environment: str) -> dict[str, Any]:
    """Assign an invocation to an execution environment; return the environment's access key the first time."""
    taken = BROKER.take(invocation)
    for observer in _observers:
        observer(taken, environment)
    return {"access_key_id": KEYS.issue_once(Caller(Kind.FUNCTION, environment))}


def code(*, invocation: str) -> dict[str, Any]:
    """Return the zip file of the function of an invocation."""
    return {"zip": base64.b64encode(BROKER.find(invocation).code).decode()}


def answer(*, invocation: str, **reported: Any) -> dict[str, Any]:
    """Answer an invocation."""
    BROKER.answer(invocation, Answer(**reported))
    return {}


def end(*, environment: str) -> dict[str, Any]:
    """Revoke the access key of an execution environment that has ended."""
    KEYS.revoke(Caller(Kind.FUNCTION, environment))
    return {}


ENDPOINTS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "invocations/next": offer,
    "invocations/take": take,
    "invocations/code": code,
    "invocations/answer": answer,
    "invocations/end": end,
}

_observers: list[Callable[[Invocation, str], None]] = []


def on_take(observer: Callable[[Invocation, str], None]) -> None:
    """Call an observer with each invocation and its execution environment."""
    _observers.append(observer)


def _revisions() -> list[str]:
    return [
        str(getattr(function, "revision_id"))  # noqa: B009 - a patch gives functions this attribute
        for backends in lambda_backends.values()
        for backend in backends.values()
        for function in backend._lambdas.all()
    ]
