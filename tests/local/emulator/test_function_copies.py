import base64
from collections.abc import Iterator

import pytest
from moto.awslambda.models import LambdaFunction, LambdaStorage
from moto.core.base_backend import BaseBackend
from moto.logs.models import logs_backends

from local.emulator.moto_patches import function_copies
from tests.local.lambdas import ECHO, zipped

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture
def stored() -> Iterator[LambdaStorage]:
    spec = {
        "FunctionName": "echo",
        "Role": f"arn:aws:iam::{ACCOUNT}:role/echo",
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "Code": {"ZipFile": base64.b64encode(zipped(ECHO)).decode()},
    }
    storage = LambdaStorage(REGION, ACCOUNT)
    function = LambdaFunction(ACCOUNT, spec, REGION)
    storage._functions["echo"] = {"latest": function, "versions": []}
    function_copies.apply()
    yield storage
    del BaseBackend.__deepcopy__  # type: ignore[attr-defined]


def test_a_list_of_functions_refers_to_the_logs_of_the_region(stored: LambdaStorage) -> None:
    (listed,) = stored.all()

    assert listed.logs_backend is logs_backends[ACCOUNT][REGION]


def test_a_listed_function_is_a_copy(stored: LambdaStorage) -> None:
    (listed,) = stored.all()

    assert listed is not stored._functions["echo"]["latest"]
    assert listed.function_arn == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:echo:$LATEST"
