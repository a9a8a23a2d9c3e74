"""A plan that Pulumi wrote to a file: `pulumi preview --json --show-sames`, or `pulumi stack export`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from guardrails.plan import UNKNOWN, Plan, Resource

# How Pulumi writes a value that is only known once something has been created, and one that is a secret.
# Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go and .../resource/sig/sig.go
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_GONE = frozenset({"delete", "delete-replaced", "read-discard", "discard"})
_READ = frozenset({"read", "read-replacement"})
_SAME = "same"
_PREVIEW = "`pulumi preview --json --show-sames`"


class PlanFileError(Exception):
    """A file holds no plan; the message says what it should hold."""


def read_plan(path: Path) -> Plan:
    """Return the plan in a file.

    Raises:
        PlanFileError: where it cannot be read, or holds neither a preview nor a stack, or not all of one.
    """
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanFileError(
            f"{path} cannot be read ({error.strerror}); name a file that holds a plan"
        ) from None
    except (ValueError, RecursionError):
        raise PlanFileError(f"{path} is not JSON; write it with {_PREVIEW}") from None
    return plan_in(written, str(path))


def plan_in(written: Any, called: str = "it") -> Plan:
    """Return the plan in what Pulumi wrote.

    Raises:
        PlanFileError: where it holds neither a preview nor a stack, or not all of one.
    """
    states = list(_states(written))
    if not states:
        raise PlanFileError(f"{called} holds no resources; write it with {_PREVIEW} or `pulumi stack export`")
    if left_out := _left_out(written):
        raise PlanFileError(
            f"{called} is a preview without {left_out:,} of the resources, which stay as they are; "
            f"write it with {_PREVIEW}"
        )
    properties = {str(state["urn"]): _properties(state) for state in states}
    resources = [_resource(state, properties) for state in states]
    return Plan.of(resources, (one for one in resources if not one.type.startswith("aws:")))


def _states(written: Any) -> Iterator[Mapping[str, Any]]:
    """Return the states of the resources that are there, or will be."""
    if not isinstance(written, Mapping):
        return
    steps, deployment = written.get("steps"), written.get("deployment")
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, Mapping) and step.get("op") not in _GONE:
            is_read = {"external": True} if step.get("op") in _READ else {}
            yield from ({**state, **is_read} for state in _state(step.get("newState")))
    found = deployment.get("resources") if isinstance(deployment, Mapping) else None
    for state in found if isinstance(found, list) else ():
        yield from _state(state)


def _left_out(written: Mapping[str, Any]) -> int:
    """Return how many resources a preview counts and does not show: those that stay as they are, unless asked to.

    Source: https://github.com/pulumi/pulumi/blob/master/pkg/backend/display/json.go
    """
    counts, steps = written.get("changeSummary"), written.get("steps")
    if not isinstance(counts, Mapping) or not isinstance(steps, list):
        return 0
    counted = counts.get(_SAME, 0)
    shown = sum(isinstance(step, Mapping) and step.get("op") == _SAME for step in steps)
    return max(0, counted - shown) if isinstance(counted, int) else 0


def _state(state: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(state, Mapping) or state.get("delete"):
        return
    if isinstance(state.get("urn"), str) and isinstance(state.get("type"), str):
        yield state


def _properties(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a resource: what it is like, or is asked to be."""
    inputs, outputs = (state.get(key) for key in ("inputs", "outputs"))
    merged = {
        **(outputs if isinstance(outputs, Mapping) else {}),
        **(inputs if isinstance(inputs, Mapping) else {}),
    }
    return {str(key): _plain(value) for key, value in merged.items() if not str(key).startswith("__")}


def _resource(state: Mapping[str, Any], properties: Mapping[str, Mapping[str, Any]]) -> Resource:
    urn = str(state["urn"])
    sources = state.get("propertyDependencies")
    return Resource(
        urn=urn,
        type=str(state["type"]),
        name=urn.rpartition("::")[2],
        properties=properties[urn],
        parent=state.get("parent") if isinstance(state.get("parent"), str) else None,
        # A provider is named by its URN and, after two colons, its id.
        provider=properties.get(str(state.get("provider", "")).rpartition("::")[0], {}),
        sources={
            str(key): tuple(map(str, of))
            for key, of in (sources.items() if isinstance(sources, Mapping) else ())
            if isinstance(of, list)
        },
        is_read=state.get("external") is True,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _SECRET:
            # What it holds is nobody's business; that there is something is all that a rule asks.
            return UNKNOWN
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return UNKNOWN if value == _UNKNOWN else value
