"""Injection of a fault book's faults into moto's answers to requests."""

import json
import time
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.s3.responses import S3Response

from local.emulator.errors import AwsError, answer_of
from local.emulator.faults import Fault, FaultBook
from local.emulator.patch import replace


def inject(book: FaultBook) -> None:
    """Check every request of every service against the book's faults before moto answers it."""

    def answer(original: Callable[..., Any], self: Any, *arguments: Any) -> Any:
        if not book.pending():
            return original(self, *arguments)
        fault = book.match(f"{self.boto3_service_name}:{self._get_action()}", _parameters(self))
        if fault is None:
            return original(self, *arguments)
        time.sleep(fault.seconds)
        if fault.seconds and fault.error is None and fault.failure is None:
            return original(self, *arguments)
        if fault.performed:
            original(self, *arguments)
        return _answer(self, fault)

    replace(BaseResponse, "call_action", answer)
    # S3 does not use call_action.
    replace(S3Response, "_bucket_response", answer)
    replace(S3Response, "_key_response", answer)


def _answer(response: Any, fault: Fault) -> Any:
    if fault.failure is not None:
        return response.serialized(ActionResult({"tasks": [], "failures": [{"reason": fault.failure}]}))
    return answer_of(AwsError(fault.error or "InternalFailure", fault.message), response, fault.status)


def _parameters(response: Any) -> Any:
    try:
        body = json.loads(response.body)
    except ValueError:
        body = {}
    # Values of query strings and forms are lists with one element.
    query = {key: values[0] for key, values in response.querystring.items()}
    return [body, query, {"path": response.parsed_url.path}]
