"""The check of the secrets."""

import json

from cli.doctor.check import Context, Finding, fail, ok
from cli.images import DeployedImage
from cli.secrets.secret_kinds import EARTH_ENGINE
from cli.secrets.stored_secrets import stored_secrets
from reporter.words import count


def check_secrets(context: Context) -> Finding:
    """Find secrets that are damaged, or empty although the deployed stack needs them."""
    found = stored_secrets(context.stack)
    damaged = [each for each in found if each.problem]
    is_set = [each for each in found if each.is_set]
    seen = f"{count(len(is_set), 'secret')} of {len(found)} set, {len(damaged)} damaged"
    if damaged:
        first = damaged[0]
        return fail(
            f"{seen}: {'; '.join(f'{each.kind.word} {each.problem}' for each in damaged)}",
            "Set it again; each value is checked before it is stored.",
            context.ccapi(f"secret set {first.kind.word}"),
        )
    earth_engine = next(each for each in found if each.kind is EARTH_ENGINE)
    if needs_earth_engine(context.image) and not earth_engine.is_set:
        return fail(
            f"{seen}: the program needs the service account of Earth Engine, and the secret is empty",
            "Store the key of the service account.",
            f"{context.ccapi('secret set earth-engine')} < service-account.json",
        )
    return ok(f"{seen} ({', '.join(each.kind.word for each in is_set) or 'none'})")


def needs_earth_engine(image: DeployedImage) -> bool:
    """Return true if the workload logs in to Earth Engine."""
    if image.environment.get("WORKLOAD") != "command":
        return False
    return bool(json.loads(image.environment.get("COMMAND") or "{}").get("earthEngine", True))
