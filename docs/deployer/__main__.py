"""The command `python -m docs.deployer STACK`: writes the IAM policies to deploy a stack into build/iam/.

With `--github OWNER/REPOSITORY` it writes the trust policies of the roles for GitHub Actions too.
"""

import argparse
import json
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FOLDER = ROOT / "build" / "iam"
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
INTERRUPTED = 130  # 128 and the number of SIGINT


def main() -> int:
    """Write the policies and return the exit code: 0, 1 (stack file), 2 (arguments), or 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m docs.deployer", description=__doc__, allow_abbrev=False)
    parser.add_argument("stack", help="the stack, by its file Pulumi.<stack>.yaml")
    parser.add_argument(
        "--github", metavar="OWNER/REPOSITORY", help="write the trust policies for its workflows too"
    )
    arguments = parser.parse_args()
    stack = arguments.stack
    if not (ROOT / f"Pulumi.{stack}.yaml").exists():
        parser.error(f"there is no Pulumi.{stack}.yaml in {ROOT}: name a stack that has a stack file")
    if arguments.github and not REPOSITORY.fullmatch(arguments.github):
        parser.error(f"--github {arguments.github} is no repository: write OWNER/REPOSITORY")
    try:
        return _write(stack, arguments.github)
    except KeyboardInterrupt:
        print("python -m docs.deployer: interrupted; run it again to write the files.", file=sys.stderr)
        return INTERRUPTED


def _write(stack: str, repository: str | None) -> int:
    # The page reads the guardrails' prices; the policy pack is imported from its own folder.
    sys.path.append(str(ROOT / "policies"))
    from yaml import YAMLError  # noqa: PLC0415 - slow imports, so Ctrl-C is handled

    from components.settings import SettingsError  # noqa: PLC0415
    from docs.deployer.github import trust_policies  # noqa: PLC0415
    from docs.deployer.page import KINDS, names_of, policies  # noqa: PLC0415

    try:
        documents = {
            f"{kind}-{number}": policy
            for kind in KINDS
            for number, policy in enumerate(policies(kind, stack), 1)
        }
        if repository:
            documents |= trust_policies(names_of(stack), repository)
    except (SettingsError, YAMLError) as error:
        print(f"python -m docs.deployer: Pulumi.{stack}.yaml: {error}", file=sys.stderr)
        return 1
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for name, policy in documents.items():
        path = _FOLDER / f"{stack}-{name}.json"
        path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        print(os.path.relpath(path, ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
