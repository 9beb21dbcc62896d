"""Hands of queues."""

from __future__ import annotations

import collections
import hashlib

import pytest

from kubern.flowcontrol.shuffle_sharding import deal, hash_flow_id


def test_each_hand_is_equally_likely() -> None:
    """All ordered hands of 3 out of 5 come up once in as many hashes, and hold different queues."""
    hands = collections.Counter(deal(value, 5, 3) for value in range(5 * 4 * 3))
    assert len(hands) == 60
    assert set(hands.values()) == {1}
    assert all(len(set(hand)) == 3 for hand in hands)


@pytest.mark.parametrize(("deck", "hand"), [(1, 1), (8, 8), (128, 6)])
def test_hands_stay_within_the_deck(deck: int, hand: int) -> None:
    """Any hash gives a hand, and the whole deck is a hand too."""
    for value in (0, 1, 2**60, 2**64 - 1):
        dealt = deal(value, deck, hand)
        assert len(set(dealt)) == hand
        assert set(dealt) <= set(range(deck))


def test_flows_are_told_apart() -> None:
    """The hash is of schema and distinguisher with a separator between them."""
    digest = hashlib.sha256(b"ab\0c").digest()
    assert hash_flow_id("ab", "c") == int.from_bytes(digest[:8], "little")
    assert hash_flow_id("a", "bc") != hash_flow_id("ab", "c")
