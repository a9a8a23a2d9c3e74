"""The table of resource types: the entries of local/provider/types, by token."""

from collections.abc import Mapping
from difflib import get_close_matches

from local.provider.errors import ProviderError
from local.provider.resource_type import ResourceType
from local.provider.schema import resource_schema
from local.provider.types import TYPES

TABLE: Mapping[str, ResourceType] = {kind.token: kind for kind in TYPES}


def find_type(token: str) -> ResourceType:
    """Return the entry of a type; raise ProviderError if there is none."""
    if token in TABLE:
        return TABLE[token]
    if resource_schema(token) is not None:
        raise ProviderError(
            f"the stand-in provider does not support {token} yet. Give it an entry under "
            f"local/provider/types, as local/provider/README.md shows, or deploy with the released pulumi-resource-aws."
        )
    near = get_close_matches(token, TABLE, n=3)
    hint = f"Similar types: {', '.join(near)}." if near else "Look the type up in pulumi-aws's documentation."
    raise ProviderError(f"pulumi_aws has no type {token}. {hint}")
