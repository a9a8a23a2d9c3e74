import json

import pulumi
import pulumi_aws as aws


def trust(service):
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


bus = aws.cloudwatch.EventBus("bus")
api = aws.apigatewayv2.Api("api", protocol_type="HTTP")
aws.apigatewayv2.Stage("stage", api_id=api.id, name="$default", auto_deploy=True)

api_role = aws.iam.Role("api-role", assume_role_policy=trust("apigateway.amazonaws.com"))
aws.iam.RolePolicy(
    "api-policy",
    role=api_role.name,
    policy=bus.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": arn}],
            }
        )
    ),
)
integration = aws.apigatewayv2.Integration(
    "integration",
    api_id=api.id,
    integration_type="AWS_PROXY",
    integration_subtype="EventBridge-PutEvents",
    credentials_arn=api_role.arn,
    request_parameters={
        "EventBusName": bus.name,
        "Source": "my-event-source",
        "DetailType": "my-detail-type",
        "Detail": "$request.body",
    },
    payload_format_version="1.0",
)
aws.apigatewayv2.Route(
    "route", api_id=api.id, route_key="POST /uploads", target=pulumi.Output.concat("integrations/", integration.id)
)

rule = aws.cloudwatch.EventRule(
    "rule", event_bus_name=bus.name, event_pattern=json.dumps({"source": ["my-event-source"]})
)
lambda_role = aws.iam.Role(
    "lambda-role",
    assume_role_policy=trust("lambda.amazonaws.com"),
    managed_policy_arns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
)
function = aws.lambda_.Function(
    "lambda",
    runtime="python3.13",
    handler="handler.handler",
    role=lambda_role.arn,
    code=pulumi.AssetArchive({"handler.py": pulumi.StringAsset("def handler(event, context):\n    print(event)\n")}),
)
aws.lambda_.Permission(
    "lambda-permission",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="events.amazonaws.com",
    source_arn=rule.arn,
)
aws.cloudwatch.EventTarget("target", rule=rule.name, event_bus_name=bus.name, arn=function.arn)

pulumi.export("url", api.api_endpoint)
