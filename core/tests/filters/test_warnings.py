"""Warning headers."""

from __future__ import annotations

from kubern.filters.request_info import warning_headers


def values(*texts: str) -> list[str]:
    return [value.decode() for _, value in warning_headers(list(texts))]


def test_each_text_once_and_quoted() -> None:
    """Quotes and backslashes are escaped, other characters stand as they are."""
    assert values("a", "", "a", 'say "hi" \\ö') == ['299 - "a"', '299 - "say \\"hi\\" \\\\ö"']


def test_texts_with_control_characters_are_left_out() -> None:
    """No header can hold them."""
    assert values("fine", "two\nlines", "a\ttab", "no\u00a0break") == ['299 - "fine"', '299 - "no\u00a0break"']


def test_too_much_is_cut_and_then_dropped() -> None:
    """Up to 4096 characters are whole; beyond that each text has 256, and new ones come while these fit."""
    whole = [f"{i:02}" + "x" * 510 for i in range(8)]
    assert [len(v) for v in values(*whole)] == [len('299 - ""') + 512] * 8
    cut = values(*whole, "one more", *(f"{i:03}" + "y" * 300 for i in range(30)))
    assert all(len(v) <= len('299 - ""') + 256 for v in cut)
    assert cut[8] == '299 - "one more"'
    assert len(cut) == 17
