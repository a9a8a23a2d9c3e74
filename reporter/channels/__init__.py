"""The registry of channels; to add one, write its file and add a line here."""

from collections.abc import Mapping

from reporter.channels import email, pagerduty, slack, webhook
from reporter.channels.channel import Channel

EMAIL = "email"

CHANNELS: Mapping[str, Channel] = {
    "slack": slack.CHANNEL,
    "pagerduty": pagerduty.CHANNEL,
    "webhook": webhook.CHANNEL,
    # Last: it says which of the others failed.
    EMAIL: email.CHANNEL,
}
