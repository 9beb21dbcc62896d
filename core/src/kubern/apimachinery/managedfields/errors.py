"""Values that do not fit their type, and versions that nobody serves any more."""

from __future__ import annotations

from collections.abc import Iterable

Problem = tuple[str, str]
"""Where (a path as messages show it, "" for the root) and what."""


class TypedError(Exception):
    """A value does not fit its type; the text is structured-merge-diff's (typed.ValidationErrors)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        texts = [f"{path}: {message}" if path else message for path, message in self.problems]
        super().__init__(texts[0] if len(texts) == 1 else "\n  ".join(["errors:", *texts]))

    @classmethod
    def of(cls, message: str) -> TypedError:
        """One problem at the root."""
        return cls([("", message)])

    def below(self, prefix: str) -> TypedError:
        """The same problems seen from the parent."""
        return TypedError((prefix + path, message) for path, message in self.problems)


class MissingVersionError(Exception):
    """An apiVersion that is not served (any more): what was written in it is forgotten."""
