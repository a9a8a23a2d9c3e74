"""The tags of a resource: its own, and the provider's default tags beneath them."""

from collections.abc import Mapping
from typing import Any

from local.provider.values import UNKNOWN, Properties


def all_tags(inputs: Properties, default_tags: Mapping[str, str]) -> Any:
    """Merge the default tags and a resource's own, which win."""
    own = inputs.get("tags", {})
    return UNKNOWN if own is UNKNOWN else {**default_tags, **own}


def own_tags(
    actual: Mapping[str, str], inputs: Properties, default_tags: Mapping[str, str]
) -> dict[str, str]:
    """Tell which of a resource's actual tags a program would have to give, beside the default tags."""
    given = inputs.get("tags", {})
    return {key: value for key, value in actual.items() if key in given or default_tags.get(key) != value}
