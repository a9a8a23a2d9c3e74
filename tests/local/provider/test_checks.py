import pytest

from local.provider.checks import automatic_name
from local.provider.values import UNKNOWN, Properties
from tests.local.provider.conftest import Engine
from tests.local.provider.samples import SAMPLES

TOPIC, SCHEDULE, LIFECYCLE = (
    "aws:sns/topic:Topic",
    "aws:scheduler/schedule:Schedule",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)


def failures(engine: Engine, token: str, inputs: Properties) -> dict[str, str]:
    return {failure.property: failure.reason for failure in engine.check(token, inputs).failures}


@pytest.mark.parametrize("token", sorted(SAMPLES))
def test_every_sample_passes_the_check(engine: Engine, token: str) -> None:
    assert failures(engine, token, SAMPLES[token].inputs) == {}


def test_an_unknown_property_is_refused_with_the_one_that_was_meant(engine: Engine) -> None:
    found = failures(engine, TOPIC, {"displayname": "Success"})

    assert found == {
        "displayname": "an unexpected argument `displayname` was provided: did you mean `displayName`?"
    }


def test_an_unknown_property_is_refused_at_any_depth(engine: Engine) -> None:
    rules = [{"id": "a", "status": "Enabled", "filter": {"and": {"prefx": "runs/"}}}]

    found = failures(engine, LIFECYCLE, {"bucket": "b", "rules": rules})

    assert list(found) == ["rules[0].filter.and.prefx"]
    assert "did you mean `prefix`" in found["rules[0].filter.and.prefx"]


def test_a_missing_property_is_named_at_any_depth(engine: Engine) -> None:
    found = failures(engine, SCHEDULE, {"flexibleTimeWindow": {}, "target": {"arn": "a", "roleArn": "r"}})

    assert set(found) == {"scheduleExpression", "flexibleTimeWindow.mode"}
    assert found["scheduleExpression"] == "missing required property `scheduleExpression`"


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        ({"tags": "team"}, "tags", "expected an object, got a string"),
        ({"tags": {"team": ["a"]}}, "tags.team", "expected a string, got a list"),
        ({"fifoTopic": "yes"}, "fifoTopic", "expected a boolean, got a string"),
        ({"signatureVersion": True}, "signatureVersion", "expected an integer, got a boolean"),
        ({"signatureVersion": 1.5}, "signatureVersion", "expected an integer, got a number"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_without_being_quoted(
    engine: Engine, inputs: Properties, path: str, reason: str
) -> None:
    assert failures(engine, TOPIC, inputs) == {path: reason}


def test_unknown_values_pass_the_check(engine: Engine) -> None:
    assert failures(engine, SCHEDULE, {**SAMPLES[SCHEDULE].inputs, "target": UNKNOWN, "state": UNKNOWN}) == {}


def test_all_mistakes_are_reported_at_once(engine: Engine) -> None:
    assert set(failures(engine, TOPIC, {"nam": "a", "fifoTopic": 3, "tags": {"a": {}}})) == {
        "nam",
        "fifoTopic",
        "tags.a",
    }


def test_an_unsupported_type_is_refused_with_the_folder_of_the_supported_types(engine: Engine) -> None:
    (failure,) = engine.check("aws:dynamodb/table:Table", {}).failures

    assert "does not support aws:dynamodb/table:Table" in failure.reason
    assert "local/provider/types" in failure.reason


def test_a_type_that_pulumi_aws_does_not_have_is_refused_with_the_nearest_one(engine: Engine) -> None:
    (failure,) = engine.check("aws:sns/topics:Topic", {}).failures

    assert "pulumi_aws has no type aws:sns/topics:Topic" in failure.reason
    assert TOPIC in failure.reason


def test_a_resource_without_a_name_gets_one_and_keeps_it(engine: Engine) -> None:
    first = engine.checked(TOPIC, {})
    again = engine.check(TOPIC, {}, old=first)

    assert first["name"].startswith("it-")
    assert first["__defaults"] == ["name"]
    assert again.inputs.fields["name"].string_value == first["name"]


def test_a_name_begins_with_the_prefix_that_the_program_gives(engine: Engine) -> None:
    inputs = engine.checked(TOPIC, {"namePrefix": "ccapi-"})

    assert inputs["name"].startswith("ccapi-")
    assert len(inputs["name"]) == len("ccapi-") + 7


def test_an_automatic_name_has_at_most_the_length_that_aws_accepts() -> None:
    name = automatic_name("x" * 100 + "-", b"seed", longest=64)

    assert len(name) == 64
    assert name != automatic_name("x" * 100 + "-", b"another seed", longest=64)
