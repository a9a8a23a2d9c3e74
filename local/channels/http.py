"""Requests and answers of the channels, without the HTTP server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Request:
    """An HTTP request with its body."""

    method: str
    path: str
    """The path without the query string."""
    headers: Mapping[str, str]
    """Headers by lower-case name."""
    body: bytes


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: str
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_accepted(self) -> bool:
        """True if the channel accepted the message."""
        return self.status < 300


def retry_after(answer: Answer, seconds: int | None) -> Answer:
    """Return an answer with a Retry-After header, unless `seconds` is None."""
    return answer if seconds is None else replace(answer, headers={"Retry-After": str(seconds)})


def json_answer(status: int, value: Any) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(status, json.dumps(value), "application/json")


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body.

    Raises:
        ValueError: if the body is not a JSON object in UTF-8.
    """
    try:
        value = json.loads(body.decode("utf-8"))
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("the JSON is not an object")  # noqa: TRY004 - it is the body that is wrong
    return value
