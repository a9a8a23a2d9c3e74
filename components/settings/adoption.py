"""Parts of a stack that exist already and are used as they are, each as a whole."""

from typing import Annotated

from pydantic import Field

from components.settings.base import SettingsModel
from components.settings.patterns import has_form
from components.settings.validators import DISTINCT

BucketName = Annotated[
    str, has_form(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", what="a bucket's name", example="ccapi-reports-prod")
]


class AdoptedNetwork(SettingsModel):
    """A network of somebody else's; nothing is created in it."""

    vpc_id: Annotated[
        str, has_form(r"vpc-[0-9a-f]{8,17}", what="a VPC's id", example="vpc-0123456789abcdef0")
    ]
    """The network that workers run in."""
    subnet_ids: Annotated[
        tuple[
            Annotated[
                str,
                has_form(r"subnet-[0-9a-f]{8,17}", what="a subnet's id", example="subnet-0123456789abcdef0"),
            ],
            ...,
        ],
        DISTINCT,
    ] = Field(min_length=1, max_length=16)
    """Its subnets that workers run in."""
    security_group_ids: Annotated[
        tuple[
            Annotated[
                str,
                has_form(r"sg-[0-9a-f]{8,17}", what="a security group's id", example="sg-0123456789abcdef0"),
            ],
            ...,
        ],
        DISTINCT,
    ] = Field(min_length=1, max_length=5)
    """The security groups of workers; they must let HTTPS out."""
    assign_public_ip: bool
    """True in public subnets; in private ones it must be false, or no image can be pulled."""


class AdoptedStorage(SettingsModel):
    """Two buckets of somebody else's; only what lies in them is ours."""

    reports_bucket: BucketName
    """The bucket that reports are written to."""
    cache_bucket: BucketName
    """The bucket of caches and of what is known of each run."""


class AdoptedCluster(SettingsModel):
    """An ECS cluster of somebody else's, with FARGATE and FARGATE_SPOT among its capacity providers."""

    name: Annotated[
        str, has_form(r"[A-Za-z][\w-]{0,254}", what="a cluster's name", example="ccapi-cluster-prod")
    ]
    """The cluster that workers run in; its capacity providers are left as they are."""
