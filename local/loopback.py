"""The access rule of all HTTP servers of this project on the loopback interface: programs may call, web pages may not.

A web page that is open in a browser on this machine can send requests to 127.0.0.1. A browser marks those of another
site with an `Origin` header, marks all that it sends with `Sec-Fetch-Site`, and writes into `Host` the name by which
the page knows the server, which is the page's own after DNS rebinding.
Sources: https://fetch.spec.whatwg.org/#origin-header, https://www.w3.org/TR/fetch-metadata/ and RFC 9112, section 3.2.
"""

from collections.abc import Iterable

ADDRESS = "127.0.0.1"
_NAMES = (ADDRESS, "localhost")
_HTTP_PORT = 80


def refusal(method: str, target: str, headers: Iterable[tuple[str, str]], port: int) -> str | None:
    """Return the reason why a server on `port` refuses a request, or None if it accepts the request.

    Args:
        method: the request's method.
        target: the request line's target, unchanged.
        headers: all headers, repeated ones included.
        port: the server's port.
    """
    sent = [(name.lower(), value) for name, value in headers]
    names = {name for name, _ in sent}
    if "origin" in names or "sec-fetch-site" in names or method == "OPTIONS":
        return "Requests of web browsers are refused."
    # An absolute target's authority would replace the Host header, so only paths are accepted.
    if not target.startswith("/"):
        return "The target of a request must be a path that starts with a slash."
    hosts = [value for name, value in sent if name == "host"]
    if len(hosts) != 1 or hosts[0] not in _hosts(port):
        return f"The Host header must be {' or '.join(_hosts(port))}, once."
    return None


def _hosts(port: int) -> tuple[str, ...]:
    # Clients omit the scheme's default port.
    return _NAMES if port == _HTTP_PORT else tuple(f"{name}:{port}" for name in _NAMES)
