"""The registry of channels; to add one, write its file and add a line here."""

from collections.abc import Mapping

from reporter.channels import email, pagerduty, slack, webhook
from reporter.channels.channel import Channel

EMAIL = "email"

CHANNELS: Mapping[str, Channel] = {
    "slack": slack.CHANNEL,
    "pagerduty": pagerduty.CHANNEL,
    "webhook": webhook.CHANNEL,
    # The e-mail is last, because it names the channels that failed.
    EMAIL: email.CHANNEL,
}
