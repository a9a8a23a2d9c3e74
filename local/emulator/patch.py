"""Functions of ours in the place of moto's, or beside them."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Replace `owner.name`; the replacement receives the original as its first argument."""
    original = getattr(owner, name)
    # Of a class method, getattr gives the method bound to its class: what replaces it needs no class.
    bound = isinstance(inspect.getattr_static(owner, name), staticmethod | classmethod)
    if inspect.isclass(owner) and name not in vars(owner):
        # What is inherited is looked up late: the base class may be patched after this one.
        original = functools.partial(_call_inherited, owner, name)

    @functools.wraps(original, updated=())
    def patched(*args: Any, **kwargs: Any) -> Any:
        return replacement(original, *args, **kwargs)

    setattr(owner, name, staticmethod(patched) if bound else patched)


def add(owner: type, name: str, method: Callable[..., Any]) -> None:
    """Give a class of moto's a method that it lacks; raise `ValueError` once moto has one itself."""
    if hasattr(owner, name):
        raise ValueError(f"moto has {owner.__name__}.{name} by now: remove the patch that adds it")
    setattr(owner, name, method)


def _call_inherited(owner: type, name: str, self: Any, *args: Any, **kwargs: Any) -> Any:
    return getattr(super(owner, self), name)(*args, **kwargs)
