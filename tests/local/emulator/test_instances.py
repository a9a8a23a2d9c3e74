import weakref

import pytest
from moto.core.common_models import BaseModel

from local.emulator.moto_patches import instances


class Model(BaseModel):
    def __init__(self, name: str) -> None:
        self.name = name


def test_a_model_without_a_reference_is_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseModel, "__new__", BaseModel.__new__)
    instances.apply()

    model = Model("it")
    reference = weakref.ref(model)
    assert model.name == "it"
    del model

    assert reference() is None
