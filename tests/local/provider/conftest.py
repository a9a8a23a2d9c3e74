import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
import urllib3
from moto.server import ThreadedMotoServer
from pulumi.runtime.proto import provider_pb2

from local.emulator.moto_patches import query_definitions
from local.provider.servicer import Provider
from local.provider.table import TABLE
from local.provider.values import Properties, receive, send
from tests.local.provider.samples import SAMPLES

SERVICES = sorted({kind.service for kind in TABLE.values()} | {"sts"})


class AbortedError(Exception):
    def __init__(self, message: str, metadata: tuple[tuple[str, bytes], ...]) -> None:
        super().__init__(message)
        self.metadata = metadata


class Context:
    """The parts of gRPC's servicer context that the provider uses."""

    metadata: tuple[tuple[str, bytes], ...] = ()

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self.metadata = metadata

    def abort(self, _code: grpc.StatusCode, details: str) -> None:
        raise AbortedError(details, self.metadata)


@dataclass
class Engine:
    """The calls of the engine, without the engine."""

    provider: Provider
    endpoint: str
    context: Any = field(default_factory=Context)

    def configure(self, **settings: Any) -> None:
        arguments = {
            "region": "us-east-1",
            "endpoints": json.dumps([{_endpoint_name(name): self.endpoint for name in SERVICES}]),
            **{
                key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()
            },
        }
        self.provider.Configure(provider_pb2.ConfigureRequest(args=send(arguments)), self.context)

    def check(self, token: str, inputs: Properties, old: Properties | None = None, name: str = "it") -> Any:
        request = provider_pb2.CheckRequest(
            type=token, name=name, news=send(inputs), olds=send(old or {}), randomSeed=b"seed"
        )
        return self.provider.Check(request, self.context)

    def checked(self, token: str, inputs: Properties) -> Properties:
        answer = self.check(token, inputs)
        assert not answer.failures, answer.failures
        return receive(answer.inputs).properties

    def create(self, token: str, inputs: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        request = provider_pb2.CreateRequest(type=token, name="it", properties=send(inputs), preview=preview)
        answer = self.provider.Create(request, self.context)
        return answer.id, receive(answer.properties).properties

    def read(self, token: str, resource_id: str, state: Properties, inputs: Properties) -> Any:
        request = provider_pb2.ReadRequest(
            type=token, name="it", id=resource_id, properties=send(state), inputs=send(inputs)
        )
        answer = self.provider.Read(request, self.context)
        return answer.id, receive(answer.properties).properties, receive(answer.inputs).properties

    def diff(self, token: str, state: Properties, old: Properties, new: Properties, ignore: Any = ()) -> Any:
        request = provider_pb2.DiffRequest(
            type=token,
            name="it",
            olds=send(state),
            old_inputs=send(old),
            news=send(new),
            ignoreChanges=ignore,
        )
        return self.provider.Diff(request, self.context)

    def update(
        self,
        token: str,
        resource_id: str,
        state: Properties,
        old: Properties,
        new: Properties,
        *,
        preview: bool = False,
    ) -> Properties:
        request = provider_pb2.UpdateRequest(
            type=token,
            name="it",
            id=resource_id,
            olds=send(state),
            old_inputs=send(old),
            news=send(new),
            preview=preview,
        )
        return receive(self.provider.Update(request, self.context).properties).properties

    def delete(self, token: str, resource_id: str, state: Properties) -> None:
        request = provider_pb2.DeleteRequest(type=token, name="it", id=resource_id, properties=send(state))
        self.provider.Delete(request, self.context)

    def create_sample(self, token: str) -> tuple[str, Properties, Properties]:
        """Create the resources that a sample needs, then the sample; return its id, inputs and state."""
        sample = SAMPLES[token]
        outputs = {name: self.create_sample(needed)[2] for name, needed in sample.needs.items()}
        inputs = self.checked(token, resolve(sample.inputs, outputs))
        resource_id, state = self.create(token, inputs)
        return resource_id, inputs, {**state, "id": resource_id}


def resolve(value: Any, outputs: dict[str, Properties]) -> Any:
    if isinstance(value, dict):
        return {key: resolve(item, outputs) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, outputs) for item in value]
    if isinstance(value, str) and value.startswith("$") and "." in value and not value.startswith("$."):
        name, prop = value[1:].split(".")
        return outputs[name][prop]
    return value


def _endpoint_name(service: str) -> str:
    return {"stepfunctions": "sfn"}.get(service, service)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    # moto lacks these operations; everything else here is moto's own.
    query_definitions.apply()
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def endpoint(moto: str) -> str:
    """An empty local AWS."""
    urllib3.request("POST", f"{moto}/moto-api/reset", timeout=60)
    return moto


@pytest.fixture(scope="session")
def provider() -> Provider:
    """One provider for all tests: its only state is its clients, which are slow to create."""
    return Provider()


@pytest.fixture
def engine(endpoint: str, provider: Provider) -> Engine:
    engine = Engine(provider, endpoint)
    engine.configure()
    return engine
