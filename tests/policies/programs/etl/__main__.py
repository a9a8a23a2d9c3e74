import json

import pulumi
import pulumi_aws as aws

tags = {"Project": "etl", "Environment": "test"}
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags=tags)
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.1.0/24", tags=tags)
group = aws.redshift.SubnetGroup("subnets", subnet_ids=[subnet.id], tags=tags)
bucket = aws.s3.Bucket("events", force_destroy=True, tags=tags)

redshift_role = aws.iam.Role(
    "redshift-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "redshift.amazonaws.com"}}
            ],
        }
    ),
    managed_policy_arns=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
    tags=tags,
)
cluster = aws.redshift.Cluster(
    "cluster",
    cluster_identifier="my-redshift-cluster",
    cluster_subnet_group_name=group.name,
    cluster_type="single-node",
    database_name="dev",
    master_username="admin",
    manage_master_password=True,
    node_type="ra3.xlplus",
    iam_roles=[redshift_role.arn],
    skip_final_snapshot=True,
    tags=tags,
)

glue_role = aws.iam.Role(
    "glue-role",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "glue.amazonaws.com"}}
            ],
        }
    ),
    managed_policy_arns=["arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"],
    tags=tags,
)
database = aws.glue.CatalogDatabase("events", name="my-glue-db")
aws.glue.Crawler(
    "crawler",
    database_name=database.name,
    role=glue_role.arn,
    schedule="cron(0 0 * * ? *)",
    s3_targets=[{"path": pulumi.Output.concat("s3://", bucket.bucket)}],
    tags=tags,
)
job = aws.glue.Job(
    "job",
    role_arn=glue_role.arn,
    glue_version="4.0",
    number_of_workers=2,
    worker_type="G.1X",
    command={"script_location": pulumi.Output.concat("s3://", bucket.bucket, "/glue-job.py"), "python_version": "3"},
    tags=tags,
)
aws.glue.Trigger("trigger", schedule="cron(15 0 * * ? *)", type="SCHEDULED", actions=[{"job_name": job.name}], tags=tags)
aws.ec2.VpcEndpoint(
    "s3", vpc_id=vpc.id, service_name="com.amazonaws.eu-west-1.s3", route_table_ids=[vpc.main_route_table_id], tags=tags
)
