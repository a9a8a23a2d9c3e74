"""The reader of plans in files, from `pulumi preview --json --show-sames` or `pulumi stack export`."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from guardrails.plan import UNKNOWN, Plan, Resource

# Pulumi's markers for a value that is unknown until a resource is created, and for a secret value.
# Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/plugin/rpc.go and .../resource/sig/sig.go
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_GONE = frozenset({"delete", "delete-replaced", "read-discard", "discard"})
_READ = frozenset({"read", "read-replacement"})
_SAME = "same"
_PREVIEW = "`pulumi preview --json --show-sames`"


class PlanFileError(Exception):
    """A file holds no plan, or not all of one; the message says what to write instead."""


def read_plan(path: Path) -> Plan:
    """Return the plan in a file.

    Raises:
        PlanFileError: if the file cannot be read, or holds neither a preview nor a stack, or an incomplete one.
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
    """Return the plan in the parsed JSON that Pulumi wrote.

    Raises:
        PlanFileError: if it is neither a preview nor a stack, or is incomplete.
    """
    states = list(_states(written))
    if not states:
        raise PlanFileError(f"{called} holds no resources; write it with {_PREVIEW} or `pulumi stack export`")
    if left_out := _left_out(written):
        raise PlanFileError(
            f"{called} is a preview that leaves out {left_out:,} unchanged resources; write it with {_PREVIEW}"
        )
    properties = {str(state["urn"]): _properties(state) for state in states}
    resources = [_resource(state, properties) for state in states]
    return Plan.of(resources, (resource for resource in resources if not resource.type.startswith("aws:")))


def _states(written: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the states of the resources that exist, or will exist after the deployment."""
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
    """Return the number of unchanged resources that a preview counts but leaves out without `--show-sames`.

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
    """Return the properties of a resource: its inputs, and the outputs that no input overrides."""
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
            # Rules need to know only that a secret is set, never its value.
            return UNKNOWN
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return UNKNOWN if value == _UNKNOWN else value
