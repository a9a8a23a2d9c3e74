"""`ccapi image`: the image that the next run uses, and the newest one in the repository."""

import click

from cli.aws_errors import translated
from cli.errors import OperatorError
from cli.images import (
    IMAGE_SETTING,
    RepositoryImage,
    deployed_image,
    find,
    images,
    is_in_repository,
)
from cli.invocation import Invocation, OperatorCommand, pass_invocation
from cli.pulumi_config import set_setting
from cli.times import ago, iso

_PLATFORMS = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}


@click.command(cls=OperatorCommand)
@click.option(
    "--keep",
    is_flag=True,
    help="Write the deployed image to the settings of the stack, so that a preview or a deployment keeps it.",
)
@pass_invocation
def image(invocation: Invocation, keep: bool) -> None:
    """Show the deployed image with its digest, the newest one in ECR, and how to deploy another."""
    if keep:
        _keep(invocation)
    else:
        _show(invocation)


def _keep(invocation: Invocation) -> None:
    """Write the deployed image to the stack file of this checkout, which need not name the one of another machine."""
    stack = invocation.stack
    with translated(stack):
        deployed = deployed_image(stack)
    if deployed.is_to_be_pushed:
        raise OperatorError(
            f"the stack {stack.name} was deployed without an image, so there is none to keep",
            "type `ccapi image` to see how to deploy one",
        )
    folder = set_setting(stack.name, IMAGE_SETTING, deployed.image, secret=False)
    invocation.output.document({"image": deployed.image, "setting": IMAGE_SETTING})
    invocation.output.line(
        f"{IMAGE_SETTING} in {folder / f'Pulumi.{stack.name}.yaml'} is the deployed image: {deployed.image}"
    )


def _show(invocation: Invocation) -> None:
    stack, output, now = invocation.stack, invocation.output, invocation.now()
    with translated(stack):
        deployed = deployed_image(stack)
        available = images(stack)
    own = is_in_repository(stack, deployed)
    found = find(deployed, available) if own else None
    newest = available[0] if available else None
    since = (
        f"{deployed.since:%Y-%m-%d %H:%M} UTC, {ago(deployed.since, now)}" if deployed.since else "not known"
    )
    if found:
        digest = found.digest
    elif not own:
        digest = "not known: the image is in another repository"
    elif stack.is_local:
        digest = "none: the local AWS runs the image of this checkout, without a registry"
    else:
        digest = "none: the repository has no such image"
    output.table(
        ("item", "value"),
        [
            ("deployed", deployed.image),
            ("digest", digest),
            ("architecture", deployed.architecture),
            ("since", f"{since} (task definition {deployed.revision})"),
            ("newest", _newest(newest, found, own=own)),
        ],
    )
    tagged = f"{stack['ecr_repository_url']}:{now:%Y-%m-%d}"
    # A program of its own is the base of the worker's image.
    base = " --build-arg BASE_IMAGE=the-programs-image" if deployed.runs_program else ""
    commands = [
        f"docker build --platform {_PLATFORMS.get(deployed.architecture, 'linux/amd64')} --provenance=false "
        f"--file container/Dockerfile --tag {tagged}{base} .",
        f"aws ecr get-login-password --region {stack.region} | docker login --username AWS --password-stdin "
        f"{stack['ecr_repository_url'].partition('/')[0]}",
        f"docker push {tagged}",
        f"pulumi config set --path {IMAGE_SETTING} {tagged} --stack {stack.name}",
        f"pulumi up --stack {stack.name}",
    ]
    if stack.is_local:
        commands = ["make run"]
    output.line()
    output.line("To deploy another:")
    for command in commands:
        output.line(f"  {command}")
    output.document(
        {
            "image": deployed.image,
            "digest": found.digest if found else None,
            "architecture": deployed.architecture,
            "since": iso(deployed.since),
            "task_definition": deployed.revision,
            "newest": {
                "digest": newest.digest,
                "tags": list(newest.tags),
                "pushed": iso(newest.pushed_at),
                "bytes": newest.bytes,
            }
            if newest
            else None,
            "is_newest": found == newest if found and newest else None,
            "deploy_commands": commands,
        }
    )


def _newest(newest: RepositoryImage | None, deployed: RepositoryImage | None, *, own: bool) -> str:
    if newest is None:
        return "the repository is empty"
    if newest == deployed:
        return "it is the newest one in the repository"
    name = ", ".join(newest.tags) or newest.digest
    where = " in the stack's own repository" if not own else ""
    return f"{name}{where}, pushed {newest.pushed_at:%Y-%m-%d %H:%M} UTC"
