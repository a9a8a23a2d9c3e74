"""The check of the caller's credentials."""

from cli.doctor.check import Context, Finding, ok


def check_credentials(context: Context) -> Finding:
    """Name the caller; the command ends before any check if the credentials are of another account, or of none."""
    arn = context.stack.client("sts").get_caller_identity()["Arn"]
    return ok(f"the caller is {arn}, in the account of the stack")
