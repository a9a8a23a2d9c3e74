"""The pictures of the messages: each example in each channel, for the light and the dark theme."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from docs.notifications import cards
from docs.notifications.drawing import THEMES, Drawing
from docs.notifications.examples import examples, messages, settings
from reporter.message import Message
from reporter.settings import Settings

Draw = Callable[[Message, Settings, str], Drawing]

TITLES = {
    "succeeded": "a run that succeeded",
    "partial": "a run that is partial",
    "failed": "a run that failed",
    "timed_out": "a run that timed out",
    "missed": "a success that is overdue",
    "alarm": "an alarm",
}
"""The titles of the examples by name, in the order of the page."""


class Card(NamedTuple):
    """A channel: its label and the function that draws its messages."""

    label: str
    draw: Draw


CARDS = {
    "email": Card("the e-mail", cards.mail),
    "slack": Card("the message in Slack", cards.slack_message),
    "pagerduty": Card("the incidents in PagerDuty", cards.incident),
}


def alt(name: str, channel: str) -> str:
    """Return the alternative text of a picture."""
    label = CARDS[channel].label
    return f"{label[0].upper()}{label[1:]} of {TITLES[name]}"


def drawn(name: str, channel: str, kind: str) -> str:
    """Return the SVG of an example in a channel, for a theme."""
    return CARDS[channel].draw(messages()[name], settings(), alt(name, channel)).svg(kind)


def files() -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield each picture's path in the checkout, with the function that draws it."""
    for name in examples():
        for channel in CARDS:
            for kind in THEMES:
                yield (
                    f"docs/notifications/{name}-{channel}-{kind}.svg",
                    partial(drawn, name, channel, kind),
                )
