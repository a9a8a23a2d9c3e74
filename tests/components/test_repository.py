import json

from tests.components.deployment import deployed
from tests.stacks import names_of

REPOSITORY = "aws:ecr/repository:Repository"


def test_an_image_that_was_pushed_cannot_be_replaced_and_is_scanned() -> None:
    repository = deployed("prod").the(REPOSITORY)
    assert repository.inputs["imageTagMutability"] == "IMMUTABLE"
    assert repository.inputs["imageScanningConfiguration"] == {"scanOnPush": True}


def test_only_the_newest_images_are_kept() -> None:
    policy = deployed("prod").the("aws:ecr/lifecyclePolicy:LifecyclePolicy").inputs["policy"]
    (rule,) = json.loads(policy)["rules"]
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}
    assert rule["action"] == {"type": "expire"}


def test_the_repository_has_the_address_that_is_told_before_it_is_there() -> None:
    # "Amazon ECR private registry": <account>.dkr.ecr.<region>.amazonaws.com/<repository>.
    host, _, name = names_of("prod").repository_url.partition("/")
    assert host == "222222222222.dkr.ecr.us-east-1.amazonaws.com"
    assert deployed("prod").the(REPOSITORY).inputs["name"] == name
