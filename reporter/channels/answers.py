"""The meaning of HTTP answers: which are retried, and after which pause."""

import calendar
import time
from collections.abc import Callable, Mapping

from reporter.channels.channel import ChannelError, Response, clip

_REFUSED_CREDENTIAL = frozenset({401, 403, 404})
_RETRIED = frozenset({408, 425, 429})
_EXPLANATION_MAX_CHARACTERS = 300


def check(
    response: Response, explain: Callable[[Response], str] = lambda response: response.body, *, now: float
) -> None:
    """Raise ChannelError unless the status is 2xx; `explain` returns the server's own error text."""
    status = response.status
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise ChannelError(f"HTTP {status}: redirects are not followed", is_permanent=True)
    explanation = clip(" ".join(explain(response).split()), _EXPLANATION_MAX_CHARACTERS)
    retried = status in _RETRIED or status >= 500
    raise ChannelError(
        f"HTTP {status}: {explanation}" if explanation else f"HTTP {status}",
        retry_after(response.headers, now) if retried else None,
        is_permanent=not retried,
        is_credential_refused=status in _REFUSED_CREDENTIAL,
    )


def refused(response: Response, why: str) -> ChannelError:
    """Return the error of an answer whose status is 2xx and whose body says that the message was refused."""
    return ChannelError(
        f"HTTP {response.status}: {clip(' '.join(why.split()), _EXPLANATION_MAX_CHARACTERS)}",
        is_permanent=True,
    )


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds in the header Retry-After, which has a number or a date; None without a readable one."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        # RFC 9110, section 10.2.3; the date is in GMT.
        date = time.strptime(value, "%a, %d %b %Y %H:%M:%S GMT")
    except ValueError:
        return None
    return max(0.0, calendar.timegm(date) - now)
