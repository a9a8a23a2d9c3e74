"""The gRPC service of the provider.

https://github.com/pulumi/pulumi/blob/master/proto/pulumi/provider.proto defines the requests.
"""

# ruff: noqa: N802, ARG002 (gRPC names the methods and their parameters)

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from local.provider import functions
from local.provider.aws import Aws
from local.provider.checks import failures
from local.provider.diff import Change, changes
from local.provider.errors import PartlyCreatedError, ProviderError, explain, hide
from local.provider.lifecycle import AWS_ERRORS, Lifecycle
from local.provider.planning import Plan, named, plan
from local.provider.settings import Settings
from local.provider.table import find_type
from local.provider.values import Properties, Received, receive, send
from local.terminal import visible

Request = Any
"""A protobuf message: mypy finds no types in the SDK's generated stubs."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """A resource provider for the engine; its only state is its settings and its clients."""

    _settings: Settings

    def __init__(self) -> None:
        self._regions: dict[str, Aws] = {}

    def Handshake(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Return the protocol's features: the engine marks secrets, which are then kept out of messages."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def GetPluginInfo(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Return the version of pulumi_aws whose resource types are supported."""
        return plugin_pb2.PluginInfo(version=version("pulumi_aws"))

    def CheckConfig(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Refuse unsupported settings, such as an endpoint that is not on this machine."""
        try:
            Settings.parse(receive(request.news).properties)
        except ProviderError as error:
            return provider_pb2.CheckResponse(
                failures=[provider_pb2.CheckFailure(reason=visible(str(error)))]
            )
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Return no replacements: changed settings take effect in place."""
        differ = changes(receive(request.old_inputs).properties, receive(request.news).properties)
        return provider_pb2.DiffResponse(
            changes=_some(bool(differ)), diffs=sorted({change.property for change in differ})
        )

    def Configure(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Store the settings, and refuse an account that is not allowed."""
        settings = receive(request.args).properties  # no message about settings quotes a credential
        with _reporting(context, "The provider", Received(settings, frozenset())):
            self._settings = Settings.parse(settings)
            self._settings.check_account(self._region({}))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Accept the cancellation: operations are short, and the engine ends the process."""
        return Empty()

    def Invoke(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Return the result of a data source."""
        with _reporting(context, request.tok, receive(request.args)) as args:
            answer = functions.invoke(request.tok, args.properties, self._region(args.properties))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(send(answer))  # `return` is a keyword in Python
        return response

    def Check(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Check the inputs against pulumi_aws's classes, and add a name if the program sets none."""
        inputs, old = receive(request.news).properties, receive(request.olds).properties
        try:
            kind = find_type(request.type)
        except ProviderError as error:
            return provider_pb2.CheckResponse(
                failures=[provider_pb2.CheckFailure(reason=visible(str(error)))]
            )
        found = [
            provider_pb2.CheckFailure(property=failure.path, reason=visible(failure.reason))
            for failure in failures(inputs, kind.schema.inputs)
        ]
        checked = Struct()
        checked.CopyFrom(request.news)
        seed = request.randomSeed or secrets.token_bytes()
        checked.MergeFrom(send(named(kind, request.name, inputs, old, seed)))
        return provider_pb2.CheckResponse(inputs=checked, failures=found)

    def Diff(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Return the plan for a change of inputs."""
        state, old = receive(request.olds).properties, receive(request.old_inputs).properties
        with _reporting(context, _title(request), receive(request.news)) as new:
            kind, ignore = find_type(request.type), tuple(request.ignoreChanges)
            found = plan(kind, state, old, new.properties, self._settings, ignore=ignore)
        return provider_pb2.DiffResponse(
            changes=_some(bool(found.changes)),
            diffs=sorted({change.property for change in found.changes}),
            replaces=sorted(found.replaces),
            detailedDiff={change.path: _property_diff(change, found) for change in found.changes},
            hasDetailedDiff=True,
            deleteBeforeReplace=found.delete_first,
        )

    def Create(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Create a resource, or return its outputs as a preview knows them."""
        with _reporting(context, _title(request), receive(request.properties)) as inputs:
            lifecycle = self._lifecycle(request.type, inputs.properties)
            if request.preview:
                resource_id, state = "", lifecycle.planned(inputs.properties, None)
            else:
                resource_id, state = lifecycle.create(inputs.properties)
        return provider_pb2.CreateResponse(id=resource_id, properties=_outputs(state, inputs))

    def Read(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Read a resource from AWS: for a refresh, an import, or a program's `get`."""
        inputs = receive(request.inputs)
        with _reporting(context, _title(request), receive(request.properties)) as state:
            lifecycle = self._lifecycle(request.type, state.properties)
            found = lifecycle.refresh(request.id, state.properties, inputs.properties)
        if found is None:
            return provider_pb2.ReadResponse()
        new_state, new_inputs = found
        return provider_pb2.ReadResponse(
            id=request.id,
            properties=_outputs(new_state, state),
            inputs=send(new_inputs, inputs.secret_names),
        )

    def Update(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Update a resource in place, or return its outputs as a preview knows them."""
        state, old = receive(request.olds).properties, receive(request.old_inputs).properties
        with _reporting(context, _title(request), receive(request.news)) as inputs:
            lifecycle = self._lifecycle(request.type, state)
            if request.preview:
                new_state = lifecycle.planned(inputs.properties, state)
            else:
                new_state = lifecycle.update(request.id, state, old, inputs.properties)
        return provider_pb2.UpdateResponse(properties=_outputs(new_state, inputs))

    def Delete(self, request: Request, context: grpc.ServicerContext) -> Request:
        """Delete a resource; it is no error if it does not exist."""
        with _reporting(context, _title(request), receive(request.properties)) as state:
            self._lifecycle(request.type, state.properties).delete(request.id, state.properties)
        return Empty()

    def _lifecycle(self, token: str, properties: Properties) -> Lifecycle:
        return Lifecycle(find_type(token), self._region(properties), self._settings.default_tags)

    def _region(self, properties: Properties) -> Aws:
        region = properties.get("region")
        name = region if isinstance(region, str) else self._settings.region
        return self._regions.setdefault(name, self._settings.aws(name))


def _title(request: Request) -> str:
    return f'{request.type} "{request.name}"'


def _some(differs: bool) -> Request:
    return provider_pb2.DiffResponse.DIFF_SOME if differs else provider_pb2.DiffResponse.DIFF_NONE


def _property_diff(change: Change, found: Plan) -> Request:
    kind = change.kind.value + ("_REPLACE" if change.property in found.replaces else "")
    return provider_pb2.PropertyDiff(
        kind=provider_pb2.PropertyDiff.Kind.Value(kind), inputDiff=change.property != "tagsAll"
    )


def _outputs(state: Properties, source: Received) -> Struct:
    """Return the outputs, with those marked as secret that came as secret, and tags that contain secret tags."""
    derived = {"tagsAll"} if "tags" in source.secret_names else set()
    return send(state, source.secret_names | derived)


@contextmanager
def _reporting(context: grpc.ServicerContext, what: str, received: Received) -> Iterator[Received]:
    """Report a failure with a message that names the resource and holds no secret."""
    try:
        yield received
    except (ProviderError, *AWS_ERRORS) as error:
        # The engine prints the message unchanged.
        message = visible(f"{what}: {' '.join(hide(explain(error), received.secret_texts).split())}")
        if isinstance(error, PartlyCreatedError):
            _report_partly_created(context, message, error, received)
        context.abort(grpc.StatusCode.UNKNOWN, message)


def _report_partly_created(
    context: grpc.ServicerContext, message: str, error: PartlyCreatedError, inputs: Received
) -> None:
    """Report a partial failure: the engine stores the resource's id, and the next update completes it."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.resource_id,
        properties=_outputs(error.state, inputs),
        reasons=[message],
        inputs=send(inputs.properties, inputs.secret_names),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
