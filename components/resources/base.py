"""The base class of the pipeline's components."""

from collections.abc import Mapping
from typing import ClassVar

import pulumi


class PipelineComponent(pulumi.ComponentResource):
    """A component of the pipeline, of type `ccapi:components:<its class>`; policies see its inputs."""

    former_class: ClassVar[str | None] = None
    """The class's name in stacks deployed earlier: it becomes an alias, so that no resource is replaced."""

    def __init__(
        self,
        name: str,
        inputs: Mapping[str, pulumi.Input[object]],
        opts: pulumi.ResourceOptions | None,
        *,
        keeps_data: bool = False,
    ) -> None:
        aliases = [pulumi.Alias(type_=_type(self.former_class))] if self.former_class else []
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(aliases=aliases))
        super().__init__(_type(type(self).__name__), name, dict(inputs), opts)
        self.child = pulumi.ResourceOptions(parent=self)
        # Stateful resources get `protect` and `retainOnDelete`.
        self.stateful = pulumi.ResourceOptions(
            parent=self, protect=keeps_data or None, retain_on_delete=keeps_data or None
        )


def _type(class_name: str) -> str:
    return f"ccapi:components:{class_name}"
