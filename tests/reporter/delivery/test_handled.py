import hashlib
from datetime import datetime

from reporter.handled import STALE_SECONDS, Claim, Handled, key_of
from tests.reporter.delivery.conftest import Stack
from tests.reporter.delivery.stand_ins import BUCKET


def handled(stack: Stack, bucket: str = BUCKET) -> Handled:
    return Handled(bucket, stack.aws, stack.clock.clock())


def written(stack: Stack) -> float:
    """Return the time at which moto says that the record of Slack was written."""
    found = stack.aws.s3.head_object(Bucket=BUCKET, Key=key_of("event", "slack"))
    assert isinstance(found["LastModified"], datetime)
    return found["LastModified"].timestamp()


def test_an_event_is_claimed_once_for_a_channel(stack: Stack) -> None:
    record = handled(stack).record("event")
    assert record.claim("slack") is Claim.TAKEN
    assert record.claim("email") is Claim.TAKEN
    record.confirm("slack")
    assert handled(stack).record("event").claim("slack") is Claim.SENT
    assert handled(stack).record("another").claim("slack") is Claim.TAKEN


def test_a_claim_that_is_released_can_be_taken_again(stack: Stack) -> None:
    record = handled(stack).record("event")
    record.claim("slack")
    record.release("slack")
    assert record.claim("slack") is Claim.TAKEN


def test_two_invocations_do_not_send_at_once(stack: Stack) -> None:
    handled(stack).record("event").claim("slack")
    stack.clock.now = written(stack) + STALE_SECONDS - 1
    assert handled(stack).record("event").claim("slack") is Claim.BUSY


def test_the_claim_of_a_function_that_died_becomes_void(stack: Stack) -> None:
    handled(stack).record("event").claim("slack")
    stack.clock.now = written(stack) + STALE_SECONDS
    assert handled(stack).record("event").claim("slack") is Claim.TAKEN


def test_a_finished_event_is_known(stack: Stack) -> None:
    assert not handled(stack).is_handled("event")
    handled(stack).record("event").finish()
    assert handled(stack).is_handled("event")


def test_without_s3_every_claim_is_taken(stack: Stack) -> None:
    record = handled(stack, "no-such-bucket").record("event")
    assert [record.claim("slack") for _ in range(2)] == [Claim.TAKEN] * 2
    record.confirm("slack")
    record.release("slack")
    record.finish()


def test_keys_have_the_hash_of_the_event() -> None:
    digest = hashlib.sha256(b"event").hexdigest()[:32]
    assert key_of("event", "slack") == f"reported/{digest}/slack"
    assert len(key_of("\ud800", "slack").split("/")[1]) == 32
