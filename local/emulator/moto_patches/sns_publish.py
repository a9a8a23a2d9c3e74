"""Checks of subjects and messages in Publish; moto accepts nearly all.

AWS: a subject has 1 to 99 characters and neither line breaks nor control characters; a message is not empty and has at
most 262,144 bytes.
Source: Amazon SNS API Reference, "Publish".
"""

import unicodedata
from collections.abc import Callable
from typing import Any

from moto.sns.models import SNSBackend

from local.emulator.errors import AwsError
from local.emulator.patch import replace

_MAX_SUBJECT_CHARACTERS = 99
_MAX_MESSAGE_BYTES = 262_144


def apply() -> None:
    """Check the subject and the message."""
    replace(SNSBackend, "publish", _publish)


def _publish(
    original: Callable[..., Any],
    self: Any,
    message: str,
    *args: Any,
    subject: str | None = None,
    **kwargs: Any,
) -> Any:
    if subject is not None and not _is_subject(subject):
        raise AwsError("InvalidParameter", "Invalid parameter: Subject")
    if not message:
        raise AwsError("InvalidParameter", "Invalid parameter: Empty message")
    if len(message.encode()) > _MAX_MESSAGE_BYTES:
        raise AwsError("InvalidParameter", "Invalid parameter: Message too long")
    return original(self, message, *args, subject=subject, **kwargs)


def _is_subject(subject: str) -> bool:
    # Zl and Zp are the line and paragraph separators, Cc all control characters.
    return 1 <= len(subject) <= _MAX_SUBJECT_CHARACTERS and not any(
        unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in subject
    )
