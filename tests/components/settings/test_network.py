import pytest
from pydantic import ValidationError

from components.settings.network import Network


@pytest.mark.parametrize("cidr_block", ["10.0.0.0/16", "172.16.0.0/16", "192.168.0.0/16"])
def test_a_whole_range_of_sixteen_bits_is_taken(cidr_block: str) -> None:
    assert Network(cidr_block=cidr_block).cidr_block == cidr_block


@pytest.mark.parametrize(
    "cidr_block", ["10.29.0.0/15", "10.29.0.0/17", "10.29.1.0/16", "999.1.0.0/16", "10.29.0.0", "::/16", ""]
)
def test_any_other_range_is_refused_with_an_example(cidr_block: str) -> None:
    with pytest.raises(ValidationError, match=r"write one such as 10\.29\.0\.0/16"):
        Network(cidr_block=cidr_block)


@pytest.mark.parametrize("zone", ["A", "ab", "1", "us-east-1a", ""])
def test_a_zone_is_one_letter(zone: str) -> None:
    with pytest.raises(ValidationError):
        Network(availability_zones=(zone,))
