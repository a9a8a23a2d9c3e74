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


ADOPTED = {
    "vpcId": "vpc-0123456789abcdef0",
    "subnetIds": ["subnet-0123456789abcdef0"],
    "securityGroupIds": ["sg-0123456789abcdef0"],
    "assignPublicIp": False,
}


def test_an_adopted_network_is_taken_as_it_is() -> None:
    adopt = Network.model_validate({"adopt": ADOPTED}).adopt
    assert adopt is not None
    assert adopt.subnet_ids == ("subnet-0123456789abcdef0",)


@pytest.mark.parametrize(
    "beside", [{"egress": "nat"}, {"cidrBlock": "10.0.0.0/16"}, {"availabilityZones": ["a"]}]
)
def test_nothing_of_a_new_network_is_set_beside_an_adopted_one(beside: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=f"{next(iter(beside))} cannot be set for an adopted network"):
        Network.model_validate({"adopt": ADOPTED, **beside})


@pytest.mark.parametrize("key", sorted(ADOPTED))
def test_a_network_is_adopted_as_a_whole(key: str) -> None:
    part = {name: value for name, value in ADOPTED.items() if name != key}
    with pytest.raises(ValidationError, match="Field required"):
        Network.model_validate({"adopt": part})


@pytest.mark.parametrize(
    "change",
    [
        {"vpcId": "vpc-1"},
        {"subnetIds": []},
        {"subnetIds": ["subnet-0123456789abcdef0"] * 2},
        {"securityGroupIds": []},
        {"securityGroupIds": [f"sg-0000000{number}" for number in range(6)]},
        {"securityGroupIds": ["subnet-0123456789abcdef0"]},
    ],
)
def test_an_invalid_adopted_network_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Network.model_validate({"adopt": {**ADOPTED, **change}})
