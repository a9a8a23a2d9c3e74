"""Simple Notification Service: topics, their policies, and subscriptions.

https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html lists the attributes.
"""

from local.provider.aws import Aws
from local.provider.resource_type import Action, Call, ResourceType, Tagging
from local.provider.shapes import text
from local.provider.values import Properties

_TOPIC_ATTRIBUTES = {
    "ArchivePolicy": "archivePolicy",
    "ContentBasedDeduplication": "contentBasedDeduplication",
    "DeliveryPolicy": "deliveryPolicy",
    "DisplayName": "displayName",
    "FifoTopic": "fifoTopic",
    "KmsMasterKeyId": "kmsMasterKeyId",
    "Policy": "policy",
    "SignatureVersion": "signatureVersion",
    "TracingConfig": "tracingConfig",
}
_SUBSCRIPTION_ATTRIBUTES = {
    "DeliveryPolicy": "deliveryPolicy",
    "FilterPolicy": "filterPolicy",
    "FilterPolicyScope": "filterPolicyScope",
    "RawMessageDelivery": "rawMessageDelivery",
    "RedrivePolicy": "redrivePolicy",
    "SubscriptionRoleArn": "subscriptionRoleArn",
}


def _set_attributes(operation: str, identifier: str, attributes: dict[str, str]) -> Action:
    """Return an action that sets attributes, one for each call, as SNS requires."""

    def run(aws: Aws, properties: Properties) -> None:
        for key, name in attributes.items():
            if name in properties:
                getattr(aws.client("sns"), operation)(
                    **{identifier: properties["arn"]},
                    AttributeName=key,
                    AttributeValue=text(properties[name]),
                )

    return Action(run, tuple(attributes.values()))


_TOPIC = ResourceType(
    "aws:sns/topic:Topic",
    "sns",
    id="$arn",
    names={"TopicArn": "arn"},
    attributes=_TOPIC_ATTRIBUTES,
    autoname=256,
    replace_on=("fifoTopic",),
    cleared={
        "displayName": "",
        "kmsMasterKeyId": "",
        "deliveryPolicy": "",
        "contentBasedDeduplication": False,
    },
    create=Call("create_topic"),
    read=(Call("get_topic_attributes", select="Attributes"),),
    update=(_set_attributes("set_topic_attributes", "TopicArn", _TOPIC_ATTRIBUTES),),
    delete=(Call("delete_topic"),),
    tagging=Tagging(),
)

_POLICY = Call("set_topic_attributes", arguments={"AttributeName": "Policy", "AttributeValue": "$policy"})

_TOPIC_POLICY = ResourceType(
    "aws:sns/topicPolicy:TopicPolicy",
    "sns",
    id="$arn",
    names={"TopicArn": "arn"},
    create=_POLICY,
    read=(
        Call("get_topic_attributes", select="Attributes.{TopicArn: TopicArn, Policy: Policy, Owner: Owner}"),
    ),
    update=(_POLICY,),
    delete=(),
)

_TOPIC_SUBSCRIPTION = ResourceType(
    "aws:sns/topicSubscription:TopicSubscription",
    "sns",
    id="$arn",
    names={"TopicArn": "topic", "SubscriptionArn": "arn", "Owner": "ownerId"},
    attributes=_SUBSCRIPTION_ATTRIBUTES,
    replace_on=("endpoint", "protocol", "topic"),
    cleared={"filterPolicy": "{}", "rawMessageDelivery": False, "redrivePolicy": "", "deliveryPolicy": ""},
    own=("endpointAutoConfirms", "confirmationTimeoutInMinutes"),
    create=Call("subscribe", arguments={"ReturnSubscriptionArn": True}),
    read=(Call("get_subscription_attributes", select="Attributes"),),
    update=(_set_attributes("set_subscription_attributes", "SubscriptionArn", _SUBSCRIPTION_ATTRIBUTES),),
    delete=(Call("unsubscribe"),),
)

TYPES = (_TOPIC, _TOPIC_POLICY, _TOPIC_SUBSCRIPTION)
