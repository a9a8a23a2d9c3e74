"""Stack file settings that adopt an existing network, buckets and cluster."""

VPC = "vpc-0a1b2c3d4e5f60718"
SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"]
SECURITY_GROUP = "sg-0a1b2c3d4e5f60718"
REPORTS, CACHE = "somebodys-reports", "somebodys-cache"
CLUSTER = "Somebodys_Cluster"

NETWORK = {
    "adopt": {
        "vpcId": VPC,
        "subnetIds": SUBNETS,
        "securityGroupIds": [SECURITY_GROUP],
        "assignPublicIp": False,
    }
}
STORAGE = {"adopt": {"reportsBucket": REPORTS, "cacheBucket": CACHE}}
ADOPTED_CLUSTER = {"adopt": {"name": CLUSTER}}
