import json

import pulumi
import pulumi_aws as aws

tags = {"Project": "blog", "Environment": "test"}
region = aws.get_region().region

vpc = aws.ec2.Vpc("blog", cidr_block="10.100.0.0/16", enable_dns_hostnames=True, tags=tags)
gateway = aws.ec2.InternetGateway("blog", vpc_id=vpc.id, tags=tags)
routes = aws.ec2.RouteTable(
    "blog", vpc_id=vpc.id, routes=[{"cidr_block": "0.0.0.0/0", "gateway_id": gateway.id}], tags=tags
)
subnets = []
for number, zone in enumerate(aws.get_availability_zones(state="available").names[:2]):
    subnet = aws.ec2.Subnet(
        f"blog-{number}", vpc_id=vpc.id, cidr_block=f"10.100.{number}.0/24", availability_zone=zone, tags=tags
    )
    aws.ec2.RouteTableAssociation(f"blog-{number}", route_table_id=routes.id, subnet_id=subnet.id)
    subnets.append(subnet.id)

web = aws.ec2.SecurityGroup(
    "web",
    vpc_id=vpc.id,
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
    tags=tags,
)
data = aws.ec2.SecurityGroup(
    "data",
    vpc_id=vpc.id,
    ingress=[{"protocol": "tcp", "from_port": 3306, "to_port": 3306, "security_groups": [web.id]}],
    tags=tags,
)
database = aws.rds.Instance(
    "blog",
    engine="mysql",
    instance_class="db.t4g.micro",
    allocated_storage=20,
    db_name="blog",
    username="admin",
    manage_master_user_password=True,
    db_subnet_group_name=aws.rds.SubnetGroup("blog", subnet_ids=subnets, tags=tags).name,
    vpc_security_group_ids=[data.id],
    skip_final_snapshot=True,
    tags=tags,
)
secret = aws.secretsmanager.Secret("salt", tags=tags)
aws.secretsmanager.SecretVersion("salt", secret_id=secret.id, secret_string=pulumi.Output.secret("pepper"))

logs = aws.cloudwatch.LogGroup("blog", retention_in_days=30, tags=tags)
start_role = aws.iam.Role(
    "blog-start",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
            ],
        }
    ),
    tags=tags,
)
aws.iam.RolePolicyAttachment(
    "blog-start",
    role=start_role.name,
    policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
)
aws.iam.RolePolicy(
    "blog-secret",
    role=start_role.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret.arn}],
        }
    ),
)
task = aws.ecs.TaskDefinition(
    "blog",
    family="blog",
    cpu="512",
    memory="1024",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    execution_role_arn=start_role.arn,
    container_definitions=pulumi.Output.json_dumps(
        [
            {
                "name": "wordpress",
                "image": "public.ecr.aws/docker/library/wordpress:6.7",
                "environment": [{"name": "WORDPRESS_DB_HOST", "value": database.endpoint}],
                "secrets": [{"name": "WORDPRESS_AUTH_SALT", "valueFrom": secret.arn}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": logs.name,
                        "awslogs-region": region,
                        "awslogs-stream-prefix": "blog",
                    },
                },
            }
        ]
    ),
    tags=tags,
)
aws.ecs.Service(
    "blog",
    cluster=aws.ecs.Cluster("blog", tags=tags).arn,
    desired_count=1,
    launch_type="FARGATE",
    task_definition=task.arn,
    network_configuration={"assign_public_ip": True, "subnets": subnets, "security_groups": [web.id]},
    tags=tags,
)
