"""Deals each flow a hand of queues by its hash, so that few flows share all of theirs (upstream: shufflesharding).

Next: `queue_set.py`, which puts a request into the shortest queue of its flow's hand.
"""

from __future__ import annotations

import hashlib


def hash_flow_id(schema: str, distinguisher: str) -> int:
    """64 bits that stand for a flow."""
    digest = hashlib.sha256(schema.encode() + b"\0" + distinguisher.encode()).digest()
    return int.from_bytes(digest[:8], "little")


def deal(hash_value: int, deck_size: int, hand_size: int) -> tuple[int, ...]:
    """`hand_size` different numbers below `deck_size`, every hand equally likely.

    The hash is read as digits in falling bases: the first picks among all cards, the next among those left.
    """
    hand: list[int] = []
    taken: list[int] = []
    for dealt in range(hand_size):
        hash_value, card = divmod(hash_value, deck_size - dealt)
        at = 0
        for lower in taken:
            if card < lower:
                break
            card += 1
            at += 1
        taken.insert(at, card)
        hand.append(card)
    return tuple(hand)
