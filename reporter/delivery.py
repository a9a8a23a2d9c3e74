"""The delivery of a message, once to each channel, with retries and a time limit. Failures are queued, counted and
mailed."""

import json
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reporter import log
from reporter.aws import AWS_ERRORS, Aws, error_name
from reporter.channels import CHANNELS, EMAIL
from reporter.channels.channel import Channel, ChannelError, Configuration, clip, is_configured_for
from reporter.channels.email import deliver as deliver_email
from reporter.clock import Clock
from reporter.commands import read_queue
from reporter.credentials import SecretCredentials
from reporter.footer import footer
from reporter.handled import Claim, Handled, Record
from reporter.message import Message, Occasion
from reporter.operator_messages import kept_document
from reporter.plain_text import plain_text
from reporter.settings import Settings
from reporter.transport import ATTEMPT_SECONDS, NetworkTransport

DEADLINE_SECONDS = 40.0
RESERVE_SECONDS = 15.0
"""The time that the function reserves for the e-mail, the queue and the metric."""
ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 1.0
_MIN_SECONDS = 1.0
_EMAIL_SECONDS = 5.0
METRIC = "NotificationsFailed"
# SQS takes 256 KiB; a character has at most 4 bytes.
_TEXT_MAX_CHARACTERS = 50_000
NOTICE = "undelivered-notice"


@dataclass(frozen=True)
class Undelivered:
    """A failed delivery to a channel."""

    channel: str
    why: str


@dataclass
class Receipt:
    """The result of a delivery."""

    delivered: list[str] = field(default_factory=list)
    undelivered: list[Undelivered] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    """The channels to which an earlier invocation sent the message."""
    busy: list[str] = field(default_factory=list)
    """The channels to which another invocation is sending it."""

    @property
    def is_lost(self) -> bool:
        """Return True if at least one channel failed, and no channel has the message."""
        return bool(self.undelivered) and not (self.delivered or self.repeated or self.busy)

    def document(self) -> dict[str, Any]:
        """Return the receipt as the function's answer."""
        return {
            "delivered": list(self.delivered),
            "undelivered": [{"channel": each.channel, "why": each.why} for each in self.undelivered],
            "repeated": bool(self.repeated or self.busy) and not (self.delivered or self.undelivered),
        }


class NotDeliveredError(Exception):
    """No channel delivered a message."""

    def __init__(self, undelivered: Sequence[Undelivered]) -> None:
        super().__init__("; ".join(f"{each.channel}: {each.why}" for each in undelivered))


class Delivery:
    """The delivery to the configured channels."""

    def __init__(
        self,
        settings: Settings,
        aws: Aws,
        clock: Clock,
        channels: Mapping[str, Channel] = CHANNELS,
    ) -> None:
        self._settings = settings
        self._aws = aws
        self._clock = clock
        self._channels = channels
        self._credentials = SecretCredentials(settings.secret_id, aws, clock)
        self._transport = NetworkTransport(aws, clock, self._credentials.redact)
        self._handled = Handled(settings.cache_bucket, aws, clock)

    def deliver(self, message: Message, remaining_seconds: float) -> Receipt:
        """Deliver a message to each channel that is configured for it, and return the result; never raise.

        The e-mail goes last, because it names the channels that failed; the other channels share the time.
        """
        end = self._clock.elapsed() + max(
            _MIN_SECONDS, min(DEADLINE_SECONDS, remaining_seconds - RESERVE_SECONDS)
        )
        record, receipt = self._handled.record(message.id), Receipt()
        wanting = [name for name in self._ordered() if self._wants(name, message)]
        others = [name for name in wanting if name != EMAIL]
        for position, name in enumerate(others):
            now = self._clock.elapsed()
            share = max(_MIN_SECONDS, (end - now) / (len(others) - position))
            self._deliver_once(name, message, record, receipt, now + share)
        failures = list(receipt.undelivered)
        mailed = message
        if message.occasion != Occasion.SUCCEEDED:
            mailed = replace(message, lines=(*message.lines, *map(self._sentence, failures)))
        if EMAIL in wanting:
            self._deliver_once(
                EMAIL, mailed, record, receipt, max(end, self._clock.elapsed() + _EMAIL_SECONDS)
            )
        if message.occasion == Occasion.TEST:
            # The operator who sent it reads the result; a test is no failure to alarm others about.
            return receipt
        if failures and (mailed is message or not {EMAIL} & {*receipt.delivered}):
            self._send_notice(message, failures, record)
        for each in receipt.undelivered:
            self._keep(message, each)
        if receipt.undelivered:
            self._count(len(receipt.undelivered))
        if not receipt.is_lost and not receipt.busy:
            record.finish()
        return receipt

    def deliver_to(self, name: str, message: Message, remaining_seconds: float) -> Receipt:
        """Deliver a message again to the one channel that did not take it, and return the result.

        A message that it does not take this time either stays where it is: it is not kept or counted again.
        """
        end = self._clock.elapsed() + max(
            _MIN_SECONDS, min(DEADLINE_SECONDS, remaining_seconds - RESERVE_SECONDS)
        )
        receipt = Receipt()
        if name in self._settings.channels and self._wants(name, message):
            self._deliver_once(name, message, self._handled.record(message.id), receipt, end)
        return receipt

    def _ordered(self) -> list[str]:
        """Return the configured channels in the order of the registry, and then those that it does not have."""
        known = [name for name in self._channels if name in self._settings.channels]
        return [*known, *(name for name in self._settings.channels if name not in self._channels)]

    def _wants(self, name: str, message: Message) -> bool:
        wants = self._channels[name].wants if name in self._channels else is_configured_for
        return wants(message, self._settings.channels[name])

    def _sentence(self, failure: Undelivered) -> str:
        return f"{self._label(failure)}: not delivered: {failure.why}"

    def _label(self, failure: Undelivered) -> str:
        channel = self._channels.get(failure.channel)
        return channel.label if channel else failure.channel

    def _deliver_once(
        self, name: str, message: Message, record: Record, receipt: Receipt, deadline: float
    ) -> None:
        """Deliver to a channel unless it has the event already, and add the result to the receipt."""
        claim = record.claim(name)
        if claim is not Claim.TAKEN:
            (receipt.repeated if claim is Claim.SENT else receipt.busy).append(name)
            log.info("not sent again", event=message.id, channel=name, outcome=claim.value)
            return
        try:
            self._attempt(name, message, deadline)
        except ChannelError as error:
            why = self._credentials.redact(error.why)
        except Exception as error:  # noqa: BLE001  a defect of one channel does not stop the others
            # The text of an exception may hold a credential; the place in the code does not.
            place = traceback.extract_tb(error.__traceback__)[-1]
            why = f"an error of the reporter: {type(error).__name__} in {place.name}, line {place.lineno}"
        else:
            record.confirm(name)
            receipt.delivered.append(name)
            log.info("delivered", event=message.id, channel=name, outcome="delivered")
            return
        record.release(name)
        receipt.undelivered.append(Undelivered(name, why))
        log.error("not delivered", event=message.id, channel=name, outcome="undelivered", why=why)

    def _attempt(self, name: str, message: Message, deadline: float) -> None:
        """Deliver to a channel in up to three attempts before the deadline; raise the last ChannelError."""
        channel = self._channels.get(name)
        if channel is None:
            raise ChannelError("this version of the reporter has no such channel", is_permanent=True)
        configuration, is_refreshed = self._settings.channels[name], False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._call(channel, message, configuration, deadline)
            except ChannelError as error:
                if error.is_credential_refused and channel.needs_credentials and not is_refreshed:
                    is_refreshed = True
                    if self._credentials.refresh():
                        log.info("the secret has changed", event=message.id, channel=name, outcome="retried")
                        continue
                if error.is_permanent or attempt == ATTEMPTS:
                    raise
                pause = error.retry_after_seconds
                if pause is None:
                    pause = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
                if self._clock.elapsed() + pause >= deadline:
                    raise
                why = self._credentials.redact(error.why)
                log.warning(
                    "retried", event=message.id, channel=name, outcome="retried", why=why, pause_seconds=pause
                )
                self._clock.sleep(pause)
            else:
                return
        raise ChannelError("the channel refuses the new credential too", is_permanent=True)

    def _call(
        self, channel: Channel, message: Message, configuration: Configuration, deadline: float
    ) -> None:
        credentials = self._credentials.get() if channel.needs_credentials else {}
        left = deadline - self._clock.elapsed()
        self._transport.attempt_seconds = max(_MIN_SECONDS, min(ATTEMPT_SECONDS, left))
        channel.deliver(message, self._settings, configuration, credentials, self._transport)

    def _send_notice(self, message: Message, failures: Sequence[Undelivered], record: Record) -> None:
        """Mail the failures of channels to the failure topic, if no e-mail about the event itself names them."""
        if record.claim(NOTICE) is not Claim.TAKEN:
            return
        sentences = tuple(map(self._sentence, failures))
        queue = self._settings.undelivered_queue_url.rpartition("/")[2]
        notice = Message(
            id=f"{message.id}/{NOTICE}",
            occasion=Occasion.ALARM,
            subject=clip(f"{self._settings.project} {self._settings.environment}: message not delivered", 99),
            headline=f"A message was not delivered by {_listed([self._label(each) for each in failures])}.",
            lines=(*sentences, f"The message: {message.headline or message.subject}"),
            details=("The whole message goes into the queue of undelivered messages.",),
            commands=(read_queue(self._settings, "To read it there:", queue),),
            footer=footer(self._settings),
        )
        try:
            deliver_email(notice, self._settings, {}, {}, self._transport)
        except ChannelError as error:
            record.release(NOTICE)
            log.error("not delivered", event=message.id, channel=EMAIL, outcome="undelivered", why=error.why)
        else:
            record.confirm(NOTICE)

    def _keep(self, message: Message, failure: Undelivered) -> None:
        """Put a message that was not delivered into the queue."""
        if not self._settings.undelivered_queue_url:
            return
        subject, text = _words(message)
        body = {
            "channel": failure.channel,
            "why": failure.why,
            "subject": self._credentials.redact(subject),
            "text": clip(self._credentials.redact(text), _TEXT_MAX_CHARACTERS),
            **kept_document(message),
        }
        try:
            self._aws.sqs.send_message(
                QueueUrl=self._settings.undelivered_queue_url,
                MessageBody=json.dumps(body, ensure_ascii=False),
            )
        except AWS_ERRORS as error:
            log.error(
                "not kept in the queue of undelivered messages",
                event=message.id,
                channel=failure.channel,
                error=error_name(error),
            )

    def _count(self, failures: int) -> None:
        """Add to the metric of notifications that failed."""
        try:
            self._aws.cloudwatch.put_metric_data(
                Namespace=self._settings.metric_namespace,
                MetricData=[
                    {
                        "MetricName": METRIC,
                        "Dimensions": [{"Name": "Environment", "Value": self._settings.environment}],
                        "Value": failures,
                        "Unit": "Count",
                    }
                ],
            )
        except AWS_ERRORS as error:
            log.error(f"the metric {METRIC} was not published", error=error_name(error))


def _words(message: Message) -> tuple[str, str]:
    """Return a message's subject and text; if they cannot be written, its headline."""
    try:
        subject, text = plain_text(message)
    except Exception:  # noqa: BLE001  the headline is better than nothing
        return message.subject, message.headline
    return subject, text


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
