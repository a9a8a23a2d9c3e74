"""The versions that a pickled state depends on; a state of others is refused."""

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import version

from local.paths import ROOT

_SOURCES = ("local/emulator", "policies/guardrails/iam")
_DIGITS = 12


def versions() -> Mapping[str, str]:
    """Return the versions of this process, by name; the local AWS's own is the digest of its source files."""
    digest = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return {
        "Python": platform.python_version(),
        "moto": version("moto"),
        "local AWS": digest.hexdigest()[:_DIGITS],
    }
