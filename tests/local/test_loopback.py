import pytest

from local.loopback import refusal

PORT = 4566
HOST = [("Host", f"127.0.0.1:{PORT}")]


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
def test_a_program_may_prompt(method: str, host: str) -> None:
    assert refusal(method, "/bucket//key?list-type=2", [("host", host), ("Referer", "x")], PORT) is None


def test_the_port_of_http_is_left_out() -> None:
    assert refusal("GET", "/", [("Host", "127.0.0.1")], 80) is None
    assert refusal("GET", "/", [("Host", "127.0.0.1")], PORT)


@pytest.mark.parametrize(
    "value", ["", "null", "http://127.0.0.1:4566", "http://localhost:3000", "https://evil.test"]
)
@pytest.mark.parametrize("name", ["Origin", "origin", "ORIGIN"])
def test_an_origin_is_a_browsers(name: str, value: str) -> None:
    reason = refusal("POST", "/", [*HOST, (name, value)], PORT)
    assert reason == "Requests of web browsers are refused."


@pytest.mark.parametrize("site", ["cross-site", "same-site", "same-origin", "none", ""])
def test_a_fetch_site_is_a_browsers_even_of_an_address_that_was_typed(site: str) -> None:
    assert refusal("GET", "/", [*HOST, ("Sec-Fetch-Site", site)], PORT)


def test_a_preflight_is_a_browsers() -> None:
    assert refusal("OPTIONS", "/", HOST, PORT)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.test",
        f"evil.test:{PORT}",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:80",
        f"127.0.0.1:0{PORT}",
        f"127.0.0.1:{PORT}0",
        f"localhost.evil.com:{PORT}",
        f"127.0.0.1.evil.com:{PORT}",
        f"localhost.:{PORT}",
        f"LOCALHOST:{PORT}",
        f"[::1]:{PORT}",
        f"[::ffff:127.0.0.1]:{PORT}",
        f"127.1:{PORT}",
        f"127.0.0.2:{PORT}",
        f"2130706433:{PORT}",
        f"0.0.0.0:{PORT}",
        f"bucket.localhost:{PORT}",
        f"evil@127.0.0.1:{PORT}",
        f"127.0.0.1:{PORT},evil.test",
        f" 127.0.0.1:{PORT}",
        f"127.0.0.1:{PORT}\t",
    ],
)
def test_any_other_host_is_refused_with_those_that_are_not(host: str) -> None:
    reason = refusal("GET", "/", [("Host", host)], PORT)
    assert reason == "The Host header must be 127.0.0.1:4566 or localhost:4566, once."


def test_no_host_and_two_hosts_are_refused() -> None:
    assert refusal("GET", "/", [], PORT)
    assert refusal("GET", "/", HOST * 2, PORT)


@pytest.mark.parametrize("target", ["http://127.0.0.1:4566/", "http://evil.test/", "*", "", "evil.test:80"])
def test_a_target_with_an_authority_of_its_own_is_refused(target: str) -> None:
    assert (
        refusal("GET", target, HOST, PORT)
        == "The target of a request must be a path that starts with a slash."
    )
