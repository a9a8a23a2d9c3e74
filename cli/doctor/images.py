"""The check of the workers' image."""

from cli.doctor.check import Context, Finding, fail, ok, unknown
from cli.images import architectures, find, images, is_in_repository


def check_image(context: Context) -> Finding:
    """Find an image that is missing from the repository, or built for another architecture."""
    image = context.image
    if context.stack.is_local:
        return ok("the local AWS runs the image of this checkout, without a registry")
    command = context.ccapi("image")
    if not is_in_repository(context.stack, image):
        return unknown(
            f"{image.image} is not in the stack's own repository, so it is not looked up",
            f"Check that it exists, and is built for {image.architecture}.",
            f"docker manifest inspect {image.image}",
        )
    available = images(context.stack)
    if find(image, available) is None:
        return fail(
            f"{image.image} is none of the {len(available)} images in the repository: no worker can start",
            "Push an image and deploy it.",
            command,
        )
    built = architectures(context.stack, image)
    if not built:
        return unknown(
            f"{image.image} is there; its manifest does not say for which architecture it is built",
            f"Check that it is {image.architecture}.",
            f"docker manifest inspect {image.image}",
        )
    if image.architecture not in built:
        return fail(
            f"{image.image} is built for {', '.join(sorted(built))}, and the workers are {image.architecture}",
            "Build it for the workers' architecture, or change ccapi:worker.architecture.",
            command,
        )
    return ok(f"{image.image} is in the repository, built for {image.architecture}")
