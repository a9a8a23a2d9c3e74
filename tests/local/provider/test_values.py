from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc

from local.provider.values import SIGNATURE, UNKNOWN, receive, send

names = st.text(min_size=1, max_size=8).filter(lambda name: name != SIGNATURE)
scalars = st.text() | st.booleans() | st.integers(-(2**50), 2**50) | st.just(UNKNOWN)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(names, values, max_size=4))
def test_properties_are_sent_to_the_engine_and_back_unchanged(properties: dict[str, Any]) -> None:
    received = receive(send(properties))

    assert received.properties == properties
    assert received.secret_names == frozenset()


def test_whole_numbers_arrive_as_integers_and_others_do_not() -> None:
    properties = receive(send({"count": 30.0, "threshold": 0.5})).properties

    assert properties == {"count": 30, "threshold": 0.5}
    assert isinstance(properties["count"], int)


def test_a_secret_arrives_in_clear_and_its_name_is_kept() -> None:
    received = receive(send({"value": "hunter2", "name": "open"}, frozenset({"value"})))

    assert received.properties == {"value": "hunter2", "name": "open"}
    assert received.secret_names == {"value"}
    assert received.secret_texts == {"hunter2"}


def test_a_secret_within_a_property_makes_the_whole_property_secret() -> None:
    secret = {SIGNATURE: rpc._special_secret_sig, "value": "hunter2"}

    received = receive(send({"environment": {"variables": {"TOKEN": secret}}}))

    assert received.properties == {"environment": {"variables": {"TOKEN": "hunter2"}}}
    assert received.secret_names == {"environment"}


def test_an_unknown_travels_as_the_engine_s_own_sentinel() -> None:
    assert send({"arn": UNKNOWN}).fields["arn"].string_value == rpc.UNKNOWN
