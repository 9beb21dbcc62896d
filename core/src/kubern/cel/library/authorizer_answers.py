"""Authorization answers for expressions whose checks must be awaited.

Expressions are pure, so an evaluation that lacks an answer is stopped, the answer fetched, and the evaluation
begun again; two checks are all that the cost limit allows per expression.

    answers = Answers(authorize)                    # authorize is async
    authorizer = AuthorizerValue(user, answers.check)
    result = await answers.evaluate(program, {"authorizer": authorizer, ...})

An `Answers` may be shared by all expressions of one request: known answers are given at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kubern.cel.errors import Cancelled
from kubern.cel.library.authorizer import CheckAttributes, Decision
from kubern.cel.program import DEFAULT_LIMIT, Program, Result

Ask = Callable[[CheckAttributes], Awaitable[Decision]]


class AnswerNeeded(Cancelled):
    """The evaluation asked something that has not been answered yet."""

    def __init__(self, attributes: CheckAttributes) -> None:
        self.attributes = attributes
        super().__init__("authorization answer needed")


class Answers:
    """The answers known so far, and whom to ask for more."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: list[tuple[CheckAttributes, Decision]] = []

    def check(self, attributes: CheckAttributes) -> Decision:
        """The known answer.

        Raises:
            AnswerNeeded: there is none yet.
        """
        for asked, decision in self._known:
            if asked == attributes:
                return decision
        raise AnswerNeeded(attributes)

    async def evaluate(
        self,
        program: Program,
        bindings: Mapping[str, Any],
        limit: int = DEFAULT_LIMIT,
    ) -> Result:
        """`program.evaluate`, asking for answers as often as needed."""
        while True:
            try:
                return program.evaluate(bindings, limit)
            except AnswerNeeded as needed:
                decision = await self._ask(needed.attributes)
                self._known.append((needed.attributes, decision))
