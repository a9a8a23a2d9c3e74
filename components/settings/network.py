"""Where the workers' network comes from."""

from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, Field

from components.settings.concern import Concern
from components.settings.distinct import DISTINCT
from components.settings.form import has_form

PREFIX = 16


def _address_range(text: str) -> str:
    try:
        fits = IPv4Network(text).prefixlen == PREFIX
    except ValueError:
        fits = False
    if not fits:
        message = f"is not the first address of a /{PREFIX}; write one such as 10.29.0.0/{PREFIX}"
        raise ValueError(message)
    return text


ZoneLetter = Annotated[str, has_form(r"[a-z]", what="the letter of a zone", example="a")]


class Network(Concern):
    """The network that is created: public subnets, no inbound rule, a gateway endpoint for S3."""

    cidr_block: Annotated[str, AfterValidator(_address_range)] = f"10.29.0.0/{PREFIX}"
    """The address range of the network, a /16; another one where it is peered with a network that uses this."""
    availability_zones: Annotated[tuple[ZoneLetter, ...], DISTINCT] = Field(
        default=("a", "b"), min_length=1, max_length=6
    )
    """The zones by letter that get a subnet; Spot capacity is found more often in more of them."""
