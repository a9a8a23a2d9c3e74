import hashlib
import hmac
import json

import pytest

from reporter.channels import webhook
from reporter.channels.channel import ChannelError
from reporter.message import Occasion
from reporter.plain_text import plain_text
from tests.golden_files import golden
from tests.reporter.delivery.stand_ins import NOW, SIGNING_KEY, StandInTransport, message, settings

URL = "https://example.com/hook"
CREDENTIALS = {"webhookUrl": URL, "webhookSigningKey": SIGNING_KEY}


@pytest.fixture(autouse=True)
def _short_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "plain_text", lambda shown: (shown.subject, shown.headline))


def test_golden(update_golden: bool) -> None:
    text = json.dumps(json.loads(webhook.payload(message())), indent=2, ensure_ascii=False) + "\n"
    assert text == golden("reporter/webhook-failed.json", text, update=update_golden)


def test_a_receiver_can_verify_the_signature() -> None:
    transport = StandInTransport()
    webhook.deliver(message(), settings(), {}, CREDENTIALS, transport)
    [(url, body, headers)] = transport.posts
    assert url == URL
    assert headers["X-Ccapi-Timestamp"] == str(int(NOW))
    signed = headers["X-Ccapi-Timestamp"].encode() + b"." + body
    expected = hmac.new(SIGNING_KEY.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Ccapi-Signature"] == f"v1={expected}"


def test_a_document_cannot_replace_the_common_fields() -> None:
    document = json.loads(webhook.payload(message(document={"id": "other", "version": 9, "run": "2026-W47"})))
    assert document["id"] == message().id
    assert document["version"] == 1
    assert document["run"] == "2026-W47"


@pytest.mark.parametrize(
    ("occasion", "configured", "is_wanted"),
    [
        (Occasion.OK, ["alarm"], True),
        (Occasion.OK, ["failed"], False),
        (Occasion.ALARM, ["alarm"], True),
        (Occasion.FAILED, ["alarm"], False),
    ],
)
def test_the_end_of_an_alarm_is_sent_if_alarms_are_sent(
    occasion: Occasion, configured: list[str], is_wanted: bool
) -> None:
    assert webhook.CHANNEL.wants(message(occasion=occasion), {"occasions": configured}) is is_wanted


def test_the_text_does_not_say_how_to_stop_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "plain_text", plain_text)
    document = json.loads(webhook.payload(message()))
    assert "To stop" not in document["text"]
    assert "Forward this message" in document["text"]


@pytest.mark.parametrize("missing", CREDENTIALS)
def test_without_key_or_url_nothing_is_sent(missing: str) -> None:
    transport = StandInTransport()
    others = {name: value for name, value in CREDENTIALS.items() if name != missing}
    with pytest.raises(ChannelError, match=f"no `{missing}`"):
        webhook.deliver(message(), settings(), {}, others, transport)
    assert not transport.posts
