import json

import pulumi
import pulumi_aws as aws

region, account = aws.get_region().region, aws.get_caller_identity().account_id
tags = {"Project": "lake", "Environment": "test", "CostCentre": "4711"}

raw = aws.s3.Bucket("raw", bucket=f"lake-raw-{account}", tags=tags)
results = aws.s3.Bucket("results", bucket=f"lake-results-{account}", tags=tags)
key = aws.kms.Key("lake", enable_key_rotation=True, tags=tags)
topic = aws.sns.Topic("done", name="lake-done", kms_master_key_id=key.arn, tags=tags)
failures = aws.sqs.Queue("failures", name="lake-failures", tags=tags)
aws.sns.TopicSubscription("failures", topic=topic.arn, protocol="sqs", endpoint=failures.arn)

database = aws.glue.CatalogDatabase("lake", name="lake", tags=tags)
glue_role = aws.iam.Role(
    "glue",
    name="lake-glue",
    assume_role_policy=aws.iam.get_policy_document(
        statements=[
            aws.iam.GetPolicyDocumentStatementArgs(
                actions=["sts:AssumeRole"],
                principals=[
                    aws.iam.GetPolicyDocumentStatementPrincipalArgs(
                        type="Service", identifiers=["glue.amazonaws.com"]
                    )
                ],
            )
        ]
    ).json,
    tags=tags,
)
job = aws.glue.Job(
    "clean",
    name="lake-clean",
    role_arn=glue_role.arn,
    glue_version="5.0",
    command={"script_location": f"s3://lake-raw-{account}/clean.py"},
    timeout=60,
    tags=tags,
)
workgroup = aws.athena.Workgroup("lake", name="lake", tags=tags)

machine_arn = f"arn:aws:states:{region}:{account}:stateMachine:lake"
role = aws.iam.Role(
    "machine",
    name="lake-machine",
    assume_role_policy=aws.iam.get_policy_document(
        statements=[
            {
                "actions": ["sts:AssumeRole"],
                "principals": [{"type": "Service", "identifiers": ["states.amazonaws.com"]}],
            }
        ]
    ).json,
    tags=tags,
)
document = aws.iam.get_policy_document(
    statements=[
        {"actions": ["s3:ListBucket"], "resources": [f"arn:aws:s3:::lake-raw-{account}"]},
        {"actions": ["s3:GetObject"], "resources": [f"arn:aws:s3:::lake-raw-{account}/*"]},
        {
            "actions": ["s3:PutObject", "s3:GetBucketLocation"],
            "resources": [f"arn:aws:s3:::lake-results-{account}", f"arn:aws:s3:::lake-results-{account}/*"],
        },
        {
            "actions": ["states:StartExecution", "states:DescribeExecution", "states:StopExecution"],
            "resources": [machine_arn, f"arn:aws:states:{region}:{account}:execution:lake:*"],
        },
        {
            "actions": ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"],
            "resources": [f"arn:aws:glue:{region}:{account}:job/lake-clean"],
        },
        {
            "actions": [
                "athena:StartQueryExecution",
                "athena:GetQueryExecution",
                "athena:StopQueryExecution",
            ],
            "resources": [f"arn:aws:athena:{region}:{account}:workgroup/lake"],
        },
        {"actions": ["glue:GetTable", "glue:GetPartitions", "glue:GetDatabase"], "resources": ["*"]},
        {"actions": ["sns:Publish"], "resources": [f"arn:aws:sns:{region}:{account}:lake-done"]},
    ]
)
policy = aws.iam.Policy("machine", name="lake-machine", policy=document.json, tags=tags)
aws.iam.RolePolicyAttachment("machine", role=role.name, policy_arn=policy.arn)

definition = {
    "QueryLanguage": "JSONata",
    "StartAt": "Files",
    "TimeoutSeconds": 86400,
    "States": {
        "Files": {
            "Type": "Map",
            "Label": "Files",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "Arguments": {"Bucket": f"lake-raw-{account}", "Prefix": "in/"},
            },
            "ItemBatcher": {"MaxItemsPerBatch": 100},
            "MaxConcurrency": 500,
            "ToleratedFailurePercentage": 5,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Clean",
                "States": {
                    "Clean": {
                        "Type": "Task",
                        "Resource": "arn:aws:states:::glue:startJobRun.sync",
                        "Arguments": {"JobName": "lake-clean"},
                        "TimeoutSeconds": 3600,
                        "Retry": [
                            {
                                "ErrorEquals": ["Glue.ConcurrentRunsExceededException"],
                                "MaxAttempts": 3,
                                "IntervalSeconds": 60,
                                "BackoffRate": 2,
                            }
                        ],
                        "End": True,
                    }
                },
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Arguments": {"Bucket": f"lake-results-{account}", "Prefix": "runs"},
            },
            "Next": "Query",
        },
        "Query": {
            "Type": "Task",
            "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
            "Arguments": {"QueryString": "select count(*) from lake.clean", "WorkGroup": "lake"},
            "TimeoutSeconds": 1800,
            "Next": "Publish",
        },
        "Publish": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sns:publish",
            "Arguments": {
                "TopicArn": f"arn:aws:sns:{region}:{account}:lake-done",
                "Message": "{% $string($states.input) %}",
            },
            "End": True,
        },
    },
}
machine = aws.sfn.StateMachine(
    "machine", name="lake", role_arn=role.arn, definition=json.dumps(definition), tags=tags
)

aws.cloudwatch.MetricAlarm(
    "failed",
    namespace="AWS/States",
    metric_name="ExecutionsFailed",
    dimensions={"StateMachineArn": machine.arn},
    statistic="Sum",
    period=300,
    evaluation_periods=1,
    threshold=1,
    comparison_operator="GreaterThanOrEqualToThreshold",
    alarm_actions=[topic.arn],
    tags=tags,
)
aws.cloudwatch.MetricAlarm(
    "backlog",
    namespace="AWS/SQS",
    metric_name="ApproximateNumberOfMessagesVisible",
    dimensions={"QueueName": failures.name},
    statistic="Maximum",
    period=300,
    evaluation_periods=1,
    threshold=0,
    comparison_operator="GreaterThanThreshold",
    tags=tags,
)
pulumi.export("machine", machine.arn)
