"""The secrets that an operator sets, and the check of a value of each; no check repeats the value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SecretKind:
    """A secret: its word on the command line, and where its value comes from."""

    word: str
    what: str
    setting: str | None
    """The secret key of the stack file; None for a value that goes into Secrets Manager directly."""

    def problem(self, value: str | bytes) -> str | None:
        """Return what is wrong with a value, without the value; None if it is valid."""
        return _service_account(value) if self.setting is None else _setting(self.setting, value)


SLACK = SecretKind("slack", "the URL of Slack's incoming webhook", "slackWebhookUrl")
PAGERDUTY = SecretKind("pagerduty", "the routing key of PagerDuty", "pagerDutyRoutingKey")
WEBHOOK = SecretKind("webhook", "the URL of the webhook", "webhookUrl")
WEBHOOK_KEY = SecretKind("webhook-key", "the key that signs the events of the webhook", "webhookSigningKey")
EARTH_ENGINE = SecretKind("earth-engine", "the service account of Earth Engine", None)
KINDS: Mapping[str, SecretKind] = {
    kind.word: kind for kind in (SLACK, PAGERDUTY, WEBHOOK, WEBHOOK_KEY, EARTH_ENGINE)
}


def _setting(key: str, value: str | bytes) -> str | None:
    """Return what the settings' own validator finds wrong with a value."""
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - slow to import

    from components.settings import KEYS  # noqa: PLC0415
    from components.settings.errors import from_pydantic  # noqa: PLC0415

    try:
        text = value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        return "is not a text in UTF-8"
    if not text:
        return "is empty"
    try:
        TypeAdapter(KEYS[key]).validate_python(text)
    except ValidationError as error:
        return "; ".join(mistake.text for mistake in from_pydantic(error, key, secret=True))
    return None


def _service_account(value: str | bytes) -> str | None:
    """Return what the worker's `validate` finds wrong with a service account."""
    from worker.workloads.command.service_account_key import (  # noqa: PLC0415 - it imports botocore
        faults,
        text_of,
        why_no_object,
    )

    try:
        text = text_of(value)
    except ValueError:
        return "is neither a JSON object nor a text"
    fields = _json(text)
    if not isinstance(fields, dict):
        return why_no_object(text)
    wrong = ", ".join(faults(fields))
    return f"is not a usable service account ({wrong})" if wrong else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
