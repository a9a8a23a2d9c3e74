import pytest
from pydantic import ValidationError

from components.settings.notifications import Notifications


@pytest.mark.parametrize(
    "address", ["a@b.c", "your-integration-key@events.pagerduty.com", "o'neil+x@example.org"]
)
def test_an_address_is_taken(address: str) -> None:
    assert Notifications(failure_emails=(address,)).failure_emails == (address,)


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b", "a b@example.com", "a@b@example.com", "a@example.com\n"]
)
def test_an_invalid_email_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Notifications(failure_emails=(address,))


def test_an_address_may_be_as_long_as_mail_allows() -> None:
    longest = "a" * (320 - len("@example.com")) + "@example.com"
    assert Notifications(failure_emails=(longest,))
    with pytest.raises(ValidationError):
        Notifications(failure_emails=("a" + longest,))


def test_an_address_of_failure_emails_is_refused_in_alarm_emails() -> None:
    with pytest.raises(ValidationError, match=r"alarmEmails repeats a@example\.com of failureEmails"):
        Notifications(failure_emails=("a@example.com",), alarm_emails=("a@example.com",))


def test_an_address_may_receive_successes_and_failures() -> None:
    address = ("a@example.com",)
    assert Notifications(failure_emails=address, success_emails=address).success_emails == address


@pytest.mark.parametrize("url", ["https://example.com", "https://example.com:8443/a/ccapi/"])
def test_a_docs_url_is_the_address_of_a_folder(url: str) -> None:
    assert Notifications(failure_emails=("a@example.com",), docs_url=url).docs_url == url


@pytest.mark.parametrize(
    "url", ["", "http://example.com", "https://example.com/a?b=c", "https://example.com/a#b", "https://a/b c"]
)
def test_a_docs_url_to_which_no_page_can_be_appended_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="is not the https address of a folder; write"):
        Notifications(failure_emails=("a@example.com",), docs_url=url)
