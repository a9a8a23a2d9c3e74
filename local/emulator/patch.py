"""Functions that replace a function of moto's, or add one."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Replace `owner.name`; the replacement receives the original as its first argument."""
    original = getattr(owner, name)
    # getattr binds a class method to its class, so that its replacement needs no class argument.
    bound = isinstance(inspect.getattr_static(owner, name), staticmethod | classmethod)
    if inspect.isclass(owner) and name not in vars(owner):
        # An inherited method is looked up at each call, since the base class may be patched later.
        original = functools.partial(_call_inherited, owner, name)

    @functools.wraps(original, updated=())
    def patched(*args: Any, **kwargs: Any) -> Any:
        return replacement(original, *args, **kwargs)

    setattr(owner, name, staticmethod(patched) if bound else patched)


def add(owner: type, name: str, method: Callable[..., Any]) -> None:
    """Add a method to a class of moto's; raise `ValueError` if moto has it by now."""
    if hasattr(owner, name):
        raise ValueError(f"moto has {owner.__name__}.{name} by now: remove the patch that adds it")
    setattr(owner, name, method)


def _call_inherited(owner: type, name: str, self: Any, *args: Any, **kwargs: Any) -> Any:
    return getattr(super(owner, self), name)(*args, **kwargs)
