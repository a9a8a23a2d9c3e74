"""Simple Queue Service: queues and their policies.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html lists the attributes.
"""

from local.provider.resource_type import Call, ResourceType, Tagging

_QUEUE = ResourceType(
    "aws:sqs/queue:Queue",
    "sqs",
    id="$url",
    names={"QueueName": "name", "QueueUrl": "url", "QueueArn": "arn"},
    attributes={
        "ContentBasedDeduplication": "contentBasedDeduplication",
        "DeduplicationScope": "deduplicationScope",
        "DelaySeconds": "delaySeconds",
        "FifoQueue": "fifoQueue",
        "FifoThroughputLimit": "fifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds": "kmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId": "kmsMasterKeyId",
        "MaximumMessageSize": "maxMessageSize",
        "MessageRetentionPeriod": "messageRetentionSeconds",
        "Policy": "policy",
        "ReceiveMessageWaitTimeSeconds": "receiveWaitTimeSeconds",
        "RedriveAllowPolicy": "redriveAllowPolicy",
        "RedrivePolicy": "redrivePolicy",
        "SqsManagedSseEnabled": "sqsManagedSseEnabled",
        "VisibilityTimeout": "visibilityTimeoutSeconds",
    },
    autoname=80,
    replace_on=("fifoQueue",),
    cleared={
        "delaySeconds": 0,
        "kmsMasterKeyId": "",
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    },
    create=Call("create_queue"),
    read=(Call("get_queue_attributes", select="Attributes", arguments={"AttributeNames": ["All"]}),),
    update=(Call("set_queue_attributes"),),
    delete=(Call("delete_queue"),),
    tagging=Tagging(Call("tag_queue"), Call("untag_queue"), Call("list_queue_tags")),
)

_POLICY = Call("set_queue_attributes")

_QUEUE_POLICY = ResourceType(
    "aws:sqs/queuePolicy:QueuePolicy",
    "sqs",
    id="$queueUrl",
    attributes={"Policy": "policy"},
    create=_POLICY,
    read=(
        Call(
            "get_queue_attributes",
            select="Attributes.Policy && {Policy: Attributes.Policy}",
            arguments={"AttributeNames": ["Policy"]},
        ),
    ),
    update=(_POLICY,),
    delete=(Call("set_queue_attributes", arguments={"Attributes": {"Policy": ""}}),),
)

TYPES = (_QUEUE, _QUEUE_POLICY)
