"""Puts a function of ours in the place of one of moto's."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Replace `owner.name`; the replacement receives the original as its first argument."""
    original = getattr(owner, name)
    inherited = inspect.isclass(owner) and name not in vars(owner)

    @functools.wraps(original)
    def patched(*args: Any, **kwargs: Any) -> Any:
        # What is inherited is looked up late: the base class may be patched after this one.
        before = getattr(super(owner, args[0]), name).__func__ if inherited else original
        return replacement(before, *args, **kwargs)

    # Of a class method, getattr gave the method bound to its class: what replaces it needs no class.
    bound = isinstance(inspect.getattr_static(owner, name), staticmethod | classmethod)
    setattr(owner, name, staticmethod(patched) if bound else patched)
