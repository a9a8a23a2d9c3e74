"""The messages that an operator requests: a test of all channels, and a kept message that is sent again."""

from collections.abc import Mapping
from typing import Any

from reporter.documents import document
from reporter.footer import footer
from reporter.message import Message, Occasion
from reporter.settings import Settings
from reporter.words import subject

TEST_CONDITION = "test"


def trial_message(test_id: str, settings: Settings) -> Message:
    """Return the test message of an id.

    PagerDuty gets the end of an incident that is not open, which checks the key and pages no person.
    """
    occasion = Occasion.TEST
    return Message(
        id=f"test/{test_id}",
        occasion=occasion,
        subject=subject(settings, "test", "(nothing happened)"),
        headline="This is a test of the notifications. Nothing happened.",
        lines=("An operator sent it with `ccapi notify test`. No answer is needed.",),
        footer=footer(settings),
        resolves=(TEST_CONDITION,),
        document=document(settings, occasion, test={"id": test_id}),
    )


def kept_document(message: Message) -> dict[str, Any]:
    """Return what a message in the queue of undelivered ones has besides its text."""
    return {
        "id": message.id,
        "occasion": str(message.occasion),
        "incident": message.incident,
        "resolves": list(message.resolves),
    }


def kept_message(kept: Mapping[str, Any], settings: Settings) -> Message:
    """Return a message from its body in the queue; older bodies have no occasion and are alarms."""
    headline, _, text = str(kept.get("text") or "(no text)").partition("\n")
    try:
        occasion = Occasion(str(kept.get("occasion")))
    except ValueError:
        occasion = Occasion.ALARM
    incident, resolves = kept.get("incident"), kept.get("resolves")
    return Message(
        id=str(kept.get("id")),
        occasion=occasion,
        subject=str(kept.get("subject") or headline),
        headline=headline,
        lines=tuple(line for line in text.splitlines() if line),
        incident=incident if isinstance(incident, str) else None,
        resolves=tuple(map(str, resolves)) if isinstance(resolves, list) else (),
        document=document(
            settings, occasion, redelivered={"subject": kept.get("subject"), "text": kept.get("text")}
        ),
    )
