import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
env = pulumi.get_stack()

bucket = aws.s3.Bucket("invoices")

lambda_role = aws.iam.Role(
    "lambdaRole",
    assume_role_policy="""{
        "Version": "2012-10-17",
        "Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]
    }""",
    managed_policy_arns=["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
)

functions = {}
for step in ["extract", "validate", "store"]:
    functions[step] = aws.lambda_.Function(
        step,
        runtime="python3.12",
        handler=f"{step}.handler",
        role=lambda_role.arn,
        code=pulumi.AssetArchive(
            {f"{step}.py": pulumi.StringAsset("def handler(event, context): return event")}
        ),
        environment={"variables": {"BUCKET": bucket.bucket}},
        timeout=30,
    )

sfn_role = aws.iam.Role(
    "sfnRole",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "states.eu-west-1.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
    ),
)

aws.iam.RolePolicy(
    "sfnPolicy",
    role=sfn_role.id,
    policy=pulumi.Output.all(*[f.arn for f in functions.values()]).apply(
        lambda arns: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": arns}],
            }
        )
    ),
)

state_machine = aws.sfn.StateMachine(
    "stateMachine",
    role_arn=sfn_role.arn,
    definition=pulumi.Output.format(
        """{{
        "Comment": "Reads invoices",
        "StartAt": "Extract",
        "States": {{
            "Extract": {{"Type": "Task", "Resource": "{0}", "Next": "Validate"}},
            "Validate": {{
                "Type": "Task",
                "Resource": "{1}",
                "Retry": [{{"ErrorEquals": ["States.ALL"]}}],
                "Next": "Is it valid?"
            }},
            "Is it valid?": {{
                "Type": "Choice",
                "Choices": [{{"Variable": "$.valid", "BooleanEquals": true, "Next": "Store"}}],
                "Default": "Rejected"
            }},
            "Store": {{"Type": "Task", "Resource": "{2}", "End": true}},
            "Rejected": {{"Type": "Fail"}}
        }}
    }}""",
        functions["extract"].arn,
        functions["validate"].arn,
        functions["store"].arn,
    ),
)

pulumi.export("state_machine", state_machine.arn)
pulumi.export("bucket", bucket.id)
