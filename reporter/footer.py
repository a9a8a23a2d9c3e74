"""The last lines of a message: whom to forward it to, and how to stop such messages."""

from reporter.message import Occasion
from reporter.settings import Settings

ONLY_ON_REQUEST = "It is sent only when an operator tests the notifications."


def footer(settings: Settings) -> tuple[str, ...]:
    """Return the footer of a message, the same in each channel."""
    if not settings.contact:
        return ()
    return (f"If you have no access to the AWS account, forward this message to {settings.contact}.",)


def stop_occasion(settings: Settings, occasion: Occasion, setting: str) -> str:
    """Return how to stop the messages of an occasion in a channel, whose list of occasions is `setting`."""
    if occasion == Occasion.TEST:
        return ONLY_ON_REQUEST
    return f'To stop these messages: leave "{occasion}" out of {setting} in {stack_file(settings)}, then run pulumi up.'


def stack_file(settings: Settings) -> str:
    """Return the words for the stack file, since a project has one for each stack."""
    return f"the stack file of {settings.project} {settings.environment}"
