"""The outgoing calls of the function: HTTPS by the standard library, and SNS."""

import http.client
import ipaddress
import math
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from reporter.aws import AWS_ERRORS, Aws, error_name
from reporter.channels.channel import ChannelError, Response, clip
from reporter.clock import Clock

ATTEMPT_SECONDS = 5.0
_BODY_MAX_BYTES = 16_384
_ERROR_MAX_CHARACTERS = 400
_USER_AGENT = "CloudClearingAPI-reporter"
_THROTTLED = frozenset(
    {"Throttled", "Throttling", "ThrottlingException", "KMSThrottling", "RequestLimitExceeded"}
)

# The first match applies.
_SENTENCES: Mapping[type[Exception], str] = {
    ConnectionRefusedError: "the connection was refused",
    socket.gaierror: "the name of the server could not be resolved",
    ConnectionError: "the server closed the connection without an answer",
    http.client.HTTPException: "the answer is not HTTP",
}


class NetworkTransport:
    """The transport of the function; each call is one attempt.

    `http.client` follows no redirect and uses no proxy, and its connection knows the address in parts, so that the
    errors of a connection do not hold the URL. What remains of an exception here is a sentence without its text.
    """

    def __init__(self, aws: Aws, clock: Clock, redact: Callable[[str], str]) -> None:
        self._aws = aws
        self._clock = clock
        self._redact = redact
        self.attempt_seconds = ATTEMPT_SECONDS
        """The time for a POST, from the resolution of the name to the end of the answer."""

    def now(self) -> float:
        """Return the time of day, in seconds since 1970-01-01."""
        return self._clock.now()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Return the answer to a POST, of any status; raise ChannelError if there is none in time."""
        seconds = self.attempt_seconds
        connection, target = _connection(url, seconds)
        answers: list[Response | ChannelError] = []

        def send() -> None:
            try:
                answers.append(_answer(connection, target, body, headers))
            except Exception as error:  # noqa: BLE001  any exception may hold the URL
                answers.append(_without_text(error, seconds))
            finally:
                connection.close()

        # A socket's timeout bounds each read, not the whole; a thread that is left behind ends at the next one.
        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        thread.join(seconds)
        answer = answers[0] if answers else _no_answer(seconds)
        if isinstance(answer, ChannelError):
            raise answer
        return Response(answer.status, answer.headers, self._redact(answer.body))

    def publish(self, topic_arn: str, subject: str, text: str, attributes: Mapping[str, str]) -> None:
        """Publish to an SNS topic; raise ChannelError if it is refused."""
        try:
            self._aws.sns.publish(
                TopicArn=topic_arn,
                Subject=subject,
                Message=text,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )
        except AWS_ERRORS as error:
            failure = _refusal(error)
        else:
            return
        raise failure


def _connection(url: str, seconds: float) -> tuple[http.client.HTTPConnection, str]:
    """Return the connection for a URL, not yet open, and the target of the request."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    # http.client refuses the same characters, in an error that holds the host.
    is_readable = host.isprintable() and " " not in host
    if not host or not is_readable or not (scheme == "https" or (scheme == "http" and _is_loopback(host))):
        raise ChannelError("the URL is not an https URL", is_permanent=True, is_credential_refused=True)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=seconds), target
    return http.client.HTTPSConnection(host, port, timeout=seconds, context=_tls()), target


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _answer(
    connection: http.client.HTTPConnection, target: str, body: bytes, headers: Mapping[str, str]
) -> Response:
    connection.request("POST", target, body, {"User-Agent": _USER_AGENT, **headers})
    answer = connection.getresponse()
    text = answer.read(_BODY_MAX_BYTES).decode("utf-8", "replace")
    return Response(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)


def _no_answer(seconds: float) -> ChannelError:
    return ChannelError(f"no answer within {math.ceil(seconds)} s")


def _without_text(error: Exception, seconds: float) -> ChannelError:
    """Return the error as a sentence of this project's own."""
    if isinstance(error, TimeoutError):
        return _no_answer(seconds)
    if isinstance(error, ssl.SSLCertVerificationError):
        return ChannelError(
            f"the server's certificate is not valid: {error.verify_message}", is_permanent=True
        )
    if isinstance(error, http.client.InvalidURL | ValueError):
        return ChannelError("the URL is not valid", is_permanent=True, is_credential_refused=True)
    sentences = (sentence for kind, sentence in _SENTENCES.items() if isinstance(error, kind))
    return ChannelError(next(sentences, f"the request failed: {type(error).__name__}"))


def _refusal(error: Exception) -> ChannelError:
    """Return the reason why SNS refused a call; the text of its errors names the action and the topic."""
    if not isinstance(error, ClientError):
        return ChannelError(f"SNS: {type(error).__name__}")
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    name, text = error_name(error), str(error.response.get("Error", {}).get("Message", ""))
    return ChannelError(
        clip(f"SNS: {name}: {text}", _ERROR_MAX_CHARACTERS),
        is_permanent=400 <= status < 500 and name not in _THROTTLED,
    )
