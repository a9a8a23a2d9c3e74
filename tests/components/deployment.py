"""The resources that the program registers with Pulumi, recorded by Pulumi's own mocks in place of providers."""

import asyncio
import json
import runpy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from google.protobuf.json_format import MessageToDict
from pulumi.runtime import resource, rpc, set_all_config, set_mocks
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto.source_pb2 import StackTrace
from pulumi.runtime.settings import ROOT
from pulumi.runtime.stack import run_in_stack
from pulumi.runtime.sync_await import _sync_await

from tests.stacks import PROJECT, stack_file
from tests.stacks import ROOT as CHECKOUT

STACK = "pulumi:pulumi:Stack"
# The protocol's representation of a value that is known only after creation.
UNKNOWN = rpc.UNKNOWN
_LOOP = asyncio.new_event_loop()


@dataclass(frozen=True)
class Resource:
    """A resource as the program registers it; an input that is not known yet is `UNKNOWN`."""

    type: str
    name: str
    parent: str
    provider: str
    depends_on: frozenset[str]
    protected: bool
    retained: bool
    inputs: dict[str, Any]

    def policy(self, key: str = "policy") -> dict[str, Any]:
        """Return an input that is a policy document."""
        document: dict[str, Any] = json.loads(self.inputs[key])
        return document


@dataclass(frozen=True)
class Deployment:
    """The resources that a stack registers, by URN, and its outputs."""

    resources: dict[str, Resource]
    outputs: dict[str, Any]

    def of_type(self, type_: str) -> list[Resource]:
        """Return the resources of a type, in the order of their names."""
        found = [resource for resource in self.resources.values() if resource.type == type_]
        return sorted(found, key=lambda resource: resource.name)

    def the(self, type_: str, name: str | None = None) -> Resource:
        """Return the only resource of a type, or the one with this name."""
        (found,) = (item for item in self.of_type(type_) if name in {None, item.name})
        return found

    @property
    def run_settings(self) -> dict[str, Any]:
        """The parameter that a run reads first; to Pulumi every parameter's value is a secret."""
        settings: dict[str, Any] = json.loads(
            self.the("aws:ssm/parameter:Parameter").inputs["value"]["value"]
        )
        return settings

    @property
    def text(self) -> str:
        """All inputs as one text, to search for values that must or must not occur in any of them."""
        return json.dumps([item.inputs for item in self.resources.values()])


class _Answers(Mocks):
    """The properties that AWS adds to a resource: an ID and, after creation, computed names."""

    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def call(self, args: Any) -> Any:
        message = f"the program asks {args.token}, although a preview should need no call"
        raise AssertionError(message)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if self._preview:
            return None, args.inputs
        made = {
            "arn": f"arn:made:{args.typ}:{args.name}",
            "keyId": f"{args.name}-key-id",
            "repositoryUrl": f"registry/{args.name}",
            "url": f"https://queue/{args.name}",
        }
        return f"{args.name}-id", {**made, **args.inputs}


class _Monitor(MockMonitor):
    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.registered: dict[str, Resource] = {}
        self.outputs: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - gRPC's name
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type == STACK:
            return response
        assert response.urn not in self.registered, f"{response.urn} is registered twice"
        self.registered[response.urn] = Resource(
            type=request.type,
            name=request.name,
            parent=request.parent,
            provider=request.provider,
            depends_on=frozenset(request.dependencies),
            protected=request.protect,
            retained=request.retainOnDelete,
            inputs=MessageToDict(request.object),
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if f"::{STACK}::" in request.urn and request.outputs:
            self.outputs = MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def deploy(
    environment: str,
    *,
    preview: bool = False,
    region: str = "us-east-1",
    secrets: Mapping[str, str] | None = None,
    others: Mapping[str, Any] | None = None,
    encrypted_others: Sequence[str] = (),
    **changes: Any,
) -> Deployment:
    """Run the program for a stack, with changes by full key of its stack file and with encrypted keys.

    `others` has keys with their namespace.
    """
    encrypted = _prefixed(secrets or {})
    changed = {**_prefixed(changes), **(others or {})}
    config = {**stack_file(environment), **changed, **encrypted, "aws:region": region}
    return _deployed(environment, json.dumps(config), (*encrypted, *encrypted_others), preview)


@cache
def _deployed(environment: str, config: str, encrypted: Sequence[str], preview: bool) -> Deployment:
    """Return what the program registers; many tests look at the same stack."""
    return registered(
        lambda: _run(CHECKOUT / "__main__.py"),
        environment=environment,
        config=json.loads(config),
        encrypted=encrypted,
        preview=preview,
    )


def registered(
    program: Callable[[], Any],
    *,
    environment: str,
    config: Mapping[str, Any],
    encrypted: Sequence[str] = (),
    preview: bool = False,
) -> Deployment:
    """Return what a program registers with a configuration by whole key."""
    # Mocks take the current one, which newer Pythons do not make by themselves.
    asyncio.set_event_loop(_LOOP)
    monitor = _Monitor(_Answers(preview=preview))
    set_mocks(monitor.mocks, project=PROJECT, stack=environment, preview=preview, monitor=monitor)
    # Replace the stack that mocks create, so that outputs are collected as the engine does it.
    ROOT.set(None)
    set_all_config(dict(_as_text(config)), secret_keys=list(encrypted))

    # The SDK reads the source of each frame for each resource, which took a quarter of the time, for the engine alone.
    with patch.object(resource, "_get_stack_trace", StackTrace):
        _sync_await(run_in_stack(program))
    return Deployment(monitor.registered, monitor.outputs)


def _run(program: Path) -> None:
    runpy.run_path(str(program))


def _prefixed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{PROJECT}:{key}": value for key, value in values.items()}


def _as_text(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Write values as the engine hands them to a program."""
    for key, value in config.items():
        yield key, value if isinstance(value, str) else json.dumps(value)


@cache
def deployed(environment: str) -> Deployment:
    """Return a stack of the checkout as it is after creation."""
    return deploy(environment)


@cache
def previewed(environment: str) -> Deployment:
    """Return a stack of the checkout as it is before creation."""
    return deploy(environment, preview=True)
