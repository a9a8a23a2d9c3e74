"""A boolean is no number: YAML's `true` would count as 1."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from components.settings import Settings
from components.settings.base import SettingsModel


def whole_numbers(model: type[Any]) -> Iterator[tuple[type[SettingsModel], str]]:
    """Yield each whole number in a model and the models in it."""
    for name, field in model.model_fields.items():
        for kind in (field.annotation, *get_args(field.annotation)):
            if kind is int:
                yield model, name
            elif isinstance(kind, type) and issubclass(kind, SettingsModel):
                yield from whole_numbers(kind)


NUMBERS = sorted(set(whole_numbers(Settings)), key=str)


def test_the_settings_have_whole_numbers() -> None:
    assert len(NUMBERS) > 20


@pytest.mark.parametrize(
    ("model", "name"), NUMBERS, ids=[f"{model.__name__}.{name}" for model, name in NUMBERS]
)
def test_a_boolean_is_refused_for_a_whole_number(model: type[SettingsModel], name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate({name: True})
    found = {error["loc"]: error["type"] for error in caught.value.errors()}
    (field,) = (each for each in found if each[0] in {name, model.model_fields[name].alias})
    assert found[field] == "int_type"
