"""Running compiled rules against an object, within a budget (upstream: cel.Validator.Validate).

A rule that refers to oldSelf runs only where there is an old value to compare with. Failures of parts that did
not change are warnings, not errors (ratcheting). Next: `../registry/validation.py`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from kubern.apimachinery import field
from kubern.apimachinery.field import OMIT_VALUE, ErrorList, FieldError
from kubern.util.goquote import go_quote
from kubern_apiextensions.schema.maplist import MapList
from kubern_apiextensions.schema.paths import NodePath, child_of, index_of, key_of, shown
from kubern_apiextensions.schema.rules import OLD_SELF, RUNTIME_COST_BUDGET, SELF, CompiledRule, RuleNode, compile_rules
from kubern_apiextensions.schema.structural import LIST_TYPE, MAP_TYPE, Schema
from kubern_apiextensions.schema.validation.correlation import Correlation, is_unchanged

if TYPE_CHECKING:
    from kubern.cel.program import Program, Result

MAX_MESSAGE_BYTES: Final = 5 * 1024
_EXHAUSTED: Final = "validation failed due to running out of cost budget, no further validation rules will be run"
_LIMIT: Final = "operation cancelled: actual cost limit exceeded"


class BudgetExceeded(Exception):
    """No further rule may run."""


@dataclasses.dataclass(slots=True)
class Evaluation:
    """One run over an object: what is left of the budget, and what was found."""

    budget: int = RUNTIME_COST_BUDGET
    interrupted: bool = False
    """An expression took too long, which one is enough."""
    errors: ErrorList = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class _Ratchet:
    """The pair at a node, or at the nearest place above it that has one."""

    current: Correlation | None = None
    parent: Correlation | None = None

    def key(self, name: str) -> _Ratchet:
        if self.current is None:
            return self
        if self.parent is None and name in ("apiVersion", "kind"):
            return _Ratchet()
        return _Ratchet(self.current.key(name), self.current)

    def index(self, index: int) -> _Ratchet:
        return self if self.current is None else _Ratchet(self.current.index(index), self.current)

    @property
    def unchanged(self) -> bool:
        return is_unchanged(self.current if self.current is not None else self.parent)


def run_rules(
    node: RuleNode | None,
    value: Any,
    old: Any,
    path: NodePath = None,
    correlation: Correlation | None = None,
    budget: int = RUNTIME_COST_BUDGET,
) -> Evaluation:
    """Evaluate all rules of an object; a negative budget afterwards says that it ran out."""
    run = Evaluation(budget)
    if node is None:
        return run
    try:
        _visit(node, value, old, path, _Ratchet(correlation), run)
    except BudgetExceeded:
        run.budget = -1
    return run


def evaluate_rules(
    schema: Schema, value: Any, old: Any, path: NodePath, *, resource_root: bool, budget: int
) -> tuple[ErrorList, int]:
    """Compile and run the rules of a schema once; the errors and what is left of the budget."""
    node = compile_rules(schema, resource_root=resource_root)
    if node is None:
        return [], budget
    run = run_rules(node, value, old, path, budget=budget)
    return run.errors, run.budget


def _visit(node: RuleNode, value: Any, old: Any, path: NodePath, ratchet: _Ratchet, run: Evaluation) -> None:
    if value is None:
        return
    _run_node(node, value, old, path, ratchet, run)
    if isinstance(value, list) and node.items is not None:
        old_items = MapList(node.schema, old if isinstance(old, list) else None)
        for i, item in enumerate(value):
            old_item = old_items.get(item) if node.schema.get(LIST_TYPE) == "map" else None
            _visit(node.items, item, old_item, index_of(path, i), ratchet.index(i), run)
    elif isinstance(value, dict):
        _visit_members(node, value, old if isinstance(old, dict) else {}, path, ratchet, run)


def _visit_members(
    node: RuleNode, value: dict[str, Any], old: dict[str, Any], path: NodePath, ratchet: _Ratchet, run: Evaluation
) -> None:
    if node.schema.get(MAP_TYPE) not in (None, "granular", "atomic"):
        old = {}
    if node.values is not None:
        for name, member in value.items():
            _visit(node.values, member, old.get(name), key_of(path, name), ratchet.key(name), run)
    for name, below in node.properties.items():
        if name in value:
            _visit(below, value[name], old.get(name), child_of(path, name), ratchet.key(name), run)


def _run_node(node: RuleNode, value: Any, old: Any, path: NodePath, ratchet: _Ratchet, run: Evaluation) -> None:
    type_name = node.schema.get("type", "")
    place = shown(path)
    if node.error:
        run.errors.append(field.invalid(place, type_name, f"rule compiler initialization error: {node.error}"))
        return
    if node.rules and run.budget <= 0:
        run.errors.append(field.invalid(place, type_name, _EXHAUSTED))
        raise BudgetExceeded
    for rule in node.rules:
        if rule.error:
            run.errors.append(field.invalid(place, type_name, f"rule compile error: {rule.error}"))
        elif rule.program is not None and (not rule.uses_old_self or old is not None or rule.optional_old_self):
            _RuleRun(node, rule, value, old, path, ratchet, run).run()


class _RuleRun:
    """One rule on one value."""

    def __init__(
        self,
        node: RuleNode,
        rule: CompiledRule,
        value: Any,
        old: Any,
        path: NodePath,
        ratchet: _Ratchet,
        run: Evaluation,
    ) -> None:
        self.rule = rule
        self.value = value
        self.type_name: str = node.schema.get("type", "")
        self.path = path
        self.ratchet = ratchet
        self.state = run
        self.bindings = _bindings(node, rule, value, old)

    def run(self) -> None:
        """Raises BudgetExceeded when no further rule may run."""
        self._check()
        if self.state.interrupted:
            raise BudgetExceeded

    def _check(self) -> None:
        from kubern.cel.errors import EvaluationError

        assert self.rule.program is not None
        try:
            result = self._evaluate(self.rule.program)
        except EvaluationError as error:
            self._spend(error.cost)
            self._report_failure(str(error))
            return
        self._spend(result.cost)
        if result.value is not True:
            self._report_false()

    def _evaluate(self, program: Program) -> Result:
        from kubern.cel.errors import Interrupted
        from kubern.cel.kubernetes import PER_CALL_LIMIT

        try:
            return program.evaluate(self.bindings, limit=PER_CALL_LIMIT)
        except Interrupted:
            self.state.interrupted = True
            raise

    def _spend(self, cost: int) -> None:
        if cost > self.state.budget:
            self._append(field.invalid(shown(self.path), self.type_name, _EXHAUSTED))
            raise BudgetExceeded
        self.state.budget -= cost

    def _append(self, error: FieldError) -> None:
        self.state.errors.append(error)

    def _report_failure(self, message: str) -> None:
        place, rule = shown(self.path), rule_text(self.rule.rule)
        if message.startswith("no such overload"):
            detail = (
                f"'{message}': call arguments did not match a supported operator, function or macro signature for "
                f"rule: {rule}"
            )
        elif message.startswith(_LIMIT):
            detail = (
                f"'{message}': no further validation rules will be run due to call cost exceeds limit for rule: {rule}"
            )
            self._append(field.invalid(place, self.type_name, detail))
            raise BudgetExceeded
        else:
            detail = f"{message} evaluating rule: {rule}"
        self._append(field.invalid(place, self.type_name, detail))

    def _report_false(self) -> None:
        place: Any = shown(self.path)
        if self.rule.field_path:
            place = self.rule.field_path if self.path is None else f"{place}.{self.rule.field_path}"
        detail = self._message(place)
        if detail is None:
            message = self.rule.rule.get("message", "").strip()
            detail = message or f"failed rule: {rule_text(self.rule.rule)}"
        self._add(self._field_error(place, detail))

    def _add(self, error: FieldError) -> None:
        if not self.rule.uses_old_self and self.ratchet.unchanged:
            self.state.warnings.append(str(error))
        else:
            self._append(error)

    def _field_error(self, place: Any, detail: str) -> FieldError:
        value = OMIT_VALUE if self.type_name in ("object", "array") else self.value
        reason = self.rule.rule.get("reason")
        if reason == "FieldValueForbidden":
            return field.forbidden(place, detail)
        if reason == "FieldValueRequired":
            return field.required(place, detail)
        if reason == "FieldValueDuplicate":
            return field.duplicate(place, value)
        return field.invalid(place, value, detail)

    def _message(self, place: Any) -> str | None:
        """What messageExpression says, None to fall back on message."""
        from kubern.cel.errors import EvaluationError

        program = self.rule.message_program
        if program is None:
            return None
        source = go_quote(self.rule.rule["messageExpression"])
        try:
            result = self._evaluate(program)
        except EvaluationError as error:
            if error.cost > self.state.budget:
                self._stop_for_message(place, _MESSAGE_EXHAUSTED)
            if str(error).startswith(_LIMIT):
                text = "no further validation rules will be run due to call cost exceeds limit for messageExpression: "
                self._stop_for_message(place, text + source)
            self.state.budget -= error.cost
            return None
        if result.cost > self.state.budget:
            self._stop_for_message(place, _MESSAGE_EXHAUSTED)
        self.state.budget -= result.cost
        text = result.value.strip() if isinstance(result.value, str) else ""
        usable = text and "\n" not in text and len(text.encode()) <= MAX_MESSAGE_BYTES
        return text if usable else None

    def _stop_for_message(self, place: Any, detail: str) -> None:
        self._add(field.invalid(place, self.type_name, detail))
        raise BudgetExceeded


_MESSAGE_EXHAUSTED: Final = (
    "messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run"
)


def rule_text(rule: dict[str, Any]) -> str:
    """How messages name a rule (upstream: ruleErrorString)."""
    return str(rule.get("message") or rule.get("rule", "")).strip()


def _bindings(node: RuleNode, rule: CompiledRule, value: Any, old: Any) -> dict[str, Any]:
    if not rule.uses_old_self:
        return {SELF: value}
    if not rule.optional_old_self:
        return {SELF: value, OLD_SELF: old}
    from kubern.cel.runtime.values import NO_VALUE, OptionalValue

    assert node.decl is not None
    return {SELF: value, OLD_SELF: NO_VALUE if old is None else OptionalValue(True, node.decl.value(old))}
