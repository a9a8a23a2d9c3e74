"""The checks of an existing program by `validate`."""

import base64
import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.container.processes import Fault
from tests.container.programs import PRIVATE_KEY, SERVICE_ACCOUNT, Program, put_secret
from worker import aws
from worker.errors import ErrorName, WorkerError
from worker.workloads.command import checks


def with_key(key: str) -> dict[str, Any]:
    return {**SERVICE_ACCOUNT, "private_key": key}


INVALID, CREDENTIALS = ErrorName.INVALID_INPUT, ErrorName.CREDENTIALS_INVALID
# A client of Earth Engine that records its arguments.
EARTH_ENGINE = """
import json
def ServiceAccountCredentials(email, key_file):
    return [email, json.load(open(key_file))["project_id"]]
def Initialize(credentials, project):
    print(json.dumps([credentials, project]), file=open("asked.json", "w"))
"""


def problems(program: Program, told: dict[str, Any] | None = None, **changes: Any) -> list[WorkerError]:
    _, workload = program.workload(told, **changes)
    return list(workload.problems())


def causes(program: Program, told: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    return [problem.cause for problem in problems(program, told, **changes)]


def test_a_program_that_has_all_it_needs_is_let_through(program: Program) -> None:
    assert problems(program) == []


def test_all_mistakes_are_reported_at_once_with_a_remedy(program: Program) -> None:
    (program.folder / "config" / "config.yaml").unlink()
    told = {"program": ["pythn", "weekly.py"]}
    found = problems(program, told, GEE_CREDENTIALS_SECRET="nowhere", GEE_PROJECT_ID="")
    assert [problem.name for problem in found] == [INVALID, INVALID, INVALID, INVALID, CREDENTIALS]
    for problem, said in zip(
        found,
        [
            "pythn is not in the image, or cannot be run: build the image from a base image that has it",
            "weekly.py does not exist, or cannot be read: build the image from a base image that has it",
            "config.yaml cannot be read (No such file or directory): correct command.configFile",
            "no Earth Engine project is set: write worker.earthEngineProject",
            "the secret nowhere does not exist or is empty: `aws secretsmanager put-secret-value",
        ],
        strict=True,
    ):
        assert said in problem.cause


def test_a_folder_that_is_not_in_the_image_is_reported_once(program: Program) -> None:
    (cause,) = causes(program, {"directory": "/nowhere/to/be/found"})
    assert "its folder /nowhere/to/be/found is not in the image" in cause


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("# nothing\n", "does not load (ValueError: it is empty)"),
        ("a: b: c", "does not load (yaml.scanner.ScannerError: mapping values are not allowed here"),
    ],
)
def test_a_config_file_that_does_not_load_is_reported_with_the_reason(
    program: Program, content: str, said: str
) -> None:
    (program.folder / "config" / "config.yaml").write_text(content)
    (cause,) = causes(program)
    assert said in cause


def test_a_config_file_that_is_no_yaml_has_only_to_hold_something(program: Program) -> None:
    (program.folder / "settings.ini").write_text("[a: b: c")
    assert causes(program, {"configFile": "settings.ini"}) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("not JSON", "holds no JSON object"),
        ("[]", "holds no JSON object"),
        (
            {},
            "type is not service_account, client_email is missing, private_key is missing, token_uri is missing",
        ),
        ({**SERVICE_ACCOUNT, "type": "of my own"}, "(type is not service_account)"),
        (
            {"type": "authorized_user"},
            "(type is authorized_user, not service_account: it is the login of a person)",
        ),
        (
            {"type": "external_account"},
            "it is workload identity federation, which needs AWS credentials that",
        ),
        (
            {"type": "impersonated_service_account"},
            "type is impersonated_service_account, not service_account",
        ),
        ({"key": json.dumps(SERVICE_ACCOUNT)}, "the JSON is the value of another key"),
        ("file://service-account.json", "holds the name of a file, not its content"),
        (json.dumps(json.dumps(SERVICE_ACCOUNT)), "it is the JSON written as a text of JSON"),
        (f"'{json.dumps(SERVICE_ACCOUNT)}'", "there are quotes around it"),
        (json.dumps(SERVICE_ACCOUNT).replace('"', '\\"'), "its quotes are escaped"),
        (base64.b64encode(json.dumps(SERVICE_ACCOUNT).encode()).decode(), "it is the base64 of one"),
        (base64.encodebytes(json.dumps(SERVICE_ACCOUNT).encode()).decode(), "it is the base64 of one"),
        (
            json.dumps(SERVICE_ACCOUNT).replace("\\n", "\n"),
            "its private_key has line ends where JSON has \\n",
        ),
        (json.dumps(SERVICE_ACCOUNT)[:900], "its end is missing"),
        (b"\xff\xd8 a picture", "is neither a JSON object nor a text"),
        (
            with_key(PRIVATE_KEY.replace("\n", "\\n")),
            "(private_key has its line ends escaped twice, as \\\\n)",
        ),
        (with_key(PRIVATE_KEY.replace("\n", " ")), "(private_key has blanks in place of its line ends)"),
        (with_key(PRIVATE_KEY.replace("\n", "")), "(private_key has no line ends)"),
        (with_key(PRIVATE_KEY[:900]), "(private_key has no line END PRIVATE KEY)"),
        (with_key(PRIVATE_KEY[28:]), "(private_key has no line BEGIN PRIVATE KEY)"),
        (with_key("opens nothing"), "(private_key has no line BEGIN PRIVATE KEY)"),
        (
            with_key(PRIVATE_KEY[:900] + PRIVATE_KEY[1200:]),
            "(private_key is cut off or changed: its length is",
        ),
        (
            with_key(PRIVATE_KEY[:900] + "?" + PRIVATE_KEY[901:]),
            "(private_key is cut off or changed: it is not base64)",
        ),
        (
            with_key(PRIVATE_KEY.replace("PRIVATE", "ENCRYPTED PRIVATE")),
            "(private_key is encrypted with a password)",
        ),
        ({**SERVICE_ACCOUNT, "private_key": ""}, "(private_key is missing)"),
        ({**SERVICE_ACCOUNT, "client_email": 1}, "(client_email is missing)"),
    ],
)
def test_a_secret_that_is_no_service_account_is_reported_without_its_content(
    program: Program, content: dict[str, Any] | str | bytes, said: str
) -> None:
    secret = put_secret(f"gee-{uuid4().hex}", " " if content == "" else content)
    (problem,) = problems(program, GEE_CREDENTIALS_SECRET=secret)
    assert problem.name == CREDENTIALS
    assert said in problem.cause
    put = f"put-secret-value --region us-east-1 --secret-id {secret} --secret-string file://"
    assert put in problem.cause
    assert not any(line in problem.cause for line in PRIVATE_KEY.splitlines()[1:-1])


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(SERVICE_ACCOUNT).encode(),
        b"\xef\xbb\xbf" + json.dumps(SERVICE_ACCOUNT, indent=2).encode(),
        json.dumps(SERVICE_ACCOUNT).encode("utf-16"),
        f"\ufeff{json.dumps(SERVICE_ACCOUNT)}\r\n",
        with_key(PRIVATE_KEY.replace("\n", "\r\n")),
        with_key(PRIVATE_KEY.strip()),
    ],
    ids=["a file", "a file with a BOM", "a file of PowerShell", "a BOM", "CRLF", "no last line end"],
)
def test_a_key_that_is_whole_is_taken_however_it_was_put(
    program: Program, content: dict[str, Any] | str | bytes
) -> None:
    (program.folder / "ee.py").write_text(EARTH_ENGINE)
    secret = put_secret(f"gee-{uuid4().hex}", content)
    assert problems(program, GEE_CREDENTIALS_SECRET=secret) == []


def test_a_secret_that_may_not_be_read_is_reported_with_the_missing_permissions(
    program: Program, fault: Fault
) -> None:
    fault(operation="secretsmanager:GetSecretValue", error="AccessDeniedException", times=4)
    (problem,) = problems(program)
    assert "(AccessDeniedException): allow the task's role secretsmanager:GetSecretValue" in problem.cause


def test_no_secret_at_all_is_reported(program: Program) -> None:
    assert "set GEE_CREDENTIALS_SECRET" in causes(program, GEE_CREDENTIALS_SECRET="")[0]


def test_earth_engine_is_checked_with_the_client_of_the_program(program: Program) -> None:
    (program.folder / "ee.py").write_text(EARTH_ENGINE)
    assert problems(program) == []
    asked = json.loads((program.folder / "asked.json").read_text())
    assert asked == [[SERVICE_ACCOUNT["client_email"], "java-monitoring"], "java-monitoring"]


@pytest.mark.parametrize("started", [["python", "run_weekly_java_monitor.py"], ["sh", "weekly.sh"]])
def test_the_client_is_imported_with_the_python_of_the_base_image(
    program: Program, base: Path, monkeypatch: pytest.MonkeyPatch, started: list[str]
) -> None:
    (packages,) = base.parent.glob("lib/python3.*/site-packages")
    (packages / "ee.py").write_text(EARTH_ENGINE)
    monkeypatch.setenv("PATH", f"{base}:{os.environ['PATH']}")
    assert problems(program, {"program": started}) == []
    assert (program.folder / "asked.json").exists()
    (packages / "ee.py").write_text("raise RuntimeError('the quota of today is used up')")
    (problem,) = problems(program, {"program": started})
    assert problem.name == CREDENTIALS
    assert "(RuntimeError: the quota of today is used up): register it for the project" in problem.cause


def test_an_image_without_a_python_is_not_tried_with_the_worker_s(
    program: Program, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (program.folder / "ee.py").write_text("raise RuntimeError")
    with caplog.at_level(logging.INFO, "worker"):
        assert problems(program, {"program": ["sh", "weekly.sh"]}) == []
    assert "not checked, since the image has no Python on its PATH: the login to Earth Engine" in caplog.text


def test_without_the_client_the_log_names_the_skipped_check(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "worker"):
        problems(program)
    assert "not checked, since the image has no package for it: the login to Earth Engine" in caplog.text


def test_a_refusal_of_earth_engine_is_reported_without_the_key(program: Program) -> None:
    key = SERVICE_ACCOUNT["private_key_id"]
    said = f"raise ValueError('project is not registered, key {key}')"
    (program.folder / "ee.py").write_text(
        f"{EARTH_ENGINE}\ndef Initialize(credentials, project):\n    {said}\n"
    )
    (problem,) = problems(program)
    assert problem.name == CREDENTIALS
    assert "(ValueError: project is not registered, key ***): register it for the project" in (problem.cause)


def test_earth_engine_that_does_not_answer_is_not_waited_for(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "EARTH_ENGINE_SECONDS", 0.5)
    (program.folder / "ee.py").write_text("import time\ntime.sleep(60)\n")
    assert "(no answer within 0.5 s)" in causes(program)[0]


def test_all_checks_together_end_within_half_a_minute() -> None:
    assert aws.PROMPT_SECONDS + checks.CONFIG_SECONDS + checks.EARTH_ENGINE_SECONDS < 30


@pytest.mark.parametrize("passing", ["ThrottlingException", "InternalServiceError"])
def test_a_secret_that_is_temporarily_unreadable_is_reported_as_such(
    program: Program, fault: Fault, monkeypatch: pytest.MonkeyPatch, passing: str
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    status = 500 if passing == "InternalServiceError" else 400
    fault(operation="secretsmanager:GetSecretValue", error=passing, status=status)
    (problem,) = problems(program)
    assert problem.name == ErrorName.SERVICE_UNAVAILABLE
    assert f"Secrets Manager does not answer ({passing})" in problem.cause


def test_an_unreachable_secrets_manager_is_reported_as_transient(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://127.0.0.1:1")
    (problem,) = problems(program)
    assert problem.name == ErrorName.SERVICE_UNAVAILABLE


def test_a_folder_without_disk_space_for_a_copy_is_reported_with_both_sizes(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    (program.folder / "model.bin").write_bytes(bytes(3 * 1024**2))
    usage = shutil.disk_usage(program.folder)._replace(free=2 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    (cause,) = causes(program)
    assert "4 MiB" in cause
    assert "and the disk has 2 MiB free" in cause
    assert "give the task more storage" in cause


def test_a_file_that_cannot_be_read_is_reported_unless_it_is_not_copied(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The user who runs the tests may have the permission to read every file.
    closed = {program.folder / "data" / "closed.bin", program.folder / ".git" / "closed"}
    for path in closed:
        path.parent.mkdir()
        path.touch()
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, *mode: path not in closed and allowed(path, *mode))
    (cause,) = causes(program)
    assert "(data/closed.bin is unreadable)" in cause


def test_a_program_without_earth_engine_needs_no_credentials(program: Program) -> None:
    told = {"earthEngine": False}
    assert problems(program, told, GEE_CREDENTIALS_SECRET="", GEE_PROJECT_ID="") == []
