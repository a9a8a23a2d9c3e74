import json

import pulumi
import pulumi_aws as aws

zones = aws.get_availability_zones(state="available").names
tags = {"Project": "website", "Environment": pulumi.get_stack()}

vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags=tags)
gateway = aws.ec2.InternetGateway("main", vpc_id=vpc.id, tags=tags)
routes = aws.ec2.RouteTable(
    "public", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}], tags=tags
)
for i, zone in enumerate(zones[:2]):
    subnet = aws.ec2.Subnet(
        f"public-{i}",
        vpc_id=vpc.id,
        availability_zone=zone,
        cidr_block=f"10.0.{i}.0/24",
        map_public_ip_on_launch=True,
        tags={**tags, "Name": f"public-{i}"},
    )
    aws.ec2.RouteTableAssociation(f"public-{i}", subnet_id=subnet.id, route_table_id=routes.id)

site = aws.s3.Bucket("site", tags=tags)
aws.s3.BucketWebsiteConfiguration("site", bucket=site.id, index_document={"suffix": "index.html"})
distribution = aws.cloudfront.Distribution(
    "cdn",
    enabled=True,
    origins=[{"origin_id": "site", "domain_name": site.bucket_regional_domain_name}],
    default_cache_behavior={
        "target_origin_id": "site",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "forwarded_values": {"query_string": False, "cookies": {"forward": "none"}},
    },
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True},
    tags=tags,
)

role = aws.iam.Role(
    "crawler",
    assume_role_policy=aws.iam.get_policy_document(
        statements=[
            {
                "actions": ["sts:AssumeRole"],
                "principals": [{"type": "Service", "identifiers": ["lambda.amazonaws.com"]}],
            }
        ]
    ).json,
    tags=tags,
)
aws.iam.RolePolicyAttachment(
    "crawler", role=role, policy_arn=aws.iam.ManagedPolicy.AWS_LAMBDA_BASIC_EXECUTION_ROLE
)
crawler = aws.lambda_.Function(
    "crawler",
    role=role.arn,
    runtime=aws.lambda_.Runtime.PYTHON3D12,
    handler="main.handler",
    code=pulumi.AssetArchive({"main.py": pulumi.StringAsset("def handler(event, context): ...")}),
    tags=tags,
)
logs = aws.cloudwatch.LogGroup(
    "crawler", name=crawler.name.apply(lambda name: f"/aws/lambda/{name}"), tags=tags
)

hourly = aws.cloudwatch.EventRule("hourly", schedule_expression="rate(1 hour)", tags=tags)
aws.cloudwatch.EventTarget("hourly", rule=hourly.name, arn=crawler.arn, input=json.dumps({"depth": 2}))
aws.lambda_.Permission(
    "hourly",
    action="lambda:InvokeFunction",
    function=crawler.name,
    principal="events.amazonaws.com",
    source_arn=hourly.arn,
)

pulumi.export("url", distribution.domain_name.apply(lambda name: f"https://{name}"))
