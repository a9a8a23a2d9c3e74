"""The folder of the policy pack: within the installed package, or above it in a checkout."""

from pathlib import Path


def pack_folder() -> Path:
    """Return the folder that holds PulumiPolicy.yaml and limits/."""
    installed = Path(__file__).with_name("_pack")
    return installed if installed.is_dir() else Path(__file__).parents[1]
