"""The conversion of a stack file's `aws:` keys to arguments of pulumi_aws's provider.

Names and types come from `pulumi_aws.ProviderArgs`, so that keys of later provider versions are passed on
too.
"""

import inspect
import re
import typing
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import GenericAlias
from typing import Any

import pulumi_aws as aws
from pulumi._types import _PULUMI_NAME, input_type_types, is_input_type, unwrap_type
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from components.settings import InvalidSetting, SettingsError
from components.settings.errors import from_pydantic

# Values that no message may contain, even if the stack file has them in plain text.
_CREDENTIALS = frozenset({"accessKey", "secretKey", "token"})
_PLAIN_TYPES = (str, bool, int, float)
_LONGEST_TAG_NAME, _LONGEST_TAG_VALUE = 128, 256
_TAG_TEXT = re.compile(r"[\w +=.:/@-]*")
_TAG_CHARACTERS = "letters, digits, spaces and + - = . _ : / @"
# AWS allows 50 per resource: the stack sets three, and some resources get a name.
_MOST_TAGS = 46


class _Block(BaseModel):
    """A group of settings below a key."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


def provider_keys() -> Sequence[str]:
    """Return the keys that the provider accepts, without `aws:`, in alphabetical order."""
    return sorted(_names(aws.ProviderArgs))


def argument_of(key: str) -> str:
    """Return the Python name of the argument that a key sets."""
    return _names(aws.ProviderArgs)[key]


def provider_arguments(
    values: Mapping[str, Any], *, account: str | None, encrypted: Collection[str] = ()
) -> dict[str, Any]:
    """Return the provider's arguments for a stack's `aws:` keys, which are passed without that prefix.

    `account` is the stack's own, or None if the stack file has no valid one. The result omits
    `allowedAccountIds`, since the stack's account is the only one allowed.

    Raises:
        SettingsError: with every key that the provider does not accept, or whose value is invalid.
    """
    arguments: dict[str, Any] = {}
    mistakes: list[InvalidSetting] = []
    for key, value in sorted(values.items()):
        if key not in provider_keys():
            text = f"is not a setting of the AWS provider; take it out, or write one of {', '.join(provider_keys())}"
            mistakes.append(InvalidSetting(f"aws:{key}", text))
            continue
        form = TypeAdapter(_form(input_type_types(aws.ProviderArgs)[key]))
        try:
            parsed = form.validate_python(value)
        except ValidationError as error:
            secret = key in _CREDENTIALS or key in encrypted
            mistakes += from_pydantic(error, f"aws:{key}", secret=secret)
            continue
        arguments[argument_of(key)] = form.dump_python(parsed, by_alias=True, exclude_unset=True)
    mistakes += _of_accounts(arguments, account)
    tags = arguments.get("default_tags", {}).get("tags", {})
    mistakes += _of_tags(tags, secret="defaultTags" in encrypted)
    if mistakes:
        raise SettingsError(mistakes)
    arguments.pop("allowed_account_ids", None)
    return arguments


def _of_accounts(arguments: Mapping[str, Any], account: str | None) -> list[InvalidSetting]:
    allowed = arguments.get("allowed_account_ids")
    mistakes = []
    if allowed is not None and account is not None and account not in allowed:
        mistakes.append(
            InvalidSetting(
                "aws:allowedAccountIds",
                f"does not have the stack's own account {account}; add it, or take the list out: nothing is deployed "
                "to any other account",
            )
        )
    if "forbidden_account_ids" in arguments:
        # The provider takes one of the two lists: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
        mistakes.append(
            InvalidSetting(
                "aws:forbiddenAccountIds",
                "cannot be set beside the stack's own account, the only one that is deployed to; take it out",
            )
        )
    return mistakes


def _of_tags(tags: Mapping[str, str], *, secret: bool) -> list[InvalidSetting]:
    """Return the mistakes in tags that AWS would only reject in the middle of a deployment.

    Source: "Tag naming limits and requirements" (https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html).
    """
    names = [("name", text, 1, _LONGEST_TAG_NAME) for text in tags]
    values = [("value", text, 0, _LONGEST_TAG_VALUE) for text in tags.values()]
    found = []
    for what, text, low, high in (*names, *values):
        which = f"a {what}" if secret else f"the {what} {text!r}"
        if what == "name" and text.lower().startswith("aws:"):
            found.append(f"{which} begins with aws:, which is AWS's own; write another")
        if not low <= len(text) <= high:
            found.append(f"{which} has {len(text)} characters; write {low} to {high}")
        if _TAG_TEXT.fullmatch(text) is None:
            found.append(f"{which} has characters other than {_TAG_CHARACTERS}; write only these")
    if len(tags) > _MOST_TAGS:
        found.append(
            f"has {len(tags)} tags; write at most {_MOST_TAGS}, since resources get tags of the stack too"
        )
    return [InvalidSetting("aws:defaultTags", text) for text in found]


@cache
def _names(cls: type) -> Mapping[str, str]:
    """Return the Python name of each property of an input class, by its name in a stack file."""
    return {
        getattr(member.fget, _PULUMI_NAME): name
        for name, member in vars(cls).items()
        if isinstance(member, property) and hasattr(member.fget, _PULUMI_NAME)
    }


def _form(annotation: Any) -> Any:
    """Return the type that validates a stack file's value, from the type of the provider's argument."""
    annotation = unwrap_type(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Union:  # an enum, or its plain value
        return next((_form(argument) for argument in arguments if argument in _PLAIN_TYPES), Any)
    if isinstance(annotation, type) and is_input_type(annotation):
        return _block(annotation)
    if origin is not None and issubclass(origin, Sequence):
        return GenericAlias(tuple, (_form(arguments[0]), ...))
    if origin is not None and issubclass(origin, Mapping):
        return GenericAlias(dict, (str, _form(arguments[1])))
    if annotation is str:
        # Account IDs, which stack files often contain without quotes.
        return typing.Annotated[str, Field(coerce_numbers_to_str=True)]
    return annotation if annotation in _PLAIN_TYPES else Any


def _block(cls: type) -> type[BaseModel]:
    parameters = inspect.signature(cls).parameters
    fields: dict[str, Any] = {}
    for key, annotation in input_type_types(cls).items():
        name = _names(cls)[key]
        needed = parameters[name].default is inspect.Parameter.empty
        fields[name] = (_form(annotation), Field(default=... if needed else None, alias=key))
    return create_model(cls.__name__, __base__=_Block, **fields)
