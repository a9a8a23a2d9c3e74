"""What every component of the pipeline has in common."""

from collections.abc import Mapping

import pulumi


class Part(pulumi.ComponentResource):
    """A component of the pipeline, of type `ccapi:components:<its class>`; policies see its inputs."""

    def __init__(
        self, name: str, inputs: Mapping[str, pulumi.Input[object]], opts: pulumi.ResourceOptions | None
    ) -> None:
        super().__init__(f"ccapi:components:{type(self).__name__}", name, dict(inputs), opts)
        self.child = pulumi.ResourceOptions(parent=self)
