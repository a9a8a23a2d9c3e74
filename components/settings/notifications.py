"""The recipients of messages."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from components.settings.base import SettingsModel
from components.settings.channels import PagerDuty, Slack, Webhook
from components.settings.patterns import has_form
from components.settings.validators import DISTINCT

EmailAddress = Annotated[
    str,
    StringConstraints(max_length=320),
    has_form(r"[^@\s]+@[^@\s]+\.[^@\s]+", what="an e-mail address", example="alerts@example.com"),
]


class Notifications(SettingsModel):
    """E-mail addresses by occasion; AWS asks each of them once to confirm."""

    success_emails: Annotated[tuple[EmailAddress, ...], DISTINCT] = Field(default=(), max_length=20)
    """The addresses that are notified of successful runs."""
    failure_emails: Annotated[tuple[EmailAddress, ...], DISTINCT] = Field(min_length=1, max_length=20)
    """The addresses that are notified of failed and partial runs, and of every alarm."""
    alarm_emails: Annotated[tuple[EmailAddress, ...], DISTINCT] = Field(default=(), max_length=20)
    """The addresses that are notified of alarms only."""
    contact: Annotated[
        str,
        StringConstraints(max_length=200),
        # JSON escapes each control character with six characters, and the reporter's settings must fit in 4
        # KB.
        has_form(r"[^\x00-\x1f\x7f]*", what="a single line", example="the data team, data@example.com"),
    ] = ""
    """The person or team to whom a reader without access to the AWS account forwards a message."""
    docs_url: (
        Annotated[
            str,
            StringConstraints(max_length=100),
            # The name of a page is appended, so that nothing may follow the path.
            has_form(
                r"https://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~%+-]*)*",
                what="the https address of a folder",
                example="https://example.com/ccapi",
            ),
        ]
        | None
    ) = None
    """The address at which this documentation is published; messages link to its page about troubleshooting."""
    slack: Slack = Field(default_factory=Slack)
    """The messages to Slack; needs `slackWebhookUrl`."""
    pager_duty: PagerDuty = Field(default_factory=PagerDuty)
    """The incidents in PagerDuty; needs `pagerDutyRoutingKey`."""
    webhook: Webhook = Field(default_factory=Webhook)
    """The events posted as JSON to a program of your own; needs `webhookUrl` and `webhookSigningKey`."""
    reserved_concurrency: int | None = Field(default=None, ge=1, le=100)
    """Lambda concurrency reserved for messages; the quota of a new account is too low to reserve any."""

    @model_validator(mode="after")
    def an_address_is_subscribed_once_to_a_topic(self) -> Self:
        """Raise ValueError if alarmEmails repeats an address of failureEmails: SNS subscribes no address twice."""
        twice = [address for address in self.alarm_emails if address in self.failure_emails]
        if twice:
            message = (
                f"alarmEmails repeats {', '.join(twice)} of failureEmails, which get every alarm; take it out, "
                "or write another"
            )
            raise ValueError(message)
        return self
