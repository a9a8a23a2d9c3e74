"""The bootstrap of a function's process: `python -I -S bootstrap.py PACKAGES`.

It runs the handler with AWS's own runtime client, `awslambdaric`, where the packages hold it, and with a loop of the
standard library elsewhere. The process imports only from the function's folder, the packages of AWS's Python runtime,
and the standard library.
Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes" and "Building a custom runtime".
"""

import importlib
import json
import os
import site
import sys
import time
import traceback
import urllib.error
import urllib.request


class Context:
    """The context object that the standard library's loop passes to handlers.

    Source: AWS Lambda Developer Guide, "Using the Lambda context object to retrieve Python function information".
    """

    def __init__(self, request_id: str, function_arn: str, deadline_milliseconds: int) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = function_arn
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = self.identity = None
        self._deadline_milliseconds = deadline_milliseconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds that are left before the function times out."""
        return max(0, self._deadline_milliseconds - int(time.time() * 1000))


def main(packages: str) -> None:
    """Serve invocations until the process is ended."""
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path[:0] = [root, packages]
    # `-S` omits exit() and quit(), which handlers may use.
    site.setquit()
    os.chdir(root)
    handler = os.environ["_HANDLER"]
    try:
        client = importlib.import_module("awslambdaric.lambda_runtime_client")
    except ImportError:
        client = None
    # The client's compiled part is missing on platforms without a wheel.
    if client is not None and client.runtime_client is not None:
        importlib.import_module("awslambdaric.__main__").main(["bootstrap", handler])
    else:
        _serve(handler)


def _serve(name: str) -> None:
    """Serve invocations with the standard library."""
    api = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        module, _, attribute = name.rpartition(".")
        handler = getattr(importlib.import_module(module.replace("/", ".")), attribute)
    except Exception as error:  # noqa: BLE001 - a module may raise anything
        _post(opener, f"{api}/init/error", _load_error(name, error))
        sys.exit(1)
    while True:
        with opener.open(f"{api}/invocation/next") as answer:
            headers, event = answer.headers, json.load(answer)
        request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        deadline = int(headers["Lambda-Runtime-Deadline-Ms"])
        context = Context(request_id, headers["Lambda-Runtime-Invoked-Function-Arn"], deadline)
        try:
            path, body = "response", json.dumps(handler(event, context))
        except Exception as error:  # noqa: BLE001 - a handler may raise anything
            traceback.print_exc()
            path, body = "error", json.dumps(_error(error, request_id))
        _post(opener, f"{api}/invocation/{request_id}/{path}", body)


def _load_error(name: str, error: Exception) -> str:
    traceback.print_exc()
    described = _error(error, "")
    module, _, attribute = name.rpartition(".")
    if isinstance(error, ImportError):
        described |= {
            "errorType": "Runtime.ImportModuleError",
            "errorMessage": f"Unable to import module '{module}': {error}",
        }
    elif isinstance(error, AttributeError):
        described |= {
            "errorType": "Runtime.HandlerNotFound",
            "errorMessage": f"Handler '{attribute}' missing on module '{module}'",
        }
    return json.dumps(described)


def _error(error: Exception, request_id: str) -> dict[str, object]:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def _post(opener: urllib.request.OpenerDirector, url: str, body: str) -> None:
    with opener.open(urllib.request.Request(url, body.encode(), method="POST")):  # noqa: S310 - this machine's
        pass


if __name__ == "__main__":
    main(sys.argv[1])
