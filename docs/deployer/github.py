"""The trust policies of the roles that GitHub Actions takes by OIDC, to deploy and to preview a stack."""

from collections.abc import Mapping
from typing import Any

from components.settings.names import Names

ISSUER = "token.actions.githubusercontent.com"
ENVIRONMENTS = {"trust-deploy": "{stack}", "trust-preview": "{stack}-preview"}
"""The environment in GitHub whose jobs may take a role. Its rules, such as an approval, guard the role."""


def trust_policies(names: Names, repository: str) -> dict[str, Mapping[str, Any]]:
    """Return the trust policy of each role of a stack for the workflows of a repository."""
    return {
        name: trust_policy(names, repository, environment.format(stack=names.environment))
        for name, environment in ENVIRONMENTS.items()
    }


def trust_policy(names: Names, repository: str, environment: str) -> Mapping[str, Any]:
    """Return the trust policy for the jobs of one environment of a repository, and for no others.

    Source: GitHub Docs, "Configuring OpenID Connect in Amazon Web Services".
    """
    conditions = {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": f"repo:{repository}:environment:{environment}",
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "GitHubActions",
                "Effect": "Allow",
                "Principal": {
                    "Federated": f"arn:{names.partition}:iam::{names.account}:oidc-provider/{ISSUER}"
                },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": conditions},
            }
        ],
    }
