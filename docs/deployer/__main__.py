"""Writes the deployer's policies of a stack: `python -m docs.deployer dev` puts them into build/iam/."""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The page beside it reads the guardrails' prices.
sys.path.append(str(ROOT / "policies"))

from docs.deployer.page import KINDS, policies  # noqa: E402 - once the guardrails can be found

parser = argparse.ArgumentParser(prog="python -m docs.deployer", description=__doc__)
parser.add_argument("stack", help="the stack, by its file Pulumi.<stack>.yaml")
stack = parser.parse_args().stack
if not (ROOT / f"Pulumi.{stack}.yaml").exists():
    parser.error(f"there is no Pulumi.{stack}.yaml in {ROOT}: name a stack that has its file there")
folder = ROOT / "build" / "iam"
folder.mkdir(parents=True, exist_ok=True)
for kind in KINDS:
    for number, policy in enumerate(policies(kind, stack), 1):
        path = folder / f"{stack}-{kind}-{number}.json"
        path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
