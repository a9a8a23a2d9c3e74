"""The shape of an entry in the table of types: what one resource type is, in AWS's own operations."""

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
    """A parameter that a function makes of some properties; nothing leaves the parameter out."""

    of: tuple[str, ...]
    by: Callable[[Properties], Any]


Argument = str | bool | list[Any] | dict[str, Any] | Made
"""A parameter's value, in whose texts `$name` stands for a property."""


@dataclass(frozen=True)
class Call:
    """One API operation: its parameters come from the properties by name, its answer becomes properties by name."""

    operation: str
    """The method of boto3's client."""
    select: str = "@"
    """JMESPath to the part of the answer that holds properties, `$name` standing for a property. Finding nothing means
    that there is no such resource."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """Parameters that names do not lead to."""
    properties: tuple[str, ...] | None = None
    """The only properties that may become parameters by name, where not all that match are meant."""
    inside: tuple[str, ...] = ()
    """Structures among the parameters (or lists of one) that are filled with the resource's own properties."""


@dataclass(frozen=True)
class Action:
    """A few lines of Python, for what is more than one operation."""

    run: Callable[[Aws, Properties], Properties | None]
    """May return properties, named as the SDK names them."""
    properties: tuple[str, ...] = ()
    """The properties that it carries to AWS."""


Step = Call | Action


@dataclass(frozen=True)
class Tagging:
    """How a service tags a resource that exists. The defaults suit services that tag by ARN."""

    add: Call = Call("tag_resource")
    remove: Call = Call("untag_resource")
    read: Call | None = Call("list_tags_for_resource")
    """Nothing where the resource is described with its tags."""


@dataclass(frozen=True)
class ResourceType:
    """One resource type of pulumi-aws."""

    token: str
    service: str
    """The service, as boto3 names its client."""
    _: KW_ONLY
    id: str
    """The resource's id, made of the properties that identify it: `$groupName/$name`."""
    context: tuple[str, ...] = ()
    """Properties that operations need beside the id, because the id does not hold them."""
    create: Step
    read: tuple[Step, ...]
    """The first tells whether the resource exists."""
    update: tuple[Step, ...] = ()
    """Each runs when a property that it carries has changed. Without any, every change but one of tags means a new
    resource."""
    delete: tuple[Step, ...] = ()
    tagging: Tagging | None = None
    replace_on: tuple[str, ...] = ()
    """Properties whose change means a new resource, beside those of `forces_new`."""
    names: Names = field(default_factory=dict)
    attributes: Names = field(default_factory=dict)
    """Property name by the key of an API that takes a map named `Attributes`."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What the released provider sends when the program gives nothing."""
    cleared: Mapping[str, Any] = field(default_factory=dict)
    """What to send for a property that the program no longer gives, where leaving it out changes nothing."""
    computed: Mapping[str, str] = field(default_factory=dict)
    """Outputs that no operation returns; `$account`, `$region`, `$partition` and properties stand in them."""
    own: tuple[str, ...] = ()
    """Properties that steer the provider, and that AWS never sees."""
    autoname: int | None = None
    """The longest name that AWS accepts, for types that get a name when the program gives none."""
    name_property: str = "name"
    exclusive: bool = False
    """Whether AWS has room for one only, so that a replacement must wait until the old one is gone."""

    @property
    def schema(self) -> ResourceSchema:
        """The SDK's schema of this type."""
        schema = resource_schema(self.token)
        if schema is None:
            raise LookupError(f"pulumi_aws has no {self.token}")
        return schema

    @property
    def prefix_property(self) -> str:
        """The property that begins a name which the program does not give."""
        return f"{self.name_property}Prefix"

    @property
    def forces_new(self) -> frozenset[str]:
        """The properties whose change means a new resource (ForceNew in the Terraform AWS provider's schema)."""
        if not self.update:
            return frozenset(self.schema.inputs.properties) - {"skipDestroy", "tags", *self.own}
        name = {self.name_property, self.prefix_property}
        identity = Template(self.id).get_identifiers()
        return frozenset({"region", *name, *identity, *self.context, *self.replace_on})
