import json

import pulumi
import pulumi_aws as aws

tags = {"Project": "mentions", "Environment": "test"}
subscriptions = aws.dynamodb.Table(
    "subscriptions",
    attributes=[{"name": "id", "type": "S"}],
    hash_key="id",
    billing_mode="PAY_PER_REQUEST",
    tags=tags,
)
topic = aws.sns.Topic("messages", kms_master_key_id="alias/aws/sns", tags=tags)
failed = aws.sqs.Queue("failed", sqs_managed_sse_enabled=True, tags=tags)


def role_of(name, *statements):
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = aws.iam.Role(
        name, assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}), tags=tags
    )
    aws.iam.RolePolicyAttachment(
        f"{name}-basic",
        role=role.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
    )
    aws.iam.RolePolicy(
        name,
        role=role.name,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )
    return role


def function_of(name, role, **arguments):
    aws.cloudwatch.LogGroup(f"{name}-logs", name=f"/aws/lambda/{name}", retention_in_days=30, tags=tags)
    return aws.lambda_.Function(
        name,
        name=name,
        runtime="python3.13",
        handler="bot.handler",
        role=role.arn,
        code=pulumi.AssetArchive({"bot.py": pulumi.StringAsset("def handler(event, context):\n    pass\n")}),
        tags=tags,
        **arguments,
    )


publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": topic.arn}
write = {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": subscriptions.arn}
keep = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": failed.arn}

webhook = function_of("mentions-webhook", role_of("webhook", publish))
worker = function_of(
    "mentions-worker", role_of("worker", write, keep), dead_letter_config={"target_arn": failed.arn}
)
aws.lambda_.Permission(
    "worker", action="lambda:InvokeFunction", function=worker.name, principal="sns.amazonaws.com", source_arn=topic.arn
)
aws.sns.TopicSubscription("worker", topic=topic.arn, protocol="lambda", endpoint=worker.arn)

api = aws.apigatewayv2.Api("bot", protocol_type="HTTP", route_key="POST /events", target=webhook.invoke_arn, tags=tags)
aws.lambda_.Permission(
    "webhook",
    action="lambda:InvokeFunction",
    function=webhook.name,
    principal="apigateway.amazonaws.com",
    source_arn=api.execution_arn.apply(lambda arn: f"{arn}/*/*"),
)
