"""The handler of the Lambda function."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Protocol

from reporter import log
from reporter.aws import Aws
from reporter.channels import CHANNELS
from reporter.channels.channel import Channel
from reporter.clock import Clock
from reporter.dashboard.publication import Dashboard
from reporter.delivery import Delivery, NotDeliveredError, Receipt
from reporter.events import WRITERS, UnknownEventError, Writers, outcome_message, record_message
from reporter.handled import Handled
from reporter.message import Message
from reporter.operator_messages import kept_message, trial_message
from reporter.settings import Settings
from reporter.sweep import Sweep


class Context(Protocol):
    """The part of Lambda's context that the function uses."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda stops the invocation."""
        ...


class Reporter:
    """The function, with the state that it keeps between invocations."""

    def __init__(
        self,
        settings: Settings,
        aws: Aws,
        clock: Clock | None = None,
        writers: Writers = WRITERS,
        channels: Mapping[str, Channel] = CHANNELS,
    ) -> None:
        self._settings = settings
        self._aws = aws
        self._clock = clock or Clock()
        self._writers = writers
        self._handled = Handled(settings.cache_bucket, aws, self._clock)
        self._delivery = Delivery(settings, aws, self._clock, channels)
        self._dashboard = Dashboard(settings, aws, self._clock)

    def handle(self, event: Any, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """Serve an event: an outcome, possibly with fields next to it; records of SNS; a sweep; or a request."""
        match event:
            case {"outcome": document, **more}:
                known = {**document, **more} if isinstance(document, Mapping) else document
                return self._report_outcome(known, remaining_seconds).document()
            case {"Records": [*records]}:
                return self._report_records(records, remaining_seconds)
            case {"sweep": True}:
                return self._sweep(remaining_seconds)
            case {"test": str(test_id)}:
                test = trial_message(test_id, self._settings)
                return self._delivery.deliver(test, remaining_seconds()).document()
            case {"undelivered": {"channel": str(channel), "id": str()} as kept}:
                again = kept_message(kept, self._settings)
                return self._delivery.deliver_to(channel, again, remaining_seconds()).document()
        raise UnknownEventError(
            "the event has none of `outcome`, `Records`, `sweep`, `test` and `undelivered`, but "
            f"{sorted(map(str, event))}"
            if isinstance(event, Mapping)
            else "the event is not a JSON object"
        )

    def _report_records(self, records: list[Any], remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        """Deliver each record; raise only after the last one, since Lambda repeats the whole event."""
        receipts: list[dict[str, Any]] = []
        failure: NotDeliveredError | UnknownEventError | None = None
        for record in records:
            try:
                message = record_message(record, self._settings, self._writers)
                if message is not None:
                    receipts.append(self._deliver(message, remaining_seconds).document())
            except (NotDeliveredError, UnknownEventError) as error:
                failure = error
        if failure:
            raise failure
        return {
            "delivered": [name for receipt in receipts for name in receipt["delivered"]],
            "undelivered": [each for receipt in receipts for each in receipt["undelivered"]],
            "repeated": bool(receipts) and all(receipt["repeated"] for receipt in receipts),
        }

    def _sweep(self, remaining_seconds: Callable[[], float]) -> dict[str, Any]:
        def report(document: dict[str, Any]) -> None:
            self._report_outcome(document, remaining_seconds)

        sweep = Sweep(
            self._settings.machine_arn,
            aws=self._aws,
            handled=self._handled,
            clock=self._clock,
            report=report,
            remaining_seconds=remaining_seconds,
        )
        return sweep.run()

    def _report_outcome(self, document: Any, remaining_seconds: Callable[[], float]) -> Receipt:
        """Deliver the message of an outcome; publish the dashboard after it, whatever became of the message."""
        message = outcome_message(document, self._settings, self._writers)
        try:
            return self._deliver(message, remaining_seconds)
        finally:
            self._dashboard.publish(document, remaining_seconds())

    def _deliver(self, message: Message, remaining_seconds: Callable[[], float]) -> Receipt:
        receipt = self._delivery.deliver(message, remaining_seconds())
        if receipt.is_lost:
            raise NotDeliveredError(receipt.undelivered)
        return receipt


@cache
def _reporter() -> Reporter:
    settings = Settings.read(os.environ)
    aws = Aws(settings.aws_region)
    aws.prepare()
    return Reporter(settings, aws)


def handle(event: Any, context: Context) -> dict[str, Any]:
    """Serve an event of Lambda."""
    try:
        return _reporter().handle(event, lambda: context.get_remaining_time_in_millis() / 1000)
    except Exception as error:
        # Lambda logs the exception too; this line is the one that the log's filters know.
        log.error("the event was not served", error=type(error).__name__)
        raise


# Lambda gives the initialization a whole CPU, and an invocation with 256 MB a seventh of one.
if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _reporter()
