"""A receiver of the webhook channel: it accepts JSON documents with a valid signature and time.

The signature is `v1=` and the hexadecimal HMAC-SHA256 of `timestamp.body`. The receiver refuses a time that is more
than five minutes off, so that a recorded request cannot be replayed later.
"""

import hashlib
import hmac
from collections.abc import Callable

from local.channels.http import Answer, Request, json_answer, json_object
from local.channels.received import Received

PATH = "/hook"
TOLERANCE_SECONDS = 300


class Webhook:
    """A receiver with the signing key."""

    name = "webhook"

    def __init__(self, signing_key: str, received: Received, *, now: Callable[[], float]) -> None:
        self._signing_key = signing_key
        self._received = received
        self._now = now

    def answer(self, request: Request) -> Answer:
        """Return 200 for a signed document, 401 for a wrong signature, and 400 for a body that is not a JSON object."""
        if reason := self._refusal(request):
            return json_answer(401, {"error": reason})
        try:
            document = json_object(request.body)
        except ValueError as error:
            return json_answer(400, {"error": str(error)})
        self._received.add(self.name, document)
        return json_answer(200, {})

    def error(self, status: int) -> Answer:
        """Return an answer with an error status."""
        return json_answer(status, {"error": "requested by /faults"})

    def _refusal(self, request: Request) -> str | None:
        timestamp = request.headers.get("x-ccapi-timestamp", "")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            return "X-Ccapi-Timestamp is not a time in seconds"
        if abs(self._now() - int(timestamp)) > TOLERANCE_SECONDS:
            return f"X-Ccapi-Timestamp is more than {TOLERANCE_SECONDS} s off"
        signed = timestamp.encode() + b"." + request.body
        expected = f"v1={hmac.new(self._signing_key.encode(), signed, hashlib.sha256).hexdigest()}"
        given = request.headers.get("x-ccapi-signature", "")
        if not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
            return "X-Ccapi-Signature is not the signature of the body"
        return None
