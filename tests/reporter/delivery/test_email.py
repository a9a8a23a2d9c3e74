import pytest

from reporter.channels import email
from reporter.message import Occasion
from tests.reporter.delivery.stand_ins import StandInTransport, message, settings


def sent(**changed: object) -> list[tuple[str, str, str, dict[str, str]]]:
    transport = StandInTransport()
    email.deliver(message(**changed), settings(), {}, {}, transport)
    return transport.published


@pytest.mark.parametrize("occasion", [*Occasion])
def test_the_occasion_chooses_the_topic(occasion: Occasion) -> None:
    published = sent(occasion=occasion)
    topics = {
        Occasion.SUCCEEDED: ["success"],
        Occasion.ALARM: ["failure", "alarms"],
        Occasion.TEST: ["success", "failure", "alarms"],
    }
    assert [topic.rpartition("-")[2] for topic, *_ in published] == topics.get(occasion, ["failure"])
    for _, _, text, attributes in published:
        assert attributes == {"occasion": str(occasion)}
        assert message().headline in text


def test_ok_is_not_mailed() -> None:
    assert not email.wants(message(occasion=Occasion.OK), {"occasions": ["ok"]})
    assert email.wants(message(), {"occasions": ["failed"]})


@pytest.mark.parametrize("subject", ["", "\n", "a\nb", "Zürich – 🚨", "x" * 300, "\ud800"])
def test_a_subject_is_one_that_sns_accepts(subject: str) -> None:
    safe = email.safe_subject(subject)
    assert 1 <= len(safe) <= 99
    assert safe.isascii()
    assert safe.isprintable()


@pytest.mark.parametrize("text", ["", "𝄞" * 200_000, "a\ud800b"])
def test_a_text_is_one_that_sns_takes(text: str) -> None:
    assert 1 <= len(email.short(text).encode()) < 256 * 1024
