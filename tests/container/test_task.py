import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from worker import __main__ as worker
from worker.errors import ErrorName
from worker.task import Task, this_task

ARN = "arn:aws:ecs:us-east-1:123456789012:task/ccapi/1"


@pytest.fixture
def endpoint() -> Iterator[str]:
    """An address that answers as ECS does."""

    class Metadata(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            answer = {
                "Labels": {"com.amazonaws.ecs.task-arn": ARN},
                "LogOptions": {"awslogs-stream": "monitor/monitor/1"},
            }
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v4/1"
    server.shutdown()
    server.server_close()


def test_a_task_knows_its_arn_and_its_log_stream(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", endpoint)
    assert this_task() == Task(ARN, "monitor/monitor/1")


def test_outside_of_ecs_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECS_CONTAINER_METADATA_URI_V4", raising=False)
    assert this_task() == Task()


def test_if_the_endpoint_does_not_answer_the_task_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", "http://127.0.0.1:1/v4/1")
    assert this_task() == Task()


class Token:
    """A task token that keeps what it is answered."""

    def __init__(self) -> None:
        self.cause = ""

    def fail(self, _name: str, cause: str) -> None:
        self.cause = cause


@pytest.mark.parametrize("is_known", [True, False])
def test_a_failure_names_the_log_stream_of_its_worker(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    monkeypatch.setenv("ECS_CONTAINER_METADATA_URI_V4", endpoint if is_known else "http://127.0.0.1:1/v4/1")
    token = Token()
    worker._fail(token, ErrorName.CREDENTIALS_INVALID, "The secret is empty.")  # type: ignore[arg-type]
    assert token.cause == "The secret is empty." + (" Log stream: monitor/monitor/1" if is_known else "")
