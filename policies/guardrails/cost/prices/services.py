"""The AWS services that bill prices, by the first word of a price's key; one line a word."""

SERVICES = {
    "fargate": "AWS Fargate",
    "sfn": "AWS Step Functions",
    "scheduler": "Amazon EventBridge Scheduler",
    "events": "Amazon EventBridge",
    "sns": "Amazon SNS",
    "sqs": "Amazon SQS",
    "lambda": "AWS Lambda",
    "logs": "Amazon CloudWatch",
    "metric": "Amazon CloudWatch",
    "metrics": "Amazon CloudWatch",
    "container": "Amazon CloudWatch",
    "alarm": "Amazon CloudWatch",
    "dashboard": "Amazon CloudWatch",
    "kms": "AWS KMS",
    "secret": "AWS Secrets Manager",
    "nat": "Amazon VPC",
    "vpc": "Amazon VPC",
    "public": "Amazon VPC",
    "s3": "Amazon S3",
    "ecr": "Amazon ECR",
    "xray": "AWS X-Ray",
    "budget": "AWS Budgets",
    "data": "Data transfer",
    "ssm": "AWS Systems Manager",
    "ec2": "Amazon EC2",
    "ebs": "Amazon EBS",
    "elb": "Elastic Load Balancing",
    "rds": "Amazon RDS",
    "dynamodb": "Amazon DynamoDB",
    "efs": "Amazon EFS",
    "elasticache": "Amazon ElastiCache",
    "eks": "Amazon EKS",
    "kinesis": "Amazon Kinesis Data Streams",
    "glue": "AWS Glue",
    "api": "Amazon API Gateway",
    "route53": "Amazon Route 53",
}
"""The service of each word. Its price list, if there is one, is the file in `lists/` with the name of the service."""

UNPRICED = "Without a price"
"""The heading for resources of types that the model has no price for."""


def service_of(key: str) -> str:
    """Return the AWS service that bills a price; the key of a resource without a price is its type."""
    word = key.partition("_")[0]
    if word in SERVICES:
        return SERVICES[word]
    return UNPRICED if key.startswith(("aws:", "aws-native:")) else key.partition(":")[0]
