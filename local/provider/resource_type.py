"""The format of an entry in the table of types, which defines a resource type by AWS's operations."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from string import Template
from typing import Any

from local.provider.aws import Aws
from local.provider.schema import ResourceSchema, resource_schema
from local.provider.shapes import Names
from local.provider.values import Properties


@dataclass(frozen=True)
class Made:
    """A parameter that a function computes from properties; None omits the parameter."""

    of: tuple[str, ...]
    by: Callable[[Properties], Any]


Argument = str | bool | list[Any] | dict[str, Any] | Made
"""A parameter's value; `$name` in its texts stands for a property."""


@dataclass(frozen=True)
class Call:
    """One API operation; parameters and answer are matched to properties by name."""

    operation: str
    """The method of boto3's client."""
    select: str = "@"
    """JMESPath of the properties in the answer; `$name` stands for a property. No result means that the resource does
    not exist."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """Parameters that do not match a property by name."""
    properties: tuple[str, ...] | None = None
    """The properties that may become parameters by name, if not all that match."""
    inside: tuple[str, ...] = ()
    """Parameters that are structures (or lists with one structure) of the resource's properties."""


@dataclass(frozen=True)
class Action:
    """A step in Python, for more than one operation."""

    run: Callable[[Aws, Properties], Properties | None]
    """May return properties, named as the SDK names them."""
    properties: tuple[str, ...] = ()
    """The properties that it sends to AWS."""


Step = Call | Action


@dataclass(frozen=True)
class Tagging:
    """The operations for tags of an existing resource. The defaults fit services that tag by ARN."""

    add: Call = Call("tag_resource")
    remove: Call = Call("untag_resource")
    read: Call | None = Call("list_tags_for_resource")
    """The operation that lists tags, or None if the resource is described with its tags."""


@dataclass(frozen=True)
class ResourceType:
    """One resource type of pulumi-aws."""

    token: str
    service: str
    """The service's name in boto3."""
    _: KW_ONLY
    id: str
    """The format of the resource's id, of the properties that identify it: `$groupName/$name`."""
    context: tuple[str, ...] = ()
    """Properties that operations need and that the id does not hold."""
    create: Step
    read: tuple[Step, ...]
    """The steps that read the resource; the first determines whether it exists."""
    update: tuple[Step, ...] = ()
    """Each step runs if a property that it sends has changed. Without steps, every change except of tags replaces the
    resource."""
    delete: tuple[Step, ...] = ()
    tagging: Tagging | None = None
    replace_on: tuple[str, ...] = ()
    """Properties whose change replaces the resource, beside those of `forces_new`."""
    names: Names = field(default_factory=dict)
    attributes: Names = field(default_factory=dict)
    """Property names by key, for an API with a map named `Attributes`."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """The released provider's default values."""
    cleared: Mapping[str, Any] = field(default_factory=dict)
    """Values to send for removed properties, where omitting the property changes nothing."""
    computed: Mapping[str, str] = field(default_factory=dict)
    """Outputs that no operation returns, with `$account`, `$region`, `$partition` and `$property` in them."""
    own: tuple[str, ...] = ()
    """Properties that control the provider and are not sent to AWS."""
    autoname: int | None = None
    """The length of the longest name that AWS accepts, for types with automatic names."""
    name_property: str = "name"
    exclusive: bool = False
    """True if only one can exist, so that a replacement must delete the old one first."""

    @property
    def schema(self) -> ResourceSchema:
        """The SDK's schema of this type."""
        schema = resource_schema(self.token)
        if schema is None:
            raise LookupError(f"pulumi_aws has no {self.token}")
        return schema

    @property
    def prefix_property(self) -> str:
        """The property with the prefix of an automatic name."""
        return f"{self.name_property}Prefix"

    @property
    def forces_new(self) -> frozenset[str]:
        """The properties whose change replaces the resource (ForceNew in the Terraform AWS provider's schema)."""
        if not self.update:
            return frozenset(self.schema.inputs.properties) - {"skipDestroy", "tags", *self.own}
        name = {self.name_property, self.prefix_property}
        identity = Template(self.id).get_identifiers()
        return frozenset({"region", *name, *identity, *self.context, *self.replace_on})
