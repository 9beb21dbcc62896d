"""Options in the query: what cannot be read is 400, what makes no sense 422, in upstream's order."""

from __future__ import annotations

from typing import Any

import pytest

_MATCH = 'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: '


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("limit=", 400, 'strconv.ParseInt: parsing "": invalid syntax'),
        ("limit=x&timeoutSeconds=y", 400, 'strconv.ParseInt: parsing "y": invalid syntax'),
        ("limit=9223372036854775808", 400, 'strconv.ParseInt: parsing "9223372036854775808": value out of range'),
        ("labelSelector=a+in&resourceVersionMatch=Exact", 400, "unable to parse requirement: found '' expected: '('"),
        (
            "resourceVersionMatch=Exact",
            422,
            _MATCH + "resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
    ],
)
def test_list_options_are_checked(client: Any, query: str, status: int, text: str) -> None:
    """Numbers in the order of the fields, then selectors, then sense."""
    answer = client("GET", f"configmaps?{query}")
    assert (answer.status, answer.json()["message"]) == (status, text)


def test_all_problems_of_write_options_are_named_in_order(client: Any) -> None:
    """What the kind of patch asks for comes before the manager, dryRun and fieldValidation."""
    answer = client.patch("merge", "configmaps/a?force=&dryRun=some&fieldManager=a%07b&fieldValidation=no", {})
    assert answer.status == 422
    assert [cause["field"] for cause in answer.json()["details"]["causes"]] == [
        "force",
        "fieldManager",
        "dryRun",
        "fieldValidation",
    ]
    assert 'Invalid value: "a\\ab": invalid character U+0007 (at position 1)' in answer.json()["message"]


def test_the_media_type_of_a_body_is_looked_at_before_the_options(client: Any) -> None:
    """415 though dryRun is wrong as well."""
    assert client("POST", "configmaps?dryRun=some", b"{}", Content_Type="text/plain").status == 415


@pytest.mark.parametrize(
    ("query", "status"),
    [("uid=other", 409), ("resourceVersion=1", 409), ("propagationPolicy=", 422), ("gracePeriodSeconds=", 400)],
)
def test_delete_options_of_the_query(client: Any, query: str, status: int) -> None:
    """Preconditions can be given there too; an empty policy is one that does not exist."""
    client("POST", "configmaps", {"metadata": {"name": "kept"}})
    assert client("DELETE", f"configmaps/kept?{query}").status == status
    assert client("GET", "configmaps/kept").status == 200


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"gracePeriodSeconds": "1"},
            "json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64",
        ),
        ({"apiVersion": "a/b/c"}, "unexpected GroupVersion string: a/b/c"),
    ],
)
def test_bodies_that_are_no_delete_options(client: Any, body: Any, text: str) -> None:
    """The decoder's bare words."""
    answer = client("DELETE", "configmaps/kept", body)
    assert (answer.status, answer.json()["message"]) == (400, text)


def test_delete_options_of_any_group_will_do(client: Any) -> None:
    """Clients send them in the version of what they delete."""
    client("POST", "configmaps", {"metadata": {"name": "gone"}})
    options = {"apiVersion": "apps/v1", "kind": "DeleteOptions"}
    assert client("DELETE", "configmaps/gone", options).status == 200


def test_a_watch_of_one_object_has_no_other_name(client: Any) -> None:
    """The deprecated path names the object, the selector may only agree."""
    path = f"/api/v1/watch/namespaces/{client.namespace}/configmaps/a"
    answer = client("GET", f"{path}?fieldSelector=metadata.name%3Db")
    assert (answer.status, answer.json()["message"]) == (
        400,
        "fieldSelector metadata.name doesn't match requested name",
    )
    assert client("GET", f"{path}?fieldSelector=metadata.name%3Da&timeoutSeconds=1").status == 200


def test_errors_come_in_a_form_that_was_asked_for_as_it_is(client: Any) -> None:
    """A Status is no table: clauses that ask for one are passed over."""
    table = "application/yaml;as=Table;g=meta.k8s.io;v=v1"
    assert client("GET", "configmaps/none", Accept=table).headers["content-type"] == "application/json"
    both = client("GET", "configmaps/none", Accept=f"{table},application/yaml")
    assert (both.status, both.headers["content-type"]) == (404, "application/yaml")


@pytest.mark.parametrize("query", ["limit=1;x=2", "limit=%zz", "limit=%2"])
def test_pairs_that_cannot_be_read_do_not_count(client: Any, query: str) -> None:
    """As Go's net/url drops them."""
    assert client("GET", f"configmaps?{query}").status == 200


def test_a_watch_that_cannot_begin_yet_says_so_in_an_event(client: Any) -> None:
    """A revision that the cache does not reach is an event of type ERROR, like one that is too old."""
    query = "watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
    answer = client("GET", f"configmaps?{query}&resourceVersion=999999999")
    assert answer.status == 200
    event = answer.json()
    assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 504, "Timeout")


@pytest.mark.parametrize(("accept", "status"), [("Application/JSON", 406), ("text/plain;q=x,application/json", 200)])
def test_media_types_are_compared_as_they_are(client: Any, accept: str, status: int) -> None:
    """Neither case nor a quality that is no number is made up for."""
    assert client("GET", "configmaps", Accept=accept).status == status


@pytest.mark.parametrize(
    ("query", "agent", "pretty"),
    [
        ("pretty=true", "kubectl", True),
        ("pretty=yes", "curl/8", False),
        ("pretty=", "curl/8", True),
        ("pretty=0", "curl/8", False),
        ("", "kubectl", False),
    ],
)
def test_answers_are_indented_for_people(client: Any, query: str, agent: str, pretty: bool) -> None:
    """When the parameter is a true boolean; without one, for tools that people look at."""
    client("POST", "configmaps", {"metadata": {"name": "indented"}})
    answer = client("GET", f"configmaps/indented?{query}", User_Agent=agent)
    assert (b"\n " in answer.body) is pretty
