"""The rule that containers name an immutable image."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from guardrails.aws.containers import containers_of, name_of
from guardrails.aws.types import ECR_REPOSITORY, TASK_DEFINITION
from guardrails.plan import UNKNOWN, Plan, Resource
from guardrails.properties import read_list, read_partly, read_text
from guardrails.rule import NAMES, Level, Limit, Rule, Scope, Severity, Subject

_ECR_HOST = ".dkr.ecr."
_MUTABLE_TAGS = (
    "latest", "main", "master", "trunk", "develop", "development", "dev", "test", "staging", "stage", "production",
    "prod", "stable", "edge", "nightly", "current", "release", "live", "head", "canary", "beta", "alpha",
)  # fmt: skip


@dataclass(frozen=True)
class Image:
    """The parts of an image's name, as in `registry/repository:tag@digest`."""

    repository: str
    tag: str
    digest: str

    @classmethod
    def of(cls, name: str) -> "Image":
        """Return the parts of a name; absent parts are empty."""
        tagged, _, digest = name.partition("@")
        before, _, last = tagged.rpartition("/")
        base, _, tag = last.partition(":")
        return cls("/".join(filter(None, (before, base))), tag, digest)


def _unpinned(subject: Subject) -> Iterator[str]:
    mutable = {tag.lower() for tag in subject.limits["mutableTags"]}
    containers = containers_of(subject)
    if not containers:
        yield "it has 0 containers; write one."
    for number, container in enumerate(containers, 1):
        container_name, name = name_of(container, number), container.get("image")
        if not isinstance(name, str) or not name:
            yield f"{container_name} has no image; write one with its digest."
            continue
        image = Image.of(name)
        if image.digest:
            continue
        if not image.tag:
            yield (
                f"{container_name} has an image without a tag, which means latest; write its digest, or an immutable "
                "tag."
            )
        elif image.tag.lower() in mutable:
            yield (
                f"{container_name} has an image with the mutable tag {image.tag}; write its digest, or an immutable "
                "tag, or remove the tag from mutableTags."
            )
        for repository in _repositories(subject.plan, image):
            if image.tag and _can_move(repository, image.tag):
                yield (
                    f"{container_name} has an image with the tag {image.tag}, which {repository.name} allows to be "
                    "moved; set imageTagMutability to IMMUTABLE, or write the image's digest."
                )


def _repositories(plan: Plan, image: Image) -> Iterator[Resource]:
    """Yield the repository of an image if it is in the plan: by its URL, or by its name in an ECR registry."""
    host, _, name = image.repository.partition("/")
    for repository in plan.of_type(ECR_REPOSITORY):
        url = read_partly(repository, "repositoryUrl")
        if url == image.repository or (
            (url is UNKNOWN or not url) and _ECR_HOST in host and read_partly(repository, "name") == name
        ):
            yield repository


def _can_move(repository: Resource, tag: str) -> bool:
    mutability = read_text(repository, "imageTagMutability") or "MUTABLE"
    excluded = mutability.endswith("_WITH_EXCLUSION") and any(
        isinstance(item, Mapping) and fnmatchcase(tag, str(item.get("filter")))
        for item in read_list(repository, "imageTagMutabilityExclusionFilters")
    )
    return mutability.startswith("MUTABLE") != excluded


RULES = (
    Rule(
        name="image-pinned",
        requirement="Every container names its image by a digest, or by an immutable tag.",
        rationale=(
            "A mutable tag can change the image between two attempts of one execution, without a deployment and "
            "without a version to return to."
        ),
        severity=Severity.HIGH,
        level=Level.MANDATORY,
        remediation="Write the image's digest, or a tag for each build in a repository with immutable tags.",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        scope=Scope.STACK,
        resource_types=frozenset({TASK_DEFINITION}),
        evaluate=_unpinned,
        limits=(
            Limit(
                key="mutableTags",
                description="The tags that move from build to build, in any case of letters.",
                default=list(_MUTABLE_TAGS),
                schema=NAMES,
            ),
        ),
    ),
)
