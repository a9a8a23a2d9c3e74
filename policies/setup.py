"""Builds the wheel: the package `guardrails`, and in it the policy pack that `guardrails preview` hands to Pulumi."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FILES = (
    "__main__.py",
    "PulumiPolicy.yaml",
    "limits.schema.json",
    "what-if.yaml",
    "limits/*/*.json",
    "limits/*/settings.toml",
)
# The pack runs in a virtual environment: that of the checkout, or the one that it is installed in, from
# lib/python3.X/site-packages/guardrails/_pack.
OF_THE_CHECKOUT, OF_THE_PACKAGE = "virtualenv: ../.venv", "virtualenv: ../../../../.."


class BuildPack(build_py):
    """Copies the package, and the folder of the pack into it."""

    def run(self) -> None:
        """Copy everything."""
        # What an earlier build has left there would be in the wheel.
        shutil.rmtree(Path(self.build_lib, "guardrails"), ignore_errors=True)
        super().run()
        pack = Path(self.build_lib, "guardrails", "_pack")
        for path in (path for pattern in FILES for path in sorted(Path().glob(pattern))):
            copy = pack / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        project = pack / "PulumiPolicy.yaml"
        text = project.read_text(encoding="utf-8")
        if OF_THE_CHECKOUT not in text:
            raise RuntimeError(f"{project.name} has no {OF_THE_CHECKOUT}; correct it here as well")
        project.write_text(text.replace(OF_THE_CHECKOUT, OF_THE_PACKAGE), encoding="utf-8")


setup(cmdclass={"build_py": BuildPack})
