"""The messages in the pictures, as the reporter of prod writes them for the outcomes and the alarm in examples.json."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from components.resources.reporter_settings import reporter_settings
from components.settings.channels import Slack
from components.settings.names import Names
from docs.stack_files import settings_of
from reporter.events import outcome_message
from reporter.message import Message
from reporter.notice_message import notice_message
from reporter.settings import VARIABLE, Settings

STACK = "prod"
CONTACT = "operations@example.com"
WEBHOOK_URL = "https://chat.example.com/ccapi"
ALARM = "alarm"
_FILE = Path(__file__).with_name("examples.json")
_NO_SECRET = SecretStr("not-a-secret")


def examples() -> dict[str, Mapping[str, Any]]:
    """Return the outcomes, and an alarm as CloudWatch publishes it, by name."""
    found: dict[str, Mapping[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def names() -> Names:
    """Return the resource names of the stack that sends the messages."""
    return Names.of(settings_of(STACK))


@cache
def settings() -> Settings:
    """Return the settings of the reporter in prod, with all channels configured, a contact and a mention."""
    stack = settings_of(STACK)
    notifications = stack.notifications.model_copy(
        update={
            "contact": CONTACT,
            "slack": Slack(mention="<!here>"),
        }
    )
    keys = ("slack_webhook_url", "pager_duty_routing_key", "webhook_url", "webhook_signing_key")
    with_channels = stack.model_copy(
        update={"notifications": notifications, **dict.fromkeys(keys, _NO_SECRET)}
    )
    document = reporter_settings(with_channels, Names.of(stack))
    return Settings.read({VARIABLE: json.dumps(document)})


@cache
def messages() -> Mapping[str, Message]:
    """Return the message of each example, by its name."""
    known = settings()
    return {name: _message(name, example, known) for name, example in examples().items()}


def _message(name: str, example: Mapping[str, Any], known: Settings) -> Message:
    if name != ALARM:
        return outcome_message(example, known)
    notification = {
        "MessageId": "0f0e0d0c-1111-2222-3333-444444444444",
        "Subject": f"ALARM: {example['AlarmName']}",
        "Message": json.dumps(example),
    }
    return notice_message(notification, known)
