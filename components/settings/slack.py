"""The URL that Slack messages are posted to. It is a credential: it allows any holder to post."""

import re
from typing import Annotated

from pydantic import AfterValidator, SecretStr

# An address on localhost is allowed for a stand-in of Slack.
_WEBHOOK = re.compile(r"https://hooks\.slack(-gov)?\.com/\S+|http://127\.0\.0\.1:\d+/\S+")


def _webhook(url: SecretStr) -> SecretStr:
    if not _WEBHOOK.fullmatch(url.get_secret_value()):
        message = "is not the address of an incoming webhook; write the one that Slack shows, https://hooks.slack.com/…"
        raise ValueError(message)
    return url


SlackWebhookUrl = Annotated[SecretStr, AfterValidator(_webhook)]
