"""What every component of the pipeline has in common."""

from collections.abc import Mapping

import pulumi


class Part(pulumi.ComponentResource):
    """A component of the pipeline, of type `ccapi:components:<its class>`; policies see its inputs."""

    def __init__(
        self,
        name: str,
        inputs: Mapping[str, pulumi.Input[object]],
        opts: pulumi.ResourceOptions | None,
        *,
        keeps_data: bool = False,
    ) -> None:
        super().__init__(f"ccapi:components:{type(self).__name__}", name, dict(inputs), opts)
        self.child = pulumi.ResourceOptions(parent=self)
        # What holds data that cannot be made again is neither deleted by mistake nor with the stack.
        self.stateful = pulumi.ResourceOptions(
            parent=self, protect=keeps_data or None, retain_on_delete=keeps_data or None
        )
