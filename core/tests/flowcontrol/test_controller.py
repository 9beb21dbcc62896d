"""Classification and the seats of levels."""

from __future__ import annotations

from typing import Any

import pytest

from kubern.flowcontrol.configuration import (
    BrokenPriorityLevelError,
    FlowSchema,
    PriorityLevel,
    Queuing,
    flow_schema,
    priority_level,
)
from kubern.flowcontrol.controller import FlowController
from kubern.flowcontrol.dump import dump_priority_levels, dump_queues, dump_requests
from kubern.flowcontrol.work_estimator import ONE_SEAT, WorkEstimator
from kubern.request import RequestContext, RequestInfo, User

ALICE = User("alice", groups=("system:authenticated",))
ADMIN = User("admin", groups=("system:masters",))
EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
PODS = RequestInfo("/x", "list", True, "api", "", "v1", namespace="a", resource="pods")


def schema(name: str, level: str, precedence: int, distinguisher: str = "", user: str = "*") -> FlowSchema:
    rule = {"subjects": [{"kind": "User", "user": {"name": user}}], "resourceRules": [EVERYTHING]}
    return FlowSchema(name, f"uid-{name}", level, precedence, distinguisher, (rule,))


def level(name: str, shares: int, **more: Any) -> PriorityLevel:
    settings = {"lendable_percent": 0, "borrowing_limit_percent": None, "queuing": None, **more}
    return PriorityLevel(name, f"uid-{name}", False, shares, **settings)


def test_without_objects_there_are_the_mandatory_levels() -> None:
    """Administrators are exempt, the rest shares all seats."""
    controller = FlowController(10)
    assert controller.flow(ADMIN, PODS).schema.name == "exempt"
    everybody = controller.flow(ALICE, PODS)
    assert everybody.schema.name == "catch-all"
    assert everybody.level.current_limit == 10
    assert controller.flow(User("nobody"), PODS).schema.name == "catch-all"


def test_the_least_precedence_matches_then_the_name() -> None:
    """Schemas whose level is missing are passed over."""
    controller = FlowController(10)
    schemas = [
        schema("z", "one", 5),
        schema("b", "one", 3),
        schema("a", "one", 3),
        schema("first", "missing", 2),
        schema("bob", "one", 2, user="bob"),
    ]
    controller.configure(schemas, [level("one", 1)])
    assert controller.flow(ALICE, PODS).schema.name == "a"
    assert controller.flow(User("bob"), PODS).schema.name == "bob"
    controller.configure([schema("z", "one", 5)], [level("one", 1)])
    assert controller.flow(ALICE, PODS).schema.name == "z"


def test_flows_are_told_apart_by_user_or_namespace() -> None:
    """Each has its own hand of queues."""
    controller = FlowController(10)
    queuing = Queuing(64, 4, 10)
    levels = [level("one", 1, queuing=queuing)]
    controller.configure([schema("s", "one", 5, "ByNamespace")], levels)
    flow = controller.flow(ALICE, PODS)
    assert flow.distinguisher == "a"
    assert flow.headers == [
        (b"x-kubernetes-pf-flowschema-uid", b"uid-s"),
        (b"x-kubernetes-pf-prioritylevel-uid", b"uid-one"),
    ]
    other = RequestInfo("/x", "list", True, "api", "", "v1", namespace="b", resource="pods")
    assert controller.flow(ALICE, other).hand != flow.hand
    controller.configure([schema("s", "one", 5, "ByUser")], levels)
    assert controller.flow(ALICE, PODS).distinguisher == "alice"


def test_seats_are_shared_out_and_bounded_by_borrowing() -> None:
    """Shares of the total, rounded up; what may be lent and borrowed in per cent of that."""
    controller = FlowController(100)
    levels = [level("a", 30, lendable_percent=50, borrowing_limit_percent=0), level("b", 65)]
    controller.configure([], levels)
    a, b, rest = (controller.levels[name] for name in ("a", "b", "catch-all"))
    assert (a.nominal_limit, a.lower_limit, a.upper_limit) == (30, 15, 30)
    assert (b.nominal_limit, b.lower_limit, b.upper_limit) == (65, 65, 165)
    assert rest.nominal_limit == 5
    assert (a.current_limit or 0) + (b.current_limit or 0) + (rest.current_limit or 0) == 100


async def test_a_busy_level_borrows_what_an_idle_one_lends() -> None:
    """The idle one keeps what it must not lend, and gets its seats back when it needs them."""
    controller = FlowController(100)
    levels = [level("idle", 45, lendable_percent=100), level("busy", 50)]
    controller.configure([schema("s", "busy", 5)], levels)
    flow = controller.flow(ALICE, PODS)
    running = [flow.level.queues.start(flow, RequestContext(PODS), ONE_SEAT) for _ in range(50)]
    controller.adjust()
    controller.adjust()
    assert (controller.levels["busy"].current_limit or 0) > 90
    assert (controller.levels["idle"].current_limit or 0) < 10
    for request in running:
        assert request is not None
        request.finish()


async def test_a_level_that_nobody_configures_goes_when_it_is_idle() -> None:
    """Requests in it are finished first."""
    controller = FlowController(100)
    controller.configure([schema("s", "one", 5)], [level("one", 5)])
    flow = controller.flow(ALICE, PODS)
    request = flow.level.queues.start(flow, RequestContext(PODS), ONE_SEAT)
    assert request is not None
    controller.configure([], [])
    assert controller.levels["one"].quiescing
    assert controller.flow(ALICE, PODS).schema.name == "catch-all"
    request.finish()
    controller.configure([], [])
    assert "one" not in controller.levels


async def test_dumps_are_tables() -> None:
    """Levels, queues and requests, those that run and those that wait."""
    controller = FlowController(1)
    queuing = Queuing(1, 1, 10)
    controller.configure([schema("s", "one", 5, "ByUser")], [level("one", 100, queuing=queuing)])
    flow = controller.flow(ALICE, PODS)
    for _ in range(2):
        flow.level.queues.start(flow, RequestContext(PODS, user=ALICE), ONE_SEAT)
    rows = [line.replace(" ", "").split(",") for line in dump_priority_levels(controller).splitlines()]
    assert rows[0][0] == "PriorityLevelName"
    assert ["one", "1", "false", "false", "1", "1", "1", "0", "0", "0"] in rows
    assert "one,0,1,1,1" in dump_queues(controller).replace(" ", "")
    lines = dump_requests(controller, details=True).replace(" ", "").splitlines()
    assert lines[1].startswith("one,s,0,-1,,")
    assert lines[2].startswith("one,s,0,0,,")
    assert lines[2].endswith(",0001-01-01T00:00:00Z,alice,list,/x,a,,v1,pods,")


def test_lists_take_seats_by_size_and_writes_by_watches() -> None:
    """Within what a level gives to one request."""
    controller = FlowController(100)
    estimator = WorkEstimator(lambda group, resource: (500, 1000) if resource == "pods" else None, controller.watches)
    listing = RequestContext(PODS)
    assert estimator.estimate(listing, 0).initial_seats == 5
    assert estimator.estimate(listing, 3).initial_seats == 3
    assert estimator.estimate(RequestContext(PODS, query={"limit": ["100"]}), 0).initial_seats == 1
    nodes = RequestInfo("/x", "list", True, "api", "", "v1", resource="nodes")
    assert estimator.estimate(RequestContext(nodes), 0) is ONE_SEAT
    watch = RequestInfo("/x", "watch", True, "api", "", "v1", namespace="a", resource="pods")
    keys = [controller.watches.add(watch) for _ in range(25)]
    write = RequestContext(RequestInfo("/x", "update", True, "api", "", "v1", "a", "pods", name="p"))
    work = estimator.estimate(write, 2)
    assert (work.initial_seats, work.final_seats) == (1, 2)
    assert work.additional_latency == pytest.approx(0.0075)
    for key in keys:
        controller.watches.remove(key)
    assert estimator.estimate(write, 2) is ONE_SEAT


def test_objects_become_schemas_and_levels() -> None:
    """A level that contradicts itself is refused."""
    made = flow_schema(
        {
            "metadata": {"name": "s", "uid": "u"},
            "spec": {
                "priorityLevelConfiguration": {"name": "l"},
                "matchingPrecedence": 7,
                "distinguisherMethod": {"type": "ByUser"},
            },
        }
    )
    assert made == FlowSchema("s", "u", "l", 7, "ByUser", ())
    queuing = {"queues": 8, "handSize": 2, "queueLengthLimit": 3}
    limited = {"nominalConcurrencyShares": 4, "limitResponse": {"type": "Queue", "queuing": queuing}}
    obj: dict[str, Any] = {"metadata": {"name": "l", "uid": "u"}, "spec": {"type": "Limited", "limited": limited}}
    assert priority_level(obj) == PriorityLevel("l", "u", False, 4, 0, None, Queuing(8, 2, 3))
    for broken in ({"type": "Limited"}, {"type": "Exempt", "exempt": {}}, {"type": "Exempt", "limited": limited}):
        with pytest.raises(BrokenPriorityLevelError):
            priority_level({"metadata": {"name": "l"}, "spec": broken})
