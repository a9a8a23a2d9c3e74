"""Settings of the IAM roles that the stack creates."""

from typing import Annotated

from components.settings.base import SettingsModel
from components.settings.patterns import has_form

PolicyArn = Annotated[
    str,
    has_form(
        r"arn:aws(-cn|-us-gov)?:iam::(\d{12}|aws):policy/[\w+=,.@/-]+",
        what="the ARN of an IAM policy",
        example="arn:aws:iam::111111111111:policy/boundary",
    ),
]


class Roles(SettingsModel):
    """The IAM roles that the stack creates."""

    permissions_boundary: PolicyArn | None = None
    """The policy that each role gets as its permissions boundary; it must allow what the roles do, or runs fail."""
