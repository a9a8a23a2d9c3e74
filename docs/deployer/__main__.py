"""The command `python -m docs.deployer STACK`: writes the IAM policies to deploy a stack into build/iam/."""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
INTERRUPTED = 130  # 128 and the number of SIGINT


def main() -> int:
    """Write the policies and return the exit code: 0, 1 (stack file), 2 (arguments), or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m docs.deployer", description=__doc__, allow_abbrev=False)
    parser.add_argument("stack", help="the stack, by its file Pulumi.<stack>.yaml")
    stack = parser.parse_args().stack
    if not (ROOT / f"Pulumi.{stack}.yaml").exists():
        parser.error(f"there is no Pulumi.{stack}.yaml in {ROOT}: name a stack that has a stack file")
    try:
        return _write(stack)
    except KeyboardInterrupt:
        print("python -m docs.deployer: interrupted; run it again to write the files.", file=sys.stderr)
        return INTERRUPTED


def _write(stack: str) -> int:
    # The page reads the guardrails' prices; the policy pack is imported from its own folder.
    sys.path.append(str(ROOT / "policies"))
    from yaml import YAMLError  # noqa: PLC0415 - slow imports, so Ctrl-C is handled

    from components.settings import SettingsError  # noqa: PLC0415
    from docs.deployer.page import KINDS, policies  # noqa: PLC0415

    try:
        written = {kind: policies(kind, stack) for kind in KINDS}
    except (SettingsError, YAMLError) as error:
        print(f"python -m docs.deployer: Pulumi.{stack}.yaml: {error}", file=sys.stderr)
        return 1
    folder = ROOT / "build" / "iam"
    folder.mkdir(parents=True, exist_ok=True)
    for kind, documents in written.items():
        for number, policy in enumerate(documents, 1):
            path = folder / f"{stack}-{kind}-{number}.json"
            path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
