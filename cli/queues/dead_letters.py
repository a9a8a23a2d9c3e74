"""The dead-letter queues of a stack: their messages, the reason of each, and what makes up for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.json_objects import json_object
from cli.stack import Stack

SCHEDULE, WATCH, NOTIFICATIONS = "schedule", "watch", "notifications"
QUEUES: Mapping[str, str] = {
    SCHEDULE: "dlq_url",
    WATCH: "watch_dlq_url",
    NOTIFICATIONS: "notifications_dlq_url",
}
"""The output with the URL of each queue."""
MEANINGS: Mapping[str, str] = {
    SCHEDULE: "starts that EventBridge Scheduler could not deliver",
    WATCH: "events that could not start the watch machine",
    NOTIFICATIONS: "messages that a channel or a subscriber did not take",
}
# Amazon SQS API Reference, ReceiveMessage: MaxNumberOfMessages.
_PAGE = 10
# Long enough to show or redrive a page; afterwards a message that is left is released at once.
_HIDDEN_SECONDS = 300
# With long polling, all servers of a queue are asked: Amazon SQS Developer Guide, "Amazon SQS short and long polling".
_WAIT_SECONDS = 1


@dataclass(frozen=True)
class StartExecution:
    """Start a state machine with the input that was lost."""

    execution_input: str

    def __str__(self) -> str:
        """Return the action as people read it."""
        return "start the execution"


@dataclass(frozen=True)
class InvokeReporter:
    """Invoke the reporter with an event."""

    payload: Mapping[str, Any]

    def __str__(self) -> str:
        """Return the action as people read it."""
        kept = self.payload.get("undelivered")
        return f"send it to {kept['channel']} again" if kept else "pass it to the reporter again"


@dataclass(frozen=True)
class Publish:
    """Publish a message to its topic again."""

    topic_arn: str
    subject: str
    text: str

    def __str__(self) -> str:
        """Return the action as people read it."""
        return f"publish it to {self.topic_arn.rpartition(':')[2]} again, for all its addresses"


@dataclass(frozen=True)
class NoAction:
    """Nothing makes up for the message."""

    why: str

    def __str__(self) -> str:
        """Return the reason."""
        return f"nothing: {self.why}"


Action = StartExecution | InvokeReporter | Publish | NoAction


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message in a dead-letter queue."""

    queue: str
    id: str
    receipt: str
    body: str
    attributes: Mapping[str, str]
    """The message attributes, in which AWS writes why the message is here."""
    sent_at: datetime

    @property
    def fields(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty if the body is anything else."""
        return json_object(self.body) or {}

    @property
    def about(self) -> str:
        """The content in a few words."""
        if self.queue != NOTIFICATIONS:
            return self._about_start()
        fields = self.fields
        if "channel" in fields:
            return f"for {fields['channel']}: {fields.get('subject') or 'no subject'}"
        if fields.get("Type") == "Notification":
            return f"of {str(fields.get('TopicArn')).rpartition(':')[2]}: {fields.get('Subject') or 'no subject'}"
        return "an event of the reporter" if "Records" in fields else "a message of an unknown form"

    def _about_start(self) -> str:
        planned = self.attributes.get("SCHEDULED_TIME")
        if planned:
            return f"the start planned for {planned}"
        kind = self.fields.get("detail-type")
        return f"an event: {kind}" if kind else "a message of an unknown form"

    @property
    def reason(self) -> str:
        """The reason why it was not delivered."""
        if self.queue == NOTIFICATIONS and self.fields.get("why"):
            return str(self.fields["why"])
        names = ("ERROR_CODE", "ErrorCode"), ("ERROR_MESSAGE", "ErrorMessage")
        texts = [
            next((self.attributes[name] for name in pair if self.attributes.get(name)), "") for pair in names
        ]
        condition = self.attributes.get("EXHAUSTED_RETRY_CONDITION")
        if condition:
            texts.append(
                f"given up by {condition} after {self.attributes.get('RETRY_ATTEMPTS', '?')} retries"
            )
        return ": ".join(text for text in texts if text) or "not known"

    def action(self, email_topics: Sequence[str] = ()) -> Action:
        """Return what makes up for the message; `email_topics` are the topics that only mail addresses subscribe."""
        if self.attributes.get("IS_PAYLOAD_TRUNCATED") == "true":
            return NoAction("its content was cut off")
        return self._redelivery(email_topics) if self.queue == NOTIFICATIONS else self._start()

    def _start(self) -> Action:
        fields = self.fields
        # EventBridge Scheduler keeps the request to Step Functions, a rule keeps the event itself.
        given = next((fields[name] for name in ("input", "Input") if isinstance(fields.get(name), str)), None)
        is_request = "stateMachineArn" in fields or "StateMachineArn" in fields
        text = given if is_request and given is not None else self.body
        return (
            StartExecution(text)
            if json_object(text) is not None
            else NoAction("it holds no input of an execution")
        )

    def _redelivery(self, email_topics: Sequence[str]) -> Action:
        fields = self.fields
        if isinstance(fields.get("channel"), str) and isinstance(fields.get("id"), str):
            return InvokeReporter({"undelivered": fields})
        if fields.get("Type") == "Notification" and isinstance(fields.get("Message"), str):
            topic = str(fields.get("TopicArn"))
            if topic in email_topics:
                return Publish(topic, str(fields.get("Subject") or ""), fields["Message"])
            return InvokeReporter({"Records": [{"EventSource": "aws:sns", "Sns": fields}]})
        if isinstance(fields.get("Records"), list):
            return InvokeReporter(fields)
        return NoAction("it has a form that is not known")


@dataclass(frozen=True)
class QueueCounts:
    """The approximate numbers of messages in a queue."""

    waiting: int
    hidden: int
    """Messages that another reader has received and neither deleted nor released."""


def counts(stack: Stack, queue: str) -> QueueCounts:
    """Return the numbers of messages in a queue."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    found = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack[QUEUES[queue]], AttributeNames=list(names)
    )
    waiting, hidden = (int(found["Attributes"][name]) for name in names)
    return QueueCounts(waiting, hidden)


def receive(stack: Stack, queue: str) -> Iterator[DeadLetter]:
    """Yield the messages of a queue; each is hidden from other readers until it is released or deleted."""
    sqs, seen = stack.client("sqs"), set[str]()
    while True:
        answer = sqs.receive_message(
            QueueUrl=stack[QUEUES[queue]],
            MaxNumberOfMessages=_PAGE,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=_WAIT_SECONDS,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        letters = [_letter(queue, message) for message in answer.get("Messages", [])]
        new = [letter for letter in letters if letter.id not in seen]
        if not new:
            return
        seen.update(letter.id for letter in new)
        yield from new


def peek(stack: Stack, queue: str) -> list[DeadLetter]:
    """Return the messages of a queue, which stay in it."""
    letters: list[DeadLetter] = []
    try:
        letters.extend(receive(stack, queue))
    finally:
        for letter in letters:
            release(stack, letter)
    return letters


def release(stack: Stack, letter: DeadLetter) -> None:
    """Make a received message visible to other readers again."""
    stack.client("sqs").change_message_visibility(
        QueueUrl=stack[QUEUES[letter.queue]], ReceiptHandle=letter.receipt, VisibilityTimeout=0
    )


def delete(stack: Stack, letter: DeadLetter) -> None:
    """Delete a received message."""
    stack.client("sqs").delete_message(QueueUrl=stack[QUEUES[letter.queue]], ReceiptHandle=letter.receipt)


def _letter(queue: str, message: Mapping[str, Any]) -> DeadLetter:
    attributes = message.get("MessageAttributes", {})
    return DeadLetter(
        queue=queue,
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        body=message["Body"],
        attributes={name: str(value.get("StringValue", "")) for name, value in attributes.items()},
        sent_at=datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC),
    )
