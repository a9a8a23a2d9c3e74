"""The network that the workers run in."""

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic.alias_generators import to_camel

from components.settings.adoption import AdoptedNetwork
from components.settings.base import SettingsModel
from components.settings.patterns import has_form
from components.settings.validators import DISTINCT

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


class Egress(StrEnum):
    """The way that workers reach hosts outside their network."""

    PUBLIC = "public"
    NAT = "nat"
    ENDPOINTS = "endpoints"


class Network(SettingsModel):
    """The network of the workers, created or adopted."""

    egress: Egress = Egress.PUBLIC
    """public is free and allows no inbound traffic. nat and endpoints cost most; endpoints reach AWS only."""
    cidr_block: Annotated[str, AfterValidator(_address_range)] = f"10.29.0.0/{PREFIX}"
    """The network's address range, a /16. Change it if the network is peered with one that overlaps."""
    availability_zones: Annotated[tuple[ZoneLetter, ...], DISTINCT] = Field(
        default=("a", "b"), min_length=1, max_length=6
    )
    """The letters of the availability zones that get a subnet; more zones make Spot capacity easier to find."""
    adopt: AdoptedNetwork | None = None
    """An existing network to use instead of all of the above."""

    @property
    def gives_public_addresses(self) -> bool:
        """True if each worker has a public address, which is billed while it runs."""
        return self.egress is Egress.PUBLIC if self.adopt is None else self.adopt.assign_public_ip

    @model_validator(mode="after")
    def adopted_network_is_taken_as_it_is(self) -> Self:
        """Raise ValueError if settings of a new network are combined with an adopted one."""
        others = sorted(self.model_fields_set - {"adopt"})
        if self.adopt is not None and others:
            names = ", ".join(to_camel(name) for name in others)
            message = f"{names} cannot be set for an adopted network; take it out, or adopt"
            raise ValueError(message)
        return self
