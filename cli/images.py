"""The image that the next run uses, and the newest image of the stack's repository."""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.errors import MissingResourceError
from cli.stack import Stack

IMAGE_SETTING = "ccapi:worker.image"
"""The path of the image in the settings of a stack."""
_CONTAINER = "monitor"
# The tag in the task definition of a stack whose settings name no image.
_TO_BE_PUSHED = ":to-be-pushed"
_PROGRAMS = frozenset({"command", "each"})
# Amazon ECS API Reference, RuntimePlatform: the default of cpuArchitecture.
_DEFAULT_ARCHITECTURE = "X86_64"
_ARCHITECTURES = {"amd64": "X86_64", "arm64": "ARM64"}


@dataclass(frozen=True)
class DeployedImage:
    """The image of the task definition revision that the next run uses."""

    image: str
    architecture: str
    """`X86_64` or `ARM64`."""
    since: datetime | None
    """The time at which the revision was registered."""
    revision: str
    """The task definition with its revision, e.g. `ccapi-monitor-prod:7`."""
    environment: Mapping[str, str]

    @property
    def runs_program(self) -> bool:
        """True if the workload is a program of its own: `command` or `each`."""
        return self.environment.get("WORKLOAD") in _PROGRAMS

    @property
    def is_to_be_pushed(self) -> bool:
        """True if the stack was deployed without an image."""
        return self.image.endswith(_TO_BE_PUSHED)

    @property
    def reference(self) -> dict[str, str]:
        """The tag or the digest, as an `imageId` of ECR."""
        if "@" in self.image:
            return {"imageDigest": self.image.rpartition("@")[2]}
        return {"imageTag": self.image.rpartition("/")[2].partition(":")[2] or "latest"}

    @property
    def repository(self) -> str:
        """The address of the image's repository."""
        if "@" in self.image:
            return self.image.rpartition("@")[0]
        head, slash, last = self.image.rpartition("/")
        return f"{head}{slash}{last.partition(':')[0]}"


@dataclass(frozen=True)
class RepositoryImage:
    """An image in ECR."""

    digest: str
    tags: tuple[str, ...]
    pushed_at: datetime
    bytes: int


def deployed_image(stack: Stack) -> DeployedImage:
    """Return the image of the revision that the next run uses."""
    definition = stack.client("ecs").describe_task_definition(
        taskDefinition=stack["ecs_task_definition_arn"]
    )["taskDefinition"]
    containers = definition["containerDefinitions"]
    container = next((each for each in containers if each["name"] == _CONTAINER), containers[0])
    return DeployedImage(
        container["image"],
        definition.get("runtimePlatform", {}).get("cpuArchitecture", _DEFAULT_ARCHITECTURE),
        definition.get("registeredAt"),
        definition["taskDefinitionArn"].rpartition("/")[2],
        {each["name"]: each["value"] for each in container.get("environment", [])},
    )


def repository_name(stack: Stack) -> str:
    """Return the name of the stack's repository."""
    return stack["ecr_repository_url"].partition("/")[2]


def images(stack: Stack) -> list[RepositoryImage]:
    """Return the images of the stack's repository, the newest first."""
    ecr = stack.client("ecr")
    try:
        pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository_name(stack))
        found = [image for page in pages for image in page["imageDetails"]]
    except ecr.exceptions.RepositoryNotFoundException:
        raise MissingResourceError(
            f"the repository {repository_name(stack)} does not exist",
            f"type `pulumi up --refresh --stack {stack.name}`, which creates it again, and push an image",
        ) from None
    return sorted(map(_image, found), key=lambda image: image.pushed_at, reverse=True)


def _image(found: Mapping[str, Any]) -> RepositoryImage:
    return RepositoryImage(
        found["imageDigest"],
        tuple(found.get("imageTags", ())),
        found["imagePushedAt"],
        int(found.get("imageSizeInBytes") or 0),
    )


def is_in_repository(stack: Stack, image: DeployedImage) -> bool:
    """Return true if the image is one of the stack's repository, and not one of another."""
    return image.repository == stack["ecr_repository_url"]


def find(image: DeployedImage, available: list[RepositoryImage]) -> RepositoryImage | None:
    """Return the image of ECR that a deployed image names, or None if it is not there."""
    reference = image.reference
    for each in available:
        if each.digest == reference.get("imageDigest") or reference.get("imageTag") in each.tags:
            return each
    return None


def architectures(stack: Stack, image: DeployedImage) -> set[str]:
    """Return the architectures that an image in ECR is built for; empty if its manifest does not say it.

    The architecture of a single image is in its configuration, which only a download of that layer shows.
    """
    ecr, name = stack.client("ecr"), repository_name(stack)
    found = ecr.batch_get_image(repositoryName=name, imageIds=[image.reference])["images"]
    if not found:
        return set()
    manifest = json.loads(found[0]["imageManifest"])
    if "manifests" in manifest:
        platforms = [each.get("platform", {}).get("architecture", "") for each in manifest["manifests"]]
        return {_ARCHITECTURES[each] for each in platforms if each in _ARCHITECTURES}
    digest = manifest.get("config", {}).get("digest")
    if not digest:
        return set()
    url = ecr.get_download_url_for_layer(repositoryName=name, layerDigest=digest)["downloadUrl"]
    if not url.startswith("https://"):
        return set()
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - https only, checked above
        built = json.load(answer).get("architecture", "")
    return {_ARCHITECTURES[built]} if built in _ARCHITECTURES else set()
