"""Writes what is made of the code: `make docs`."""

import sys
from pathlib import Path

# The policy pack is a root of its own, as Pulumi runs it.
sys.path.append(str(Path(__file__).parents[1] / "policies"))

from docs.generated import write

write()
