"""Links in pages that come through a proxy."""

from __future__ import annotations

import pytest

from kubern_kubeapi.streaming.links import Links

PREFIX = "/api/v1/namespaces/n/pods/p/proxy"
LINKS = Links(PREFIX, "10.0.0.1:80", "api.example:6443")


@pytest.mark.parametrize(
    ("link", "moved"),
    [
        ("/a/b?c=d#e", f"{PREFIX}/a/b?c=d#e"),
        ("/", f"{PREFIX}/"),
        ("/a/", f"{PREFIX}/a/"),
        ("/a%20b", f"{PREFIX}/a%20b"),
        ("http://10.0.0.1:80/a", f"{PREFIX}/a"),
        ("https://api.example:6443/a", f"https://api.example:6443{PREFIX}/a"),
        (f"{PREFIX}/a", f"{PREFIX}/a"),
        ("a/b", "a/b"),
        ("#top", "#top"),
        ("//elsewhere/a", "//elsewhere/a"),
        ("https://elsewhere/a", "https://elsewhere/a"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_links_to_the_servers_root_are_moved(link: str, moved: str) -> None:
    """Those of the other server by any of its names; no others."""
    assert LINKS.moved(link) == moved


@pytest.mark.parametrize(
    ("page", "rewritten"),
    [
        ("<A HREF='/x'>/x</A>", f'<a href="{PREFIX}/x">/x</A>'),
        ("a\n<img alt=x src=/i.png />\n&amp;<!-- <a href='/c'> -->", f'a\n<img alt="x" src="{PREFIX}/i.png"/>\n&amp;'
         "<!-- <a href='/c'> -->"),
        ("<script src=/s>if (a<b) '<a href=\"/n\">'</script>", f"<script src=\"{PREFIX}/s\">if (a<b) '<a href=\"/n\">'"
         "</script>"),
        ('<p title="/t" hidden>\N{SNOWMAN}</p>', '<p title="/t" hidden="">\N{SNOWMAN}</p>'),
        ('<a href="/q?a=1&amp;b=2">', f'<a href="{PREFIX}/q?a=1&amp;b=2">'),
        ("<a href='/unfinished", "<a href='/unfinished"),
    ],
)  # fmt: skip
def test_pages_keep_all_but_their_links(page: str, rewritten: str) -> None:
    """Text, comments and scripts stay; start tags are written as Go writes them."""
    assert LINKS.rewritten(page.encode()) == rewritten.encode()


def test_bytes_that_are_no_text_stay() -> None:
    """A page in another character set comes through."""
    assert LINKS.rewritten(b"<b>\xff\xfe</b>") == b"<b>\xff\xfe</b>"
