"""The reader of plans in files, from `pulumi preview --json --show-sames` or `pulumi stack export`."""

import math
from collections.abc import Iterable, Iterator, Mapping
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from guardrails import strict_json
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
        return plan_in(strict_json.loads(path.read_text(encoding="utf-8")), str(path))
    except OSError as error:
        raise PlanFileError(
            f"{path} cannot be read ({error.strerror}); name a file that holds a plan"
        ) from None
    except RecursionError:
        raise PlanFileError(f"{path} is nested too deeply; write it with {_PREVIEW}") from None
    except (JSONDecodeError, UnicodeDecodeError):
        raise PlanFileError(f"{path} is not JSON; write it with {_PREVIEW}") from None
    except ValueError as error:
        raise PlanFileError(
            f"{path} holds a number that is none ({error}); correct it in the program"
        ) from None


def plan_in(written: Any, called: str = "it") -> Plan:
    """Return the plan in the parsed JSON that Pulumi wrote.

    Raises:
        PlanFileError: if it is neither a preview nor a stack, or is incomplete or impossible.
        RecursionError: if it is nested too deeply.
    """
    if failure := _failure(written):
        raise PlanFileError(
            f"{called} is a preview that failed ({failure}); correct the program, and preview it again"
        )
    states = list(_states(written))
    if not states:
        raise PlanFileError(f"{called} holds no resources; write it with {_PREVIEW} or `pulumi stack export`")
    if left_out := _left_out(written):
        raise PlanFileError(
            f"{called} is a preview that leaves out {left_out:,} unchanged resources; write it with {_PREVIEW}"
        )
    properties = {str(state["urn"]): _properties(state) for state in states}
    resources = [_resource(state, properties) for state in states]
    if circular := _own_ancestor(resources):
        raise PlanFileError(f"{called} names {circular} as its own ancestor; write it with {_PREVIEW}")
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


def _failure(written: Any) -> str | None:
    """Return the first line of the first error that a preview reports, or None if it reports none.

    Source: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/display/json.go
    """
    reported = written.get("diagnostics") if isinstance(written, Mapping) else None
    for diagnostic in reported if isinstance(reported, list) else ():
        if isinstance(diagnostic, Mapping) and diagnostic.get("severity") == "error":
            return next(iter(str(diagnostic.get("message", "")).strip().splitlines()), "without a message")
    return None


def _own_ancestor(resources: Iterable[Resource]) -> str | None:
    """Return the URN of a resource that is around itself, or None if there is none."""
    parents = {resource.urn: resource.parent for resource in resources}
    outermost: set[str] = set()
    for lowest in parents:
        around: dict[str, None] = {}
        urn: str | None = lowest
        while urn in parents and urn not in outermost:
            if urn in around:
                return urn
            around[urn] = None
            urn = parents.get(urn)
        outermost |= around.keys()
    return None


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
    if isinstance(value, float) and not math.isfinite(value):
        # Larger than any number of a program, as in 1e400.
        raise ValueError(f"{value} is beyond the largest number")
    return UNKNOWN if value == _UNKNOWN else value
