"""The preparation of a container before its first process: secrets, log stream, private files."""

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.agent.host import Host
from local.agent.log_stream import LogStream
from local.agent.secret_values import secret_value
from local.agent.spec import ContainerSpec, LogOptions
from local.aws import LocalAws


class StartError(Exception):
    """A container cannot be started; the message is the reason as ECS words it.

    Source: Amazon ECS Developer Guide, "Amazon ECS stopped tasks error messages".
    """


@dataclass(frozen=True)
class Prepared:
    """The arguments, folder, environment and log stream that a container is started with."""

    arguments: Sequence[str]
    working_directory: Path
    environment: Mapping[str, str]
    log_stream: LogStream | None


def prepare(spec: ContainerSpec, host: Host, folder: Path) -> Prepared:
    """Fetch a container's secrets, open its log stream, and copy the image into its private `folder`."""
    try:
        aws = host.task_aws(spec)
    except OSError as error:
        raise StartError(f"ResourceInitializationError: unable to get credentials: {error}") from error
    if refusal := host.aws.admin("POST", "image-pull", {"task": spec.task_arn})["refusal"]:
        raise StartError(refusal)
    secrets = _secrets(spec, aws, host)
    log_stream = _open_log_stream(spec.log_options, host.client("logs")) if spec.log_options else None
    places = {name: folder / name for name in ("app", "home", "tmp")}
    try:
        shutil.copytree(host.image, places["app"])
        places["home"].mkdir()
        places["tmp"].mkdir()
    except OSError as error:
        raise StartError(f"CannotCreateContainerError: {error}") from error
    environment = {
        **host.environment,
        "HOME": str(places["home"]),
        "TMPDIR": str(places["tmp"]),
        "ECS_CONTAINER_METADATA_URI_V4": host.metadata.add(spec),
        **aws.environment,
        "AWS_REGION": host.region,
        "AWS_DEFAULT_REGION": host.region,
        **spec.environment,
        **secrets,
    }
    return Prepared(_command(spec.arguments), places["app"], environment, log_stream)


def _command(arguments: Sequence[str]) -> list[str]:
    """Return the command with this environment's Python in place of the image's `python`, whatever its path."""
    is_python = [PurePosixPath(program).name for program in arguments[:1]] == ["python"]
    return [sys.executable, *arguments[1:]] if is_python else list(arguments)


def _secrets(spec: ContainerSpec, aws: LocalAws, host: Host) -> dict[str, str]:
    client = partial(host.client, aws=aws)
    try:
        return {secret.name: secret_value(secret.value_from, client) for secret in spec.secrets}
    except (BotoCoreError, ClientError, LookupError, ValueError) as error:
        raise StartError(
            f"ResourceInitializationError: unable to pull secrets or registry auth: {error}"
        ) from error


def _open_log_stream(options: LogOptions, logs: Any) -> LogStream:
    try:
        if options.create_group:
            _create(logs.create_log_group, logGroupName=options.group)
        _create(logs.create_log_stream, logGroupName=options.group, logStreamName=options.stream)
    except (BotoCoreError, ClientError) as error:
        raise StartError(f"ResourceInitializationError: failed to validate logger args: {error}") from error
    return LogStream(logs, options.group, options.stream)


def _create(create: Callable[..., Any], **names: str) -> None:
    try:
        create(**names)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
