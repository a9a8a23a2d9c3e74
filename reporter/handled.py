"""The records in S3 that make delivery idempotent: `reported/<hash of the event id>/<channel>`.

A record is written before a channel sends, under the condition that there is none, and has the body `sending` and then
`sent`. If the function dies in between, the record becomes void after 2 minutes: the function's timeout is 1 minute,
and Lambda repeats an event of SNS for the second time 3 minutes after the first attempt. Without S3, messages are sent
all the same: twice is better than never.
"""

import hashlib
from enum import Enum

from reporter import log
from reporter.aws import AWS_ERRORS, Aws, error_name
from reporter.clock import Clock

PREFIX = "reported/"
HANDLED = "handled"
STALE_SECONDS = 120
_SENDING, _SENT = b"sending", b"sent"


class Claim(Enum):
    """The result of a claim to send."""

    TAKEN = "taken"
    """The caller is to send."""
    SENT = "sent"
    BUSY = "busy"
    """Another invocation is sending at this moment."""


class Handled:
    """The records of a bucket."""

    def __init__(self, bucket: str, aws: Aws, clock: Clock) -> None:
        self._bucket = bucket
        self._aws = aws
        self._clock = clock

    def record(self, event_id: str) -> "Record":
        """Return the records of an event."""
        return Record(event_id, self._bucket, self._aws, self._clock)

    def is_handled(self, event_id: str) -> bool:
        """Return True if all channels are done with an event; raise an AWS error if that is not known."""
        # The role may list this prefix; HeadObject would need permission to list the whole bucket to report a
        # missing object.
        key = key_of(event_id, HANDLED)
        listed = self._aws.s3.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        return any(item.get("Key") == key for item in listed.get("Contents", []))


class Record:
    """The records of one event; after the first failure of S3 it makes no further calls."""

    def __init__(self, event_id: str, bucket: str, aws: Aws, clock: Clock) -> None:
        self._event_id = event_id
        self._bucket = bucket
        self._aws = aws
        self._clock = clock
        self._is_available = True

    def claim(self, channel: str) -> Claim:
        """Return TAKEN if the event was not sent on the channel before, or if that is not known."""
        if not self._is_available:
            return Claim.TAKEN
        key = self._key(channel)
        try:
            self._aws.s3.put_object(Bucket=self._bucket, Key=key, Body=_SENDING, IfNoneMatch="*")
        except AWS_ERRORS as error:
            if error_name(error) == "PreconditionFailed":
                return self._earlier_claim(channel)
            if error_name(error) == "ConditionalRequestConflict":
                return Claim.BUSY
            self._give_up(error)
        return Claim.TAKEN

    def _earlier_claim(self, channel: str) -> Claim:
        key = self._key(channel)
        try:
            earlier = self._aws.s3.get_object(Bucket=self._bucket, Key=key)
            if earlier["Body"].read() == _SENT:
                return Claim.SENT
            if self._clock.now() - earlier["LastModified"].timestamp() < STALE_SECONDS:
                return Claim.BUSY
            self._aws.s3.put_object(Bucket=self._bucket, Key=key, Body=_SENDING)
        except AWS_ERRORS as error:
            self._give_up(error)
        return Claim.TAKEN

    def confirm(self, channel: str) -> None:
        """Write that the channel sent the event."""
        self._write(channel, _SENT)

    def release(self, channel: str) -> None:
        """Delete the claim, since the channel did not send; the next invocation may try again."""
        if not self._is_available:
            return
        try:
            self._aws.s3.delete_object(Bucket=self._bucket, Key=self._key(channel))
        except AWS_ERRORS as error:
            self._give_up(error)

    def finish(self) -> None:
        """Write that all channels are done with the event."""
        self._write(HANDLED, _SENT)

    def _write(self, name: str, body: bytes) -> None:
        if not self._is_available:
            return
        try:
            self._aws.s3.put_object(Bucket=self._bucket, Key=self._key(name), Body=body)
        except AWS_ERRORS as error:
            self._give_up(error)

    def _key(self, name: str) -> str:
        return key_of(self._event_id, name)

    def _give_up(self, error: Exception) -> None:
        self._is_available = False
        log.warning(
            "S3 did not read or write a delivery record; the message is sent, perhaps twice",
            event=self._event_id,
            error=error_name(error),
        )


def key_of(event_id: str, name: str) -> str:
    """Return the key of a record."""
    return f"{PREFIX}{hashlib.sha256(event_id.encode('utf-8', 'replace')).hexdigest()[:32]}/{name}"
