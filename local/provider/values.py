"""Property values in Python, and their encoding between the engine and a provider.

Sentinels encode unknown values and secrets (https://github.com/pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go;
pulumi.runtime.rpc holds the same constants). In Python an unknown is the object `UNKNOWN` and a secret is its plain
value; the names of top-level properties that hold secrets are kept beside the properties.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, Struct, Value
from pulumi.runtime import rpc

Properties = dict[str, Any]
SIGNATURE: Final = rpc._special_sig_key
"""The key that marks a struct as a secret, an asset or an archive."""
ASSET: Final = rpc._special_asset_sig
ARCHIVE: Final = rpc._special_archive_sig
_SECRET: Final = rpc._special_secret_sig
DEFAULTS: Final = "__defaults"
"""The input that lists the properties with default values, as in the released provider."""


class _Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
"""A value that is not known before the deployment."""


@dataclass(frozen=True)
class Received:
    """Properties from the engine: secrets in plain text, and the names of properties that hold a secret."""

    properties: Properties
    secret_names: frozenset[str]

    @property
    def secret_texts(self) -> frozenset[str]:
        """Every text that must not appear in a message."""
        return frozenset(text for name in self.secret_names for text in _texts(self.properties.get(name)))


def receive(struct: Struct) -> Received:
    """Return the engine's properties as Python values."""
    properties: Properties = {}
    secret_names = set()
    for name, wire in struct.fields.items():
        value, is_secret = _from_wire(wire)
        if value is not None:
            properties[name] = value
        if is_secret:
            secret_names.add(name)
    return Received(properties, frozenset(secret_names))


def send(properties: Mapping[str, Any], secret_names: frozenset[str] = frozenset()) -> Struct:
    """Return properties in the engine's encoding."""
    struct = Struct()
    for name, value in properties.items():
        wire = _to_wire(value)
        if name in secret_names:
            wire = Value(struct_value=Struct(fields={SIGNATURE: Value(string_value=_SECRET), "value": wire}))
        struct.fields[name].CopyFrom(wire)
    return struct


def _from_wire(wire: Value) -> tuple[Any, bool]:
    """Return a value, and True if it is or holds a secret."""
    match wire.WhichOneof("kind"):
        case "struct_value":
            return _from_struct(wire.struct_value)
        case "list_value":
            items = [_from_wire(item) for item in wire.list_value.values]
            return [value for value, _ in items], any(is_secret for _, is_secret in items)
        case "string_value":
            return (UNKNOWN if wire.string_value == rpc.UNKNOWN else wire.string_value), False
        case "number_value":
            return (int(wire.number_value) if wire.number_value.is_integer() else wire.number_value), False
        case "bool_value":
            return wire.bool_value, False
    return None, False


def _from_struct(struct: Struct) -> tuple[Any, bool]:
    if SIGNATURE in struct.fields and struct.fields[SIGNATURE].string_value == _SECRET:
        return _from_wire(struct.fields["value"])[0], True
    received = receive(struct)
    return received.properties, bool(received.secret_names)


def _to_wire(value: Any) -> Value:
    match value:
        case bool():
            wire = Value(bool_value=value)
        case int() | float():
            wire = Value(number_value=value)
        case str():
            wire = Value(string_value=value)
        case dict():
            wire = Value(struct_value=send(value))
        case list():
            wire = Value(list_value=ListValue(values=[_to_wire(item) for item in value]))
        case _Unknown():
            wire = Value(string_value=rpc.UNKNOWN)
        case _:
            raise TypeError(f"{type(value).__name__} cannot be sent to the engine")
    return wire


def _texts(value: object) -> set[str]:
    if isinstance(value, dict):
        return {text for item in value.values() for text in _texts(item)}
    if isinstance(value, list):
        return {text for item in value for text in _texts(item)}
    return {value} if isinstance(value, str) and value else set()
