"""Messages of SQS queues, which are recorded when they are sent and deleted."""

from collections.abc import Callable
from typing import Any

from moto.sqs.models import Queue, SQSBackend, sqs_backends

from local.emulator.patch import replace
from local.emulator.state.recorder import Record


def attach(record: Record) -> None:
    """Record each message that is sent or deleted, by whomever."""

    def add(original: Callable[..., Any], self: Any, message: Any) -> None:
        original(self, message)
        record("message", self.queue_arn, message)

    def delete(original: Callable[..., Any], self: Any, receipt_handle: str) -> None:
        before = {message.id for message in self._messages}
        original(self, receipt_handle)
        record("messages-deleted", self.queue_arn, before - {message.id for message in self._messages})

    def purge(original: Callable[..., Any], self: Any, queue_name: str) -> None:
        queue = self.get_queue(queue_name)
        purged = {message.id for message in queue._messages}
        original(self, queue_name)
        record("messages-deleted", queue.queue_arn, purged)

    replace(Queue, "add_message", add)
    replace(Queue, "delete_message", delete)
    replace(SQSBackend, "purge_queue", purge)


def apply_message(queue_arn: str, message: Any) -> None:
    """Add a recorded message to its queue, unless the queue has it."""
    queue = _queue(queue_arn)
    if queue is not None and message.id not in {each.id for each in queue._messages}:
        queue._messages.append(message)


def apply_deletion(queue_arn: str, ids: set[str]) -> None:
    """Delete messages."""
    queue = _queue(queue_arn)
    if queue is not None:
        queue._messages = [each for each in queue._messages if each.id not in ids]


def _queue(arn: str) -> Any:
    region, account, name = arn.split(":")[3:6]
    return sqs_backends[account][region].queues.get(name)
