"""Random messages: of thousands of regions, with long texts and with markup."""

from hypothesis import strategies as st

from reporter.message import Command, Group, Link, Message, Occasion

_MARKUP = [
    "<!here>",
    "<https://evil.example|click>",
    "<@U123ABC>",
    "&lt;!channel&gt;",
    "```",
    "*b*",
    "@here",
    "\n",
    "…",
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(_MARKUP), max_size=8).map(" ".join),
    st.builds(
        lambda text, times: text * times,
        st.sampled_from(["&", "<>", "word ", "𝄞", "```"]),
        st.integers(0, 5_000),
    ),
)
_REGIONS = st.one_of(
    st.lists(TEXTS, max_size=3).map(tuple),
    st.integers(0, 3_000).map(lambda number: tuple(f"region-{index}" for index in range(number))),
)
_LINKS = st.builds(
    Link,
    label=TEXTS,
    url=st.one_of(
        TEXTS,
        st.just("https://example.com/run"),
        st.integers(2_900, 3_100).map(lambda length: f"https://example.com/{'x' * (length - 20)}"),
    ),
    access=TEXTS,
)
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz/-0123456789", min_size=1, max_size=400)

MESSAGES = st.builds(
    Message,
    id=TEXTS,
    occasion=st.sampled_from(Occasion),
    subject=TEXTS,
    headline=TEXTS,
    lines=st.lists(TEXTS, max_size=30).map(tuple),
    groups=st.lists(st.builds(Group, TEXTS, _REGIONS), max_size=60).map(tuple),
    details=st.lists(TEXTS, max_size=30).map(tuple),
    links=st.lists(_LINKS, max_size=40).map(tuple),
    commands=st.lists(st.builds(Command, TEXTS, TEXTS), max_size=30).map(tuple),
    footer=st.lists(TEXTS, max_size=5).map(tuple),
    incident=st.none() | _NAMES,
    resolves=st.lists(_NAMES, max_size=4).map(tuple),
)
