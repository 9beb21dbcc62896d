"""Access reviews: questions for the authorizer that are posted like objects and never stored.

Upstream: pkg/registry/authorization. Next: `attributes.py` for the question, `../groups/authorization` for the kinds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from kubern.apimachinery.errors import GroupKind, bad_request, invalid
from kubern.apimachinery.field import ErrorList
from kubern.authorization.interface import AuthorizationError, Decision
from kubern.util.aggregate import aggregate
from kubern.util.json_copy import json_copy
from kubern_kubeapi.authorization.attributes import Question, question, user_of
from kubern_kubeapi.groups.authorization.validation import (
    validate_local_review,
    validate_review,
    validate_self_review,
)

if TYPE_CHECKING:
    from kubern.authorization.interface import RuleResolver
    from kubern.registry.written import Validate
    from kubern.request import RequestContext
    from kubern.server import GenericAPIServer

Object = dict[str, Any]
# Upstream names no kind in these errors.
_NO_KIND = GroupKind("authorization.k8s.io", "")


def _refuse(errors: ErrorList) -> None:
    if errors:
        raise invalid(_NO_KIND, "", errors)


class ReviewStorage:
    """What the storages of reviews have in common: the server they are part of."""

    namespaced = False

    def __init__(self, server: GenericAPIServer) -> None:
        self.config = server.config

    async def status(self, asked: Question) -> Object:
        """The SubjectAccessReviewStatus that answers a question."""
        problems = list(asked.problems)
        decision, reason = Decision.NO_OPINION, ""
        try:
            decision, reason = await self.config.authorizer.authorize(asked.attributes)
        except AuthorizationError as error:
            decision, reason = (Decision.DENY if error.denied else Decision.NO_OPINION), error.why
            problems.insert(0, error.text)
        status: Object = {"allowed": decision is Decision.ALLOW}
        if decision is Decision.DENY:
            status["denied"] = True
        if reason:
            status["reason"] = reason
        if problems:
            status["evaluationError"] = aggregate(problems)
        return status


class SelfSubjectAccessReviews(ReviewStorage):
    """Whether the caller may do something."""

    async def create(
        self, ctx: RequestContext, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """The review with its status. Raises StatusError 422."""
        _refuse(validate_self_review(obj))
        if validate is not None:
            await validate(json_copy(obj), None)
        obj["status"] = await self.status(question(ctx.effective_user, obj["spec"]))
        return obj


class SubjectAccessReviews(ReviewStorage):
    """Whether somebody may do something."""

    async def create(
        self, ctx: RequestContext, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """The review with its status. Raises StatusError 422."""
        _refuse(validate_review(obj))
        if validate is not None:
            await validate(json_copy(obj), None)
        obj["status"] = await self.status(question(user_of(obj["spec"]), obj["spec"]))
        return obj


class LocalSubjectAccessReviews(ReviewStorage):
    """Whether somebody may do something in a namespace."""

    namespaced = True

    async def create(
        self, ctx: RequestContext, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """The review with its status. Raises StatusError 400, 422."""
        _refuse(validate_local_review(obj))
        namespace = ctx.info.namespace
        if namespace != obj["metadata"].get("namespace", ""):
            raise bad_request(f"spec.resourceAttributes.namespace must match namespace: {namespace}")
        if validate is not None:
            await validate(json_copy(obj), None)
        obj["status"] = await self.status(question(user_of(obj["spec"]), obj["spec"]))
        return obj


class SelfSubjectRulesReviews(ReviewStorage):
    """What the caller may do in a namespace."""

    async def create(
        self, ctx: RequestContext, obj: Object, *, validate: Validate | None = None, dry_run: bool = False
    ) -> Object:
        """A review that has nothing but its status. Raises StatusError 400."""
        namespace = obj["spec"].get("namespace", "")
        if not namespace:
            raise bad_request("no namespace on request")
        if validate is not None:
            await validate(json_copy(obj), None)
        resolver = cast("RuleResolver", self.config.authorizer)
        rules = await resolver.rules_for(ctx.effective_user, namespace)
        status: Object = {
            "resourceRules": rules.resource_rules,
            "nonResourceRules": rules.non_resource_rules,
            "incomplete": rules.incomplete,
        }
        if rules.evaluation_error:
            status["evaluationError"] = rules.evaluation_error
        return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": {}, "spec": {}, "status": status}
