"""The task metadata endpoint: a container reads its task's ARN, size and log stream there.

Source: Amazon ECS Developer Guide, "Amazon ECS task metadata endpoint version 4 for tasks on Fargate".
"""

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from local.agent.spec import ContainerSpec
from local.loopback import ADDRESS, refusal

_CPU_UNITS_PER_VCPU = 1024


class MetadataEndpoint:
    """An HTTP server on the loopback interface with a random path for each running container."""

    def __init__(self) -> None:
        self._specs: dict[str, ContainerSpec] = {}
        self._server = ThreadingHTTPServer((ADDRESS, 0), _handler(self._find))
        threading.Thread(target=self._server.serve_forever, name="metadata", daemon=True).start()

    def add(self, spec: ContainerSpec) -> str:
        """Add a container and return the address of its metadata."""
        name = secrets.token_urlsafe()
        self._specs[name] = spec
        return f"http://{ADDRESS}:{self._server.server_port}/v4/{name}"

    def remove(self, spec: ContainerSpec) -> None:
        """Remove a container."""
        for name in [name for name, known in self._specs.copy().items() if known is spec]:
            del self._specs[name]

    def _find(self, path: str) -> Mapping[str, Any] | None:
        _, version, name, *rest = [*path.split("/"), "", ""]
        spec = self._specs.get(name)
        if version != "v4" or spec is None:
            return None
        match rest[0]:
            case "":
                return container_metadata(spec)
            case "task":
                return task_metadata(spec)
        return None


def container_metadata(spec: ContainerSpec) -> dict[str, Any]:
    """Return the metadata of a container."""
    metadata: dict[str, Any] = {
        "DockerId": spec.task_id,
        "Name": spec.name,
        "DockerName": spec.name,
        "Image": spec.image,
        "Labels": {
            "com.amazonaws.ecs.cluster": spec.cluster_arn,
            "com.amazonaws.ecs.container-name": spec.name,
            "com.amazonaws.ecs.task-arn": spec.task_arn,
            "com.amazonaws.ecs.task-definition-family": spec.family,
            "com.amazonaws.ecs.task-definition-version": spec.revision,
        },
        "DesiredStatus": "RUNNING",
        "KnownStatus": "RUNNING",
        "Limits": {"CPU": spec.cpu_units, "Memory": spec.memory_mib},
        "Type": "NORMAL",
    }
    if spec.log_options:
        metadata["LogDriver"] = "awslogs"
        metadata["LogOptions"] = {
            "awslogs-group": spec.log_options.group,
            "awslogs-region": spec.log_options.region,
            "awslogs-stream": spec.log_options.stream,
        }
    return metadata


def task_metadata(spec: ContainerSpec) -> dict[str, Any]:
    """Return the metadata of a task."""
    return {
        "Cluster": spec.cluster_arn,
        "TaskARN": spec.task_arn,
        "Family": spec.family,
        "Revision": spec.revision,
        "DesiredStatus": "RUNNING",
        "KnownStatus": "RUNNING",
        "Limits": {"CPU": spec.cpu_units / _CPU_UNITS_PER_VCPU, "Memory": spec.memory_mib},
        "LaunchType": "FARGATE",
        "Containers": [container_metadata(spec)],
    }


def _handler(find: Callable[[str], Mapping[str, Any] | None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _, port = cast("tuple[str, int]", self.server.server_address)
            reason = refusal(self.command, self.path, self.headers.items(), port)
            found = None if reason else find(self.path)
            body = json.dumps(found or {"error": reason or "not found"}).encode()
            self.send_response(403 if reason else 200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gives
            """Write nothing."""

    return Handler
