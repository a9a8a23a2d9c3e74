"""The Runtime API, and the bootstrap with and without AWS's own client."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from local.agent.functions import bootstrap
from local.agent.functions.packages import link_packages
from local.agent.functions.runtime_api import RuntimeApi
from local.agent.functions.specification import FunctionSpec, Outcome, Request
from tests.local.agent.test_other_users import as_other_user
from tests.local.emulator.local_aws import eventually
from tests.local.lambdas import ECHO

SPEC = FunctionSpec(
    function_arn="arn:aws:lambda:us-east-1:123456789012:function:reporter",
    revision="1",
    name="reporter",
    version="$LATEST",
    handler="app.handler",
    runtime="python3.13",
    memory_mib=128,
    timeout_seconds=900,
    environment={},
    region="us-east-1",
    log_group="/aws/lambda/reporter",
    log_format="Text",
    log_level="",
)


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    api = RuntimeApi(SPEC)
    yield api
    api.close()


def request(request_id: str, payload: Any) -> Request:
    return Request(id=request_id, payload=json.dumps(payload), client_context="")


def outcome(api: RuntimeApi) -> Outcome:
    found = eventually(lambda: api.outcome(0.1))
    assert found
    api.finish()
    return found


class Process:
    """A process that runs the bootstrap."""

    def __init__(self, api: RuntimeApi, folder: Path, code: str, packages: Path) -> None:
        (folder / "app.py").write_text("import app_code\nfrom app_code import handler\n")
        (folder / "app_code.py").write_text(code)
        environment = {
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "LAMBDA_TASK_ROOT": str(folder),
            "_HANDLER": SPEC.handler,
            "AWS_LAMBDA_FUNCTION_NAME": SPEC.name,
            "AWS_LAMBDA_FUNCTION_VERSION": SPEC.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(SPEC.memory_mib),
            "AWS_LAMBDA_LOG_GROUP_NAME": SPEC.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", bootstrap.__file__, str(packages)], env=environment
        )

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(params=["standard library", "awslambdaric"])
def bootstrap_packages(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "packages"
    if request.param == "standard library":
        folder.mkdir()
        return folder
    link_packages(folder)
    if not (folder / "awslambdaric").exists():
        pytest.skip("there is no awslambdaric for this machine")
    return folder


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


def test_either_bootstrap_runs_one_invocation_after_the_other(
    api: RuntimeApi, code: Path, bootstrap_packages: Path
) -> None:
    with Process(api, code, dedent(ECHO), bootstrap_packages):
        for number in (1, 2):
            api.give(request(f"request-{number}", {"number": number}))

            answered = outcome(api)

            found = json.loads(answered.payload)
            assert not answered.is_error
            assert (found["count"], found["event"]) == (number, {"number": number})
            assert found["id"] == f"request-{number}"


def test_either_bootstrap_reports_an_exception_in_the_same_words(
    api: RuntimeApi, code: Path, bootstrap_packages: Path
) -> None:
    with Process(api, code, dedent(ECHO), bootstrap_packages):
        api.give(request("request-1", {"fails": True}))

        failed = outcome(api)

    found = json.loads(failed.payload)
    assert failed.is_error
    assert (found["errorType"], found["errorMessage"]) == ("NotDeliveredError", "nowhere to deliver")
    assert found["requestId"] == "request-1"
    assert [line for line in found["stackTrace"] if "in handler" in line] == found["stackTrace"]


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        (
            "import absent",
            ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'absent'"),
        ),
        (
            "import sys\nsys.modules['app_code'] = type(sys)('app_code')",
            (
                "Runtime.ImportModuleError",
                "Unable to import module 'app': cannot import name 'handler' from 'app_code' (unknown location)",
            ),
        ),
        ("raise OSError('no disk')", ("OSError", "no disk")),
    ],
    ids=["a package", "a name", "anything else"],
)
def test_either_bootstrap_reports_a_module_that_cannot_be_loaded(
    api: RuntimeApi, code: Path, bootstrap_packages: Path, lines: str, error: tuple[str, str]
) -> None:
    with Process(api, code, lines, bootstrap_packages) as started:
        api.give(request("request-1", {}))

        failed = outcome(api)
        assert started.process.wait() == 1

    found = json.loads(failed.payload)
    assert failed.is_error
    assert (found["errorType"], found["errorMessage"]) == error


def test_a_function_finds_boto3_and_nothing_else_of_this_environment(tmp_path: Path) -> None:
    link_packages(tmp_path / "packages")

    found = {path.name for path in (tmp_path / "packages").iterdir()}

    assert {"boto3", "botocore", "s3transfer", "urllib3"} <= found
    assert not {"pulumi", "pydantic", "moto", "numpy"} & found


def status(api: RuntimeApi, path: str, **headers: str) -> int:
    asked = urllib.request.Request(f"http://{api.address}{path}", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - the address is this machine's
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_web_pages_are_refused(api: RuntimeApi) -> None:
    api.give(request("request-1", {}))

    assert status(api, "/2018-06-01/runtime/invocation/next", Origin="https://example.com") == 403
    assert status(api, "/2018-06-01/runtime/invocation/next") == 200


def test_another_path_is_not_found(api: RuntimeApi) -> None:
    assert status(api, "/2018-06-01/extension/register") == 404


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the users of connections")
def test_another_user_is_refused(api: RuntimeApi) -> None:
    api.give(request("request-1", {}))

    assert as_other_user(lambda: status(api, "/2018-06-01/runtime/invocation/next")) == 403
