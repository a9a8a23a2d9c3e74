import json

import pytest

from components.settings import SettingsError
from tests.components.deployment import deployed
from tests.stacks import names_of, settings_of

REPOSITORY = "aws:ecr/repository:Repository"


def test_an_image_that_was_pushed_cannot_be_replaced_and_is_scanned() -> None:
    repository = deployed("prod").the(REPOSITORY)
    assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
    assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}


def test_only_images_with_a_retired_tag_are_deleted() -> None:
    policy = deployed("prod").the("aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs["policy"]
    (rule,) = json.loads(policy)["rules"]
    # A rule can match neither untagged nor arbitrary images: an image pinned by its digest may have no tag.
    assert rule["selection"]["tagStatus"] == "tagged"
    assert rule["selection"]["tagPrefixList"] == ["retired-"]
    assert rule["action"] == {"type": "expire"}


def test_a_retired_image_is_refused() -> None:
    with pytest.raises(SettingsError, match="names an image that is retired, which ECR deletes"):
        settings_of(
            "prod", worker={"image": "222222222222.dkr.ecr.us-east-1.amazonaws.com/monitor:retired-2026"}
        )


def test_the_repository_has_the_address_that_was_shown_before_its_creation() -> None:
    # "Amazon ECR private registry": <account>.dkr.ecr.<region>.amazonaws.com/<repository>.
    host, _, name = names_of("prod").repository_url.partition("/")
    assert host == "222222222222.dkr.ecr.us-east-1.amazonaws.com"
    assert deployed("prod").the(REPOSITORY).inputs["name"] == name
