"""Functions as subscribers of topics; moto sends them an example event instead of the published message.

AWS: SNS invokes a function asynchronously with one record: the message, its subject or null, its attributes. The
function's policy must allow it. A message that SNS cannot hand over, for example because the function was deleted,
goes to the subscription's dead-letter queue at once; failures of the function are Lambda's, with its retries and the
function's dead-letter queue.
Source: AWS Lambda Developer Guide, "Invoking Lambda functions with Amazon SNS notifications"; Amazon SNS Developer
Guide, "Amazon SNS dead-letter queues" and "Fanout Amazon SNS notifications to Lambda functions".
"""

import json
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import lambda_backends
from moto.sns.models import Subscription
from moto.sqs.models import sqs_backends

from local.emulator.authorization.enforcement import require
from local.emulator.errors import AwsError
from local.emulator.functions.asynchronous import invoke_later
from local.emulator.patch import replace
from local.emulator.times import iso_millis

_SERVICE = "sns.amazonaws.com"


def apply() -> None:
    """Deliver to functions."""
    replace(Subscription, "publish", _publish)


def _publish(original: Callable[..., Any], self: Any, message: str, message_id: str, **fields: Any) -> None:
    if self.protocol != "lambda":
        original(self, message, message_id, **fields)
        return
    attributes, wanted = fields.get("message_attributes"), self._filter_policy_matcher
    if wanted is not None and not wanted.matches(attributes, message):
        return
    is_by_protocol = fields.get("message_structure") == "json"
    text = self._parse_message_structure(message, "lambda") if is_by_protocol else message
    record = _record(self, text, message_id, fields.get("subject"), attributes or {})
    try:
        invoke_later(_function(self), json.dumps({"Records": [record]}))
    except (AwsError, LambdaClientError) as error:
        _give_up(self, record, str(error.message))


def _record(
    subscription: Any, message: str, message_id: str, subject: str | None, attributes: Mapping[str, Any]
) -> dict[str, Any]:
    topic_arn = subscription.topic.arn
    address = f"https://sns.{topic_arn.split(':')[3]}.amazonaws.com/"
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": topic_arn,
            "Subject": subject,
            "Message": message,
            "Timestamp": iso_millis(datetime.now(UTC)),
            "SignatureVersion": "1",
            "Signature": "not-signed",
            "SigningCertUrl": f"{address}SimpleNotificationService-local.pem",
            "UnsubscribeUrl": f"{address}?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
            "MessageAttributes": {
                name: {"Type": attribute["Type"], "Value": attribute["Value"]}
                for name, attribute in attributes.items()
            },
        },
    }


def _function(subscription: Any) -> Any:
    """Return the function of a subscription.

    Raises:
        LambdaClientError: when there is no such function.
        AwsError: when the function's policy does not allow the topic to invoke it.
    """
    region, account = subscription.endpoint.split(":")[3:5]
    function = lambda_backends[account][region].get_function(subscription.endpoint)
    require(_SERVICE, "lambda:InvokeFunction", function.function_arn, subscription.topic.arn)
    return function


def _give_up(subscription: Any, record: Mapping[str, Any], reason: str) -> None:
    """Send the message to the subscription's dead-letter queue, if it has one."""
    policy = subscription.attributes.get("RedrivePolicy")
    queue_arn = json.loads(policy).get("deadLetterTargetArn") if policy else None
    if not queue_arn:
        print(f"{subscription.arn} could not deliver to {subscription.endpoint}: {reason}", file=sys.stderr)
        return
    region, account, queue = queue_arn.split(":")[3:6]
    try:
        require(_SERVICE, "sqs:SendMessage", queue_arn, subscription.topic.arn)
    except AwsError as error:
        print(f"{subscription.arn} lost a message: {error.message}", file=sys.stderr)
        return
    sqs_backends[account][region].send_message(queue, json.dumps(record["Sns"]))
