"""The channels besides e-mail: Slack, PagerDuty and a webhook. Their credentials are separate settings."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, SecretStr, StringConstraints

from components.settings.base import SettingsModel
from components.settings.patterns import has_form
from components.settings.validators import DISTINCT

# ASCII only, so that the length in bytes is known: the reporter's settings must fit in 4 KB. An address on
# localhost is allowed for a local receiver.
_HTTPS = r"https://[A-Za-z0-9.-]+(:\d+)?([/?][!-~]*)?|http://127\.0\.0\.1:\d+(/[!-~]*)?"
_URL_FORM = has_form(_HTTPS, what="an https address", example="https://example.com/hook")


class Occasion(StrEnum):
    """The occasions of a message."""

    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"
    MISSED = "missed"
    ALARM = "alarm"
    BUDGET = "budget"


_NOT_GOOD = tuple(occasion for occasion in Occasion if occasion is not Occasion.SUCCEEDED)
_URGENT = (Occasion.PARTIAL, Occasion.FAILED, Occasion.MISSED, Occasion.ALARM)
Occasions = Annotated[tuple[Occasion, ...], DISTINCT]


def _open_incidents(occasions: tuple[Occasion, ...]) -> tuple[Occasion, ...]:
    if others := [occasion for occasion in occasions if occasion not in _URGENT]:
        message = f"{', '.join(others)} open no incident; write some of {', '.join(_URGENT)}"
        raise ValueError(message)
    return occasions


class Severity(StrEnum):
    """The severity of an incident in PagerDuty."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Slack(SettingsModel):
    """Messages to the Slack channel of `slackWebhookUrl`."""

    occasions: Occasions = _NOT_GOOD
    """The occasions that are posted; add `succeeded` to post successful runs too."""
    mention: (
        Annotated[
            str,
            StringConstraints(max_length=100),
            has_form(
                r"<!(here|channel|everyone)>|<!subteam\^[A-Z0-9]+>|<@[A-Z0-9]+>",
                what="a mention as Slack writes it",
                example="<!here>",
            ),
        ]
        | None
    ) = None
    """A mention for messages that need action, so not for succeeded and skipped; e.g. `<!here>` or `<@U012AB3CD>`."""


class PagerDuty(SettingsModel):
    """Incidents in the PagerDuty service of `pagerDutyRoutingKey`: one for each condition, resolved when it ends."""

    occasions: Annotated[Occasions, AfterValidator(_open_incidents)] = _URGENT
    """Occasions that open an incident; a success resolves incidents of runs, an alarm that is OK resolves its own."""
    severity: Severity = Severity.CRITICAL
    """The severity of an incident on the occasions failed and missed; partial, alarm and budget are warnings."""
    url: Annotated[str, StringConstraints(max_length=100), _URL_FORM] = (
        "https://events.pagerduty.com/v2/enqueue"
    )
    """The URL of the Events API v2; EU accounts use https://events.eu.pagerduty.com/v2/enqueue."""


class Webhook(SettingsModel):
    """Events as JSON to `webhookUrl`, signed with `webhookSigningKey`, for Teams and other programs."""

    occasions: Occasions = tuple(Occasion)
    """The occasions that are posted; `alarm` includes the end of an alarm, posted as `ok`."""


_ROUTING_KEY_CHARACTERS = 32
_SIGNING_KEY_MIN_CHARACTERS = 16
_WEBHOOK_URL_MAX_CHARACTERS = 500


def _routing_key(key: SecretStr) -> SecretStr:
    text = key.get_secret_value()
    if len(text) != _ROUTING_KEY_CHARACTERS or not text.isascii() or not text.isalnum():
        message = "is no key of PagerDuty; write the 32 letters and digits of an Events API v2 integration"
        raise ValueError(message)
    return key


def _signing_key(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < _SIGNING_KEY_MIN_CHARACTERS:
        message = f"is too short; write {_SIGNING_KEY_MIN_CHARACTERS} characters or more, as of `openssl rand -hex 32`"
        raise ValueError(message)
    return key


def _webhook_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    if len(text) > _WEBHOOK_URL_MAX_CHARACTERS or not re.fullmatch(_HTTPS, text):
        message = (
            f"is not an https address of at most {_WEBHOOK_URL_MAX_CHARACTERS} characters without spaces, "
            "such as https://example.com/hook; write the address of the receiver"
        )
        raise ValueError(message)
    return url


PagerDutyRoutingKey = Annotated[SecretStr, AfterValidator(_routing_key)]
WebhookSigningKey = Annotated[SecretStr, AfterValidator(_signing_key)]
WebhookUrl = Annotated[SecretStr, AfterValidator(_webhook_url)]
