"""The values of secrets that a task definition takes from SSM and Secrets Manager.

Source: Amazon ECS Developer Guide, "Pass sensitive data to an Amazon ECS container".
"""

import json
from collections.abc import Callable
from typing import Any

_SECRETS_MANAGER = ":secretsmanager:"


def secret_value(value_from: str, client: Callable[[str], Any]) -> str:
    """Return the value of a secret's `valueFrom`: a parameter's name or ARN, or a secret's ARN and JSON key."""
    if _SECRETS_MANAGER not in value_from:
        name = value_from.split(":parameter", 1)[-1] if value_from.startswith("arn:") else value_from
        return str(client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    parts = value_from.split(":")
    arn, (key, stage, version) = ":".join(parts[:7]), (*parts[7:10], "", "", "")[:3]
    which = {"VersionStage": stage, "VersionId": version}
    chosen = {name: value for name, value in which.items() if value}
    text = str(client("secretsmanager").get_secret_value(SecretId=arn, **chosen)["SecretString"])
    return str(json.loads(text)[key]) if key else text
