"""Lists that are made once; moto makes them anew, of its services at every request, and of errors at every refusal.

AWS: no counterpart. Both took an eighth of the time of all answers of a run.
"""

from functools import cache

from moto import backends
from moto.core import errors

from local.emulator.patch import replace


def apply() -> None:
    """Keep the lists."""
    replace(backends, "list_of_moto_modules", cache(lambda original: frozenset(original())))
    replace(errors, "ErrorLookupFactory", cache(lambda original: original()))
