"""The loading of settings from a stack's configuration; the only module that reads Pulumi's configuration."""

from datetime import datetime
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, is_config_secret

from components import stack_file
from components.settings import Settings, SettingsError
from components.stack_file import StackFile


def load_stack_file(now: datetime) -> StackFile:
    """Return the validated stack file of the current stack; a schedule without a start after `now` is a mistake.

    Raises:
        pulumi.RunError: with every mistake in the stack file, without a traceback.
    """
    config = dict(CONFIG.get())
    try:
        return stack_file.read(
            config,
            project=pulumi.get_project(),
            environment=pulumi.get_stack(),
            now=now,
            encrypted={key for key in config if is_config_secret(key)},
        )
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def aws_provider(stack: StackFile, name: str = "aws") -> aws.Provider:
    """Return the single AWS provider that all resources use.

    It takes the stack file's `aws:` keys, such as endpoints or a profile. It only works in the stack's
    account, and tags every taggable resource with the stack file's tags and with the project, stack and
    environment.
    """
    given: dict[str, Any] = {
        name: pulumi.Output.secret(value) if name in stack.secret_arguments else value
        for name, value in stack.provider.items()
    }
    tags = given.pop("default_tags", {}).get("tags", {})
    return aws.Provider(
        name,
        **given,
        allowed_account_ids=[stack.settings.account],
        default_tags=aws.ProviderDefaultTagsArgs(tags={**tags, **_own_tags(stack.settings)}),
    )


def _own_tags(settings: Settings) -> dict[str, str]:
    return {
        "Project": settings.project,
        "Environment": settings.environment,
        "ManagedBy": "pulumi",
    }
