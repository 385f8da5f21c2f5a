"""Who a visitor is, and that a visitor's words stay words."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.theme import plain
from dashboard.visit import unmasked


def test_a_browser_is_the_same_whatever_the_mask():
    token = secrets.token_bytes(16)
    cookies = []
    for mask in (b"\x01\x02\x03\x04", b"\xff\x00\xaa\x55"):
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(token))
        cookies.append(f"2|{mask.hex()}|{masked.hex()}|1790000000")
    assert {unmasked(cookie) for cookie in cookies} == {token}


@pytest.mark.parametrize("cookie", ["", "2|zz|00|1", "2||00|1", "a|b", "2|00|0|1"])
def test_odd_cookies_are_nobody(cookie):
    assert unmasked(cookie) == b""


def test_markdown_in_a_visitors_words_is_escaped():
    assert plain("![a](http://x)") == r"\!\[a\]\(http\://x\)"
    assert plain("2*x and $y$") == r"2\*x and \$y\$"


@given(st.text())
def test_escaping_only_adds_backslashes(text):
    assert plain(text).replace("\\", "") == text.replace("\\", "")
