"""Lists and descriptions that are made once.

AWS: no counterpart. moto lists its services at every request and the errors of a service at every refusal, which took
an eighth of the time of all answers of a run; and it reads the description of each service twice.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from moto import backends
from moto.core import errors, utils
from moto.core.base_backend import AccountSpecificBackend

from local.emulator.patch import replace


def apply() -> None:
    """Keep the lists and the descriptions."""
    replace(backends, "list_of_moto_modules", cache(lambda original: frozenset(original())))
    replace(errors, "ErrorLookupFactory", cache(lambda original: original()))
    replace(utils, "create_loader", cache(lambda original: original()))
    replace(AccountSpecificBackend, "get_session", _session_of_regions)


@cache
def _session_of_regions(original: Callable[..., Any]) -> Any:
    """Return the session that knows the regions of a service; it reads the descriptions that moto serves."""
    session = original()
    session._session.register_component("data_loader", vars(utils)["create_loader"]())
    return session
