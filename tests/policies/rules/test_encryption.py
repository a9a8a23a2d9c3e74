from typing import Any

import pytest

from guardrails.aws.types import FUNCTION, LOG_GROUP, QUEUE, TOPIC
from guardrails.plan import UNKNOWN, Resource
from guardrails.results import Outcome
from guardrails.rule import Level
from tests.policies.plans import passes, resource, rule, said, violations

ENCRYPTED = rule("encrypted-at-rest")

KEYS = [(TOPIC, "kmsMasterKeyId"), (QUEUE, "kmsMasterKeyId"), (LOG_GROUP, "kmsKeyId")]


def holding(type_: str, property_: str, value: Any) -> Resource:
    properties: dict[str, Any] = {property_: value}
    return resource(type_, "mine", **properties)


@pytest.mark.parametrize(("type_", "key"), KEYS)
@pytest.mark.parametrize("value", ["alias/ours", UNKNOWN])
def test_a_resource_with_a_key_passes(type_: str, key: str, value: object) -> None:
    assert passes(ENCRYPTED, holding(type_, key, value))


@pytest.mark.parametrize(("type_", "key"), KEYS)
@pytest.mark.parametrize("value", [None, ""])
def test_a_resource_without_a_key_is_refused(type_: str, key: str, value: object) -> None:
    (told,) = violations(ENCRYPTED, holding(type_, key, value))
    assert told.startswith("mine: it has no KMS key")
    assert f"set {key}" in told


@pytest.mark.parametrize("type_", [TOPIC, LOG_GROUP])
def test_the_key_of_another_type_is_none(type_: str) -> None:
    wrong = "kmsKeyId" if type_ == TOPIC else "kmsMasterKeyId"
    assert violations(ENCRYPTED, holding(type_, wrong, "alias/ours"))


def test_a_queue_may_take_the_key_that_sqs_manages() -> None:
    assert passes(ENCRYPTED, resource(QUEUE, sqsManagedSseEnabled=True))
    assert violations(ENCRYPTED, resource(TOPIC, sqsManagedSseEnabled=True))


@pytest.mark.parametrize("managed", [False, None, UNKNOWN])
def test_a_queue_that_does_not_is_refused(managed: object) -> None:
    (told,) = violations(ENCRYPTED, resource(QUEUE, sqsManagedSseEnabled=managed))
    assert "sqsManagedSseEnabled" in told


def test_a_queue_has_to_state_its_encryption_explicitly() -> None:
    (told,) = violations(ENCRYPTED, resource(QUEUE))
    assert "SQS's own encryption is only AWS's default" in told
    assert "sqsManagedSseEnabled to true, to make the encryption explicit" in told
    (told,) = violations(ENCRYPTED, resource(QUEUE, sqsManagedSseEnabled=False))
    assert "sqsManagedSseEnabled is false" in told


ENVIRONMENT = {"variables": {"TOPIC": "news"}}


@pytest.mark.parametrize("environment", [ENVIRONMENT, UNKNOWN, {"variables": UNKNOWN}])
def test_the_environment_of_a_function_is_encrypted_with_a_key_that_it_names(environment: Any) -> None:
    assert passes(ENCRYPTED, resource(FUNCTION, environment=environment, kmsKeyArn="arn:aws:kms:1"))
    (told,) = violations(ENCRYPTED, resource(FUNCTION, environment=environment))
    assert "set kmsKeyArn" in told


@pytest.mark.parametrize("environment", [None, {}, {"variables": {}}])
def test_a_function_without_an_environment_has_nothing_to_encrypt(environment: Any) -> None:
    assert said(ENCRYPTED, resource(FUNCTION, environment=environment)).outcome is Outcome.NOT_APPLICABLE


def test_a_key_is_advice_until_the_limits_of_a_stack_demand_it() -> None:
    assert ENCRYPTED.level is Level.ADVISORY
