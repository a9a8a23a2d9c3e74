import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.aws.types import ECR_REPOSITORY, TASK_DEFINITION
from guardrails.plan import UNKNOWN, Resource
from guardrails.rules.images import Image
from tests.policies.plans import passes, resource, rule, violations

PINNED = rule("image-pinned")

REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
DIGEST = "sha256:" + "0123456789abcdef" * 4


def task(*images: Any) -> Resource:
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
    return resource(TASK_DEFINITION, "worker", containerDefinitions=json.dumps(containers))


def repository(mutability: Any, *filters: str, **properties: Any) -> Resource:
    return resource(
        ECR_REPOSITORY,
        "images",
        name="team/tiles",
        imageTagMutability=mutability,
        imageTagMutabilityExclusionFilters=[{"filter": one, "filterType": "WILDCARD"} for one in filters],
        **properties,
    )


@pytest.mark.parametrize(
    "image",
    [
        f"{REGISTRY}/team/tiles@{DIGEST}",
        f"tiles:latest@{DIGEST}",
        "tiles:2026-11-23",
        "localhost:5000/tiles:1.0",
        f"{REGISTRY}/team/tiles:v1.2.3",
    ],
)
def test_a_digest_or_a_tag_of_one_build_passes(image: str) -> None:
    assert passes(PINNED, task(image))


@pytest.mark.parametrize("tag", ["latest", "LATEST", "main", "prod", "nightly"])
def test_a_tag_that_moves_is_refused(tag: str) -> None:
    (told,) = violations(PINNED, task(f"{REGISTRY}/team/tiles:{tag}"))
    assert told.startswith(f"worker: c0 has an image with the mutable tag {tag}")
    assert "mutableTags" in told
    assert "111122223333" not in told


@pytest.mark.parametrize("image", ["tiles", "team/tiles", "localhost:5000/tiles"])
def test_no_tag_means_the_latest(image: str) -> None:
    (told,) = violations(PINNED, task(image))
    assert "has an image without a tag" in told


def test_a_stack_may_say_which_tags_move() -> None:
    assert violations(PINNED, task("tiles:v1"), mutableTags=["V1"])
    assert passes(PINNED, task("tiles:latest"), mutableTags=["v1"])


@pytest.mark.parametrize("image", [None, "", 5, [], {}])
def test_a_container_without_an_image_is_refused(image: Any) -> None:
    (told,) = violations(PINNED, task(image))
    assert "c0 has no image" in told


def test_every_container_is_reported() -> None:
    assert len(violations(PINNED, task("a", "b:latest", None, f"c@{DIGEST}"))) == 3


@pytest.mark.parametrize(
    ("repository_", "tag", "stays"),
    [
        (repository("IMMUTABLE"), "v1", True),
        (repository("MUTABLE"), "v1", False),
        (repository(None), "v1", False),
        (repository("IMMUTABLE", "v*"), "v1", True),
        (repository("IMMUTABLE_WITH_EXCLUSION", "dev-*"), "v1", True),
        (repository("IMMUTABLE_WITH_EXCLUSION", "test-*", "dev-*"), "dev-1", False),
        (repository("MUTABLE_WITH_EXCLUSION", "v*"), "v1", True),
        (repository("MUTABLE_WITH_EXCLUSION", "v*"), "other", False),
    ],
)
def test_the_tag_mutability_of_a_repository_in_the_plan_determines_if_its_tags_may_move(
    repository_: Resource, tag: str, stays: bool
) -> None:
    told = violations(PINNED, task(f"{REGISTRY}/team/tiles:{tag}"), repository_)
    assert not told if stays else f"the tag {tag}, which images allows to be moved" in told[0]
    assert passes(PINNED, task(f"{REGISTRY}/team/tiles:{tag}@{DIGEST}"), repository_)


def test_both_faults_of_a_tag_are_reported() -> None:
    told = violations(PINNED, task(f"{REGISTRY}/team/tiles:latest"), repository("MUTABLE"))
    assert len(told) == 2
    assert "imageTagMutability" in told[1]


@pytest.mark.parametrize(
    ("url", "image", "meant"),
    [
        (UNKNOWN, f"{REGISTRY}/team/tiles:v1", True),
        (f"{REGISTRY}/team/tiles", f"{REGISTRY}/team/tiles:v1", True),
        (f"{REGISTRY}/team/tiles", f"{REGISTRY.replace('eu', 'us')}/team/tiles:v1", False),
        (UNKNOWN, f"{REGISTRY}/tiles:v1", False),
        (UNKNOWN, "docker.io/team/tiles:v1", False),
    ],
)
def test_a_repository_is_found_by_its_url_or_its_name(url: Any, image: str, meant: bool) -> None:
    told = violations(PINNED, task(image), repository("MUTABLE", repositoryUrl=url))
    assert bool(told) is meant


@pytest.mark.parametrize("path", ["imageTagMutability", "imageTagMutabilityExclusionFilters"])
def test_a_repository_that_is_not_known_yet_is_refused(path: str) -> None:
    properties: dict[str, Any] = {"name": "team/tiles", "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION"}
    unknown = resource(ECR_REPOSITORY, "images", **{**properties, path: UNKNOWN})
    (told,) = violations(PINNED, task(f"{REGISTRY}/team/tiles:v1"), unknown)
    assert f"{path} is not known" in told


def test_containers_that_are_not_known_yet_are_refused() -> None:
    (told,) = violations(PINNED, resource(TASK_DEFINITION, containerDefinitions=UNKNOWN))
    assert "containerDefinitions is not known" in told


@pytest.mark.parametrize("definitions", [None, "", "{}", "[]", "[5]", "5", "no json"])
def test_anything_but_containers_is_refused(definitions: Any) -> None:
    (told,) = violations(PINNED, resource(TASK_DEFINITION, containerDefinitions=definitions))
    assert "defect" not in told


PARTS = st.text("abcdefghijklmnopqrstuvwxyz0123456789.-_", min_size=1, max_size=8)


@given(
    registry=st.sampled_from(["", "docker.io/", f"{REGISTRY}/", "localhost:5000/"]),
    path=st.lists(PARTS, min_size=1, max_size=3),
    tag=st.just("") | PARTS,
    digest=st.sampled_from(["", DIGEST]),
)
def test_an_image_is_put_together_of_its_parts(registry: str, path: list[str], tag: str, digest: str) -> None:
    repository_ = registry + "/".join(path)
    name = repository_ + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    assert Image.of(name) == Image(repository_, tag, digest)
