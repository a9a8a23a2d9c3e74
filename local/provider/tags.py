"""The tags of a resource: its own tags, merged over the provider's default tags."""

from collections.abc import Mapping
from typing import Any

from local.provider.values import UNKNOWN, Properties


def all_tags(inputs: Properties, default_tags: Mapping[str, str]) -> Any:
    """Return the default tags merged with a resource's own tags, which take precedence."""
    own = inputs.get("tags", {})
    return UNKNOWN if own is UNKNOWN else {**default_tags, **own}


def own_tags(
    actual: Mapping[str, str], inputs: Properties, default_tags: Mapping[str, str]
) -> dict[str, str]:
    """Return the actual tags of a resource without those that come from the default tags."""
    given = inputs.get("tags", {})
    return {key: value for key, value in actual.items() if key in given or default_tags.get(key) != value}
