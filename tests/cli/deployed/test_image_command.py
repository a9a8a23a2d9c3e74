from typing import Any

from components.resources.task_definition import IMAGE_TO_BE_PUSHED
from tests.cli.deployed.conftest import Ccapi
from tests.cli.deployed.deployment import Deployment, push_image


def test_an_image_that_was_never_pushed(ccapi: Ccapi) -> None:
    shown = ccapi("image", "--json").json
    assert shown["image"].endswith("/ccapi-monitor-prod:2026-11-23")
    assert (shown["digest"], shown["newest"], shown["is_newest"]) == (None, None, None)
    assert shown["architecture"] == "X86_64"


def test_the_deployed_image_is_the_newest(ccapi: Ccapi, deployment: Deployment) -> None:
    push_image(deployment, "2026-11-23")
    shown = ccapi("image", "--json").json
    assert shown["digest"].startswith("sha256:")
    assert shown["is_newest"] is True


def test_a_newer_image_is_named(ccapi: Ccapi, deployment: Deployment) -> None:
    push_image(deployment, "2026-11-23")
    deployed = ccapi("image", "--json").json["digest"]
    push_image(deployment, "2026-11-30")
    shown = ccapi("image", "--json").json
    assert shown["digest"] == deployed
    assert shown["newest"]["tags"] in (["2026-11-23"], ["2026-11-30"])


def test_the_commands_deploy_another(ccapi: Ccapi) -> None:
    commands = ccapi("image", "--json").json["deploy_commands"]
    assert "--platform linux/amd64" in commands[0]
    # prod runs a program of its own.
    assert "BASE_IMAGE=" in commands[0]
    assert commands[-2].startswith("pulumi config set --path ccapi:worker.image ")
    assert commands[-1] == "pulumi up --stack prod"


def test_the_deployed_image_is_kept_in_the_settings(ccapi: Ccapi, pulumi: Any) -> None:
    deployed = ccapi("image", "--json").json["image"]
    kept = ccapi("image", "--keep")
    [(command, given)] = pulumi
    assert command[1:] == [
        "config",
        "set",
        "--path",
        "--non-interactive",
        "--stack",
        "prod",
        "ccapi:worker.image",
    ]
    assert (kept.code, given) == (0, deployed)
    assert kept.out.startswith("ccapi:worker.image in ")
    assert kept.out.endswith(f"Pulumi.prod.yaml is the deployed image: {deployed}\n")


def test_a_stack_without_an_image_has_none_to_keep(ccapi: Ccapi, deployment: Deployment, pulumi: Any) -> None:
    image = f"{deployment.stack['ecr_repository_url']}:{IMAGE_TO_BE_PUSHED}"
    deployed = deployment.client("ecs").register_task_definition(
        family=deployment.names.worker_family,
        containerDefinitions=[{"name": "monitor", "image": image, "memory": 512}],
    )
    arn = deployed["taskDefinition"]["taskDefinitionArn"]
    deployment.stack.outputs["ecs_task_definition_arn"] = arn  # type: ignore[index]
    kept = ccapi("image", "--keep")
    assert (kept.code, pulumi) == (1, [])
    assert "the stack prod was deployed without an image" in kept.err
