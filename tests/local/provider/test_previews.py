import pytest

from local.provider.servicer import Provider
from local.provider.table import TABLE
from local.provider.values import UNKNOWN
from tests.local.provider.conftest import Engine
from tests.local.provider.samples import SAMPLES

TOPIC, QUEUE = "aws:sns/topic:Topic", "aws:sqs/queue:Queue"


@pytest.fixture
def offline() -> Engine:
    """A provider with endpoints that do not answer."""
    engine = Engine(Provider(), "http://127.0.0.1:1")
    engine.configure(defaultTags={"tags": {"project": "ccapi"}})
    return engine


@pytest.mark.parametrize("token", sorted(TABLE))
def test_a_preview_needs_no_aws(offline: Engine, token: str) -> None:
    inputs = offline.checked(token, SAMPLES[token].inputs)

    resource_id, planned = offline.create(token, inputs, preview=True)

    assert resource_id == ""
    assert {name: planned[name] for name in inputs if name != "__defaults"} == {
        name: value for name, value in inputs.items() if name != "__defaults"
    }
    assert not offline.diff(token, planned, inputs, inputs).diffs


def test_a_preview_knows_the_given_inputs_and_not_the_outputs_of_aws(offline: Engine) -> None:
    _, planned = offline.create(TOPIC, {"name": "a", "tags": {"team": "forest"}}, preview=True)

    assert planned["name"] == "a"
    assert planned["region"] == "us-east-1"
    assert planned["tagsAll"] == {"project": "ccapi", "team": "forest"}
    assert planned["arn"] is UNKNOWN


def test_a_preview_omits_a_property_that_neither_the_program_nor_aws_sets(offline: Engine) -> None:
    _, planned = offline.create(TOPIC, {"name": "a"}, preview=True)

    assert "displayName" not in planned


def test_unknown_tags_make_all_tags_unknown(offline: Engine) -> None:
    _, planned = offline.create(TOPIC, {"name": "a", "tags": UNKNOWN}, preview=True)

    assert planned["tagsAll"] is UNKNOWN


def test_the_preview_of_an_update_keeps_the_earlier_outputs_of_aws(offline: Engine) -> None:
    state = {"url": "http://127.0.0.1:1/queue", "delaySeconds": 5, "tagsAll": {"project": "ccapi"}}

    planned = offline.update(QUEUE, "id", state, {"delaySeconds": 5}, {"name": "q"}, preview=True)

    assert planned["url"] == "http://127.0.0.1:1/queue"
    assert "delaySeconds" not in planned
