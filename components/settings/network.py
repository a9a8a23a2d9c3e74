"""Where the workers' network comes from."""

from typing import Annotated

from pydantic import Field, StringConstraints

from components.settings.concern import Concern


class Network(Concern):
    """The network that is created: public subnets, no inbound rule, a gateway endpoint for S3."""

    cidr_block: Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,3}){3}/16$")] = "10.29.0.0/16"
    """The address range of the network, a /16; another one where it is peered with a network that uses this."""
    availability_zones: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]$")], ...] = Field(
        default=("a", "b"), min_length=1, max_length=6
    )
    """The zones by letter that get a subnet; Spot capacity is found more often in more of them."""
