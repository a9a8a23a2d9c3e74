"""Who is told."""

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
    """E-mail addresses by occasion; AWS asks each of them to confirm once."""

    success_emails: Annotated[tuple[EmailAddress, ...], DISTINCT] = Field(default=(), max_length=20)
    """Told when a run succeeded."""
    failure_emails: Annotated[tuple[EmailAddress, ...], DISTINCT] = Field(min_length=1, max_length=20)
    """Told when a run failed, wholly or in part, and of every alarm."""
    alarm_emails: Annotated[tuple[EmailAddress, ...], DISTINCT] = Field(default=(), max_length=20)
    """Notified of alarms only, except those about the messages themselves, which AWS sends to failureEmails alone."""
    contact: Annotated[
        str,
        StringConstraints(max_length=200),
        # JSON escapes control characters with six each, and the settings of the reporter have 4 KB.
        has_form(r"[^\x00-\x1f\x7f]*", what="a single line", example="the data team, data@example.com"),
    ] = ""
    """The person or team to whom a reader without access to the AWS account forwards a message."""
    slack: Slack = Field(default_factory=Slack)
    """The messages to Slack; needs `slackWebhookUrl`."""
    pager_duty: PagerDuty = Field(default_factory=PagerDuty)
    """The incidents in PagerDuty; needs `pagerDutyRoutingKey`."""
    webhook: Webhook | None = None
    """An address that events are posted to as JSON; needs `webhookSigningKey`."""
    reserved_concurrency: int | None = Field(default=None, ge=1, le=100)
    """Concurrent executions of Lambda that are kept for the messages; new accounts have too few to keep any."""

    @model_validator(mode="after")
    def an_address_is_subscribed_once_to_a_topic(self) -> Self:
        """Refuse an address for alarms that hears of them already, since SNS subscribes no address twice."""
        twice = [address for address in self.alarm_emails if address in self.failure_emails]
        if twice:
            message = (
                f"alarmEmails repeats {', '.join(twice)} of failureEmails, who are told of every alarm; take it out, "
                "or write another"
            )
            raise ValueError(message)
        return self
