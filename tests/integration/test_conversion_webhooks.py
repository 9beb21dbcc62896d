"""Custom resources whose versions a webhook converts, over real TLS.

Version v1 has spec.size as a number, v2 has spec.length as text; v1 is stored unless a test says otherwise.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually
from kubern.testing.webhooks import ConversionServer, conversion_server, converting
from kubern.util.certificates import KeyPair, new_ca, new_certificate

Object = dict[str, Any]
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_COUNTER = itertools.count()


def resize(obj: Object, wanted: str) -> Object:
    """A number of size and a text of length are the same thing."""
    spec = obj.get("spec", {})
    if wanted.endswith("v2") and "size" in spec:
        spec["length"] = f"{spec.pop('size')} cm"
    elif wanted.endswith("v1") and "length" in spec:
        spec["size"] = int(spec.pop("length").removesuffix(" cm"))
    return obj


@pytest.fixture(scope="module")
def ca() -> KeyPair:
    return new_ca("converters")


@pytest.fixture(scope="module")
def hook(ca: KeyPair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConversionServer]:
    """A webhook that `resize`s; its certificate is also that of service `hook` in namespace `default`."""
    directory = tmp_path_factory.mktemp("pki")
    pair = new_certificate(ca, "hook", names=["127.0.0.1", "hook.default.svc"], server=True)
    (directory / "server.crt").write_bytes(pair.cert)
    (directory / "server.key").write_bytes(pair.key)
    with conversion_server(directory, converting(resize)) as running:
        yield running


class Ropes:
    """A definition of ropes in two versions, and requests for them."""

    def __init__(self, server: RunningServer, client_config: Object, reviews: list[str]) -> None:
        self.server = server
        self.group = f"ropes{next(_COUNTER)}.example.com"
        self.crd = f"{DEFINITIONS}/ropes.{self.group}"
        webhook = {"clientConfig": client_config, "conversionReviewVersions": reviews}
        versions = [self._version("v1", "size", "integer"), self._version("v2", "length", "string")]
        spec = {
            "group": self.group,
            "scope": "Cluster",
            "names": {"plural": "ropes", "kind": "Rope"},
            "conversion": {"strategy": "Webhook", "webhook": webhook},
            "versions": versions,
        }
        made = server.request("POST", DEFINITIONS, {"metadata": {"name": f"ropes.{self.group}"}, "spec": spec})
        assert made.status == 201, made.body
        eventually(lambda: server.request("GET", self.path("v1")).status == 200)

    def _version(self, name: str, field: str, kind: str) -> Object:
        spec = {"type": "object", "properties": {field: {"type": kind}}}
        schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
        return {"name": name, "served": True, "storage": name == "v1", "schema": schema}

    def path(self, version: str, name: str = "") -> str:
        return f"/apis/{self.group}/{version}/ropes" + (f"/{name}" if name else "")

    def request(self, method: str, version: str, name: str = "", body: Any = None, **headers: str) -> Any:
        """(status, document) of a request."""
        given = {key.replace("_", "-"): value for key, value in headers.items()}
        answer = self.server.request(method, self.path(version, name), body, given)
        return answer.status, answer.json()

    def create(self, version: str, name: str, **spec: Any) -> Object:
        body = {"apiVersion": f"{self.group}/{version}", "kind": "Rope", "metadata": {"name": name}, "spec": spec}
        status, made = self.request("POST", version, body=body)
        assert status == 201, made
        return made  # type: ignore[no-any-return]

    def store_in(self, version: str) -> None:
        """Make another version the stored one."""
        crd = self.server.request("GET", self.crd).json()
        for declared in crd["spec"]["versions"]:
            declared["storage"] = declared["name"] == version
        assert self.server.request("PUT", self.crd, crd).status == 200

    def watch(self, version: str, revision: str, seconds: int) -> list[Object]:
        """The events of a watch, which lasts so long unless the server ends it."""
        query = f"?watch=1&resourceVersion={revision}&timeoutSeconds={seconds}"
        answer = self.server.request("GET", self.path(version) + query)
        return [json.loads(line) for line in answer.body.splitlines()]


@pytest.fixture
def define(server: RunningServer, hook: ConversionServer, ca: KeyPair) -> Iterator[Callable[..., Ropes]]:
    """define(["v1"], service={...}) makes ropes; the hook is as new."""
    made: list[Ropes] = []
    hook.answer = converting(resize)
    hook.seen.clear()

    def define(reviews: list[str] | None = None, bundle: bytes = ca.cert, **client_config: Any) -> Ropes:
        config = client_config or {"url": hook.url + "/convert"}
        config["caBundle"] = base64.b64encode(bundle).decode()
        made.append(Ropes(server, config, reviews or ["v1"]))
        return made[-1]

    yield define
    hook.answer = converting(resize)
    for ropes in made:
        server.request("DELETE", ropes.crd)


@pytest.fixture
def ropes(define: Callable[..., Ropes]) -> Ropes:
    return define()


def test_an_object_is_read_and_written_in_both_versions(ropes: Ropes, hook: ConversionServer) -> None:
    """What is stored as v1 is read as v2, what is written as v2 is stored as v1; the review holds whole objects."""
    ropes.create("v1", "a", size=3)
    assert hook.seen == []
    status, shown = ropes.request("GET", "v2", "a")
    assert (status, shown["apiVersion"], shown["spec"]) == (200, f"{ropes.group}/v2", {"length": "3 cm"})
    [review] = hook.seen
    assert review["apiVersion"] == "apiextensions.k8s.io/v1"
    assert review["kind"] == "ConversionReview"
    assert review["request"]["desiredAPIVersion"] == f"{ropes.group}/v2"
    assert review["request"]["objects"][0]["metadata"]["uid"] == shown["metadata"]["uid"]
    assert ropes.create("v2", "b", length="7 cm")["spec"] == {"length": "7 cm"}
    assert ropes.request("GET", "v1", "b")[1]["spec"] == {"size": 7}


def test_what_was_converted_is_remembered(ropes: Ropes, hook: ConversionServer) -> None:
    """The webhook is asked once for a state of an object."""
    ropes.create("v1", "a", size=3)
    for _ in range(3):
        assert ropes.request("GET", "v2", "a")[0] == 200
    assert len(hook.seen) == 1


def test_reviews_of_v1beta1(define: Callable[..., Ropes], hook: ConversionServer) -> None:
    """The first review version the server speaks is the one that is used; in v1beta1 the uid is not compared."""
    ropes = define(["v2alpha1", "v1beta1", "v1"])
    ropes.create("v1", "a", size=3)
    answer = converting(resize)

    def without_uid(review: Object) -> Object:
        given = answer(review)
        assert isinstance(given, dict)
        del given["response"]["uid"]
        return given

    hook.answer = without_uid
    assert ropes.request("GET", "v2", "a")[0] == 200
    assert hook.seen[0]["apiVersion"] == "apiextensions.k8s.io/v1beta1"


def test_a_service(define: Callable[..., Ropes], server: RunningServer, hook: ConversionServer) -> None:
    """A service is looked up, and its certificate is that of `name.namespace.svc`."""
    service = {"metadata": {"name": "hook"}, "spec": {"type": "ExternalName", "externalName": "localhost"}}
    assert server.request("POST", "/api/v1/namespaces/default/services", service).status == 201
    try:
        ropes = define(service={"name": "hook", "namespace": "default", "port": hook.port, "path": "/convert"})
        ropes.create("v1", "a", size=3)
        assert ropes.request("GET", "v2", "a")[1]["spec"] == {"length": "3 cm"}
    finally:
        server.request("DELETE", "/api/v1/namespaces/default/services/hook")


def test_an_unknown_authority(define: Callable[..., Ropes], hook: ConversionServer) -> None:
    """A webhook whose certificate the bundle does not vouch for is not asked."""
    ropes = define(bundle=new_ca("others").cert)
    ropes.create("v1", "a", size=3)
    status, told = ropes.request("GET", "v2", "a")
    assert status == 500
    assert told["message"] == (
        f'conversion webhook for {ropes.group}/v1, Kind=Rope failed: Post "{hook.url}/convert?timeout=30s": '
        "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    )
    assert hook.seen == []


def edited(edit: Callable[[Object], None]) -> Callable[[Object], Object]:
    """The right answer, edited."""

    def answer(review: Object) -> Object:
        given = converting(resize)(review)
        assert isinstance(given, dict)
        edit(given)
        return given

    return answer


def first(edit: Callable[[Object], None]) -> Callable[[Object], Object]:
    """The right answer with its first object edited."""
    return edited(lambda given: edit(given["response"]["convertedObjects"][0]))


FAILED = "conversion webhook for {gv}, Kind=Rope failed: "
RETURNED = "conversion webhook for {gv}, Kind=Rope returned "
BAD_ANSWERS: dict[str, tuple[Any, str]] = {
    "no object": (edited(lambda a: a["response"].update(convertedObjects=[])), RETURNED + "0 objects, expected 1"),
    "two objects": (
        edited(lambda a: a["response"]["convertedObjects"].extend([{}])),
        RETURNED + "2 objects, expected 1",
    ),
    "no response": (edited(lambda a: a.pop("response")), FAILED + "no response provided"),
    "another kind": (
        edited(lambda a: a.update(kind="AdmissionReview")),
        FAILED + "expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got "
        "apiextensions.k8s.io/v1, Kind=AdmissionReview",
    ),
    "failed": (
        edited(lambda a: a["response"].update(result={"status": "Failure", "message": "not today"})),
        FAILED + "not today",
    ),
    "failed without a word": (
        edited(lambda a: a["response"].update(result={"status": "Failure", "reason": "Invalid"})),
        FAILED + "response.result.status was 'Failure', not 'Success'",
    ),
    "no result": (
        edited(lambda a: a["response"].pop("result")),
        FAILED + "response.result.status was '', not 'Success'",
    ),
    "old version": (
        first(lambda o: o.update(apiVersion="x/v1")),
        RETURNED + "invalid object at index 0: invalid groupVersion (expected {group}/v2, received x/v1)",
    ),
    "other kind": (
        first(lambda o: o.update(kind="String")),
        RETURNED + "invalid object at index 0: invalid kind (expected Rope, received String)",
    ),
    "other name": (
        first(lambda o: o["metadata"].update(name="z")),
        RETURNED + "invalid object: must have the same name: a != z",
    ),
    "a namespace": (
        first(lambda o: o["metadata"].update(namespace="z")),
        RETURNED + "invalid object: must have the same namespace:  != z",
    ),
    "bad label": (
        first(lambda o: o["metadata"].update(labels={"x": "a b"})),
        RETURNED + 'invalid metadata: metadata.labels: Invalid value: "a b": a valid label must be an empty string or '
        "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
        "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
        "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ),
    "annotations that are no texts": (
        first(lambda o: o["metadata"].update(annotations={"x": 1})),
        RETURNED + "invalid metadata: metadata.annotations[x] must be a string, but is int64 in converted object",
    ),
    "labels that are a list": (
        first(lambda o: o["metadata"].update(labels=[])),
        RETURNED + "invalid metadata: invalid metadata.labels of type []interface {{}} in converted object",
    ),
    "not JSON": (
        lambda review: (200, b"oops"),
        FAILED + "couldn't get version/kind; json parse error: invalid character 'o' looking for beginning of value",
    ),
    "status 500": (
        lambda review: (500, b"oops"),
        FAILED + 'an error on the server ("oops") has prevented the request from succeeding',
    ),
    "status 404": (lambda review: (404, b""), FAILED + "the server could not find the requested resource"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_bad_answers(ropes: Ropes, hook: ConversionServer, case: str) -> None:
    """An answer that is not right is told to the client, and the next good one is taken."""
    answer, message = BAD_ANSWERS[case]
    ropes.create("v1", "a", size=3)
    hook.answer = answer
    status, told = ropes.request("GET", "v2", "a")
    assert (status, told["message"]) == (500, message.format(gv=f"{ropes.group}/v1", group=ropes.group))
    hook.answer = converting(resize)
    assert ropes.request("GET", "v2", "a")[0] == 200


def test_another_uid(ropes: Ropes, hook: ConversionServer) -> None:
    """An answer to another review is not taken."""
    ropes.create("v1", "a", size=3)
    hook.answer = edited(lambda a: a["response"].update(uid="z"))
    message = ropes.request("GET", "v2", "a")[1]["message"]
    asked = hook.seen[0]["request"]["uid"]
    assert message.endswith(f'failed: expected response.uid="{asked}", got "z"')


def test_only_labels_and_annotations_of_metadata_are_the_webhooks(ropes: Ropes, hook: ConversionServer) -> None:
    """Other changes of metadata are dropped."""

    def change(obj: Object, wanted: str) -> Object:
        resize(obj, wanted)
        obj["metadata"].update(labels={"by": "hook"}, annotations={"n": "1"}, finalizers=["x/y"], generation=9)
        return obj

    made = ropes.create("v1", "a", size=3)
    hook.answer = converting(change)
    meta = ropes.request("GET", "v2", "a")[1]["metadata"]
    assert meta["labels"], meta["annotations"] == ({"by": "hook"}, {"n": "1"})
    assert "finalizers" not in meta
    assert meta["generation"] == 1
    assert meta["managedFields"] == made["metadata"]["managedFields"]


def test_fields_that_a_version_does_not_have_are_pruned(ropes: Ropes, hook: ConversionServer) -> None:
    """The outcome of a conversion is pruned by the schema of its version."""
    ropes.create("v1", "a", size=3)
    hook.answer = converting(lambda obj, wanted: {**obj, "spec": {"length": "1 cm", "size": 1}, "more": True})
    shown = ropes.request("GET", "v2", "a")[1]
    assert shown["spec"] == {"length": "1 cm"}
    assert "more" not in shown


def test_a_list_of_objects_stored_in_both_versions(ropes: Ropes, hook: ConversionServer) -> None:
    """Only what is stored in another version is sent, and the order of the list stays."""
    ropes.create("v1", "a", size=1)
    ropes.create("v1", "c", size=3)
    ropes.store_in("v2")
    ropes.create("v2", "b", length="2 cm")
    hook.seen.clear()
    found = ropes.request("GET", "v2")[1]["items"]
    assert [(o["metadata"]["name"], o["spec"]["length"]) for o in found] == [
        ("a", "1 cm"),
        ("b", "2 cm"),
        ("c", "3 cm"),
    ]
    [review] = hook.seen
    assert [o["metadata"]["name"] for o in review["request"]["objects"]] == ["a", "c"]
    assert [o["spec"]["size"] for o in ropes.request("GET", "v1")[1]["items"]] == [1, 2, 3]


def test_a_watch_of_the_other_version(ropes: Ropes) -> None:
    """Every event of an object shows the watched version, the deletion too."""
    start = ropes.request("GET", "v2")[1]["metadata"]["resourceVersion"]
    ropes.create("v1", "a", size=1)
    ropes.request("PATCH", "v1", "a", {"spec": {"size": 2}}, Content_Type="application/merge-patch+json")
    ropes.request("DELETE", "v1", "a")
    events = ropes.watch("v2", start, 1)
    assert [(e["type"], e["object"]["spec"]["length"]) for e in events] == [
        ("ADDED", "1 cm"),
        ("MODIFIED", "2 cm"),
        ("DELETED", "2 cm"),
    ]
    assert {e["object"]["apiVersion"] for e in events} == {f"{ropes.group}/v2"}


def test_a_watch_ends_when_an_object_cannot_be_converted(ropes: Ropes, hook: ConversionServer) -> None:
    """What came before is delivered, then the stream ends, as when upstream's watch cache starts anew; others go on."""
    start = ropes.request("GET", "v2")[1]["metadata"]["resourceVersion"]
    ropes.create("v1", "a", size=1)
    with ThreadPoolExecutor() as pool:
        began = time.monotonic()
        broken, whole = (pool.submit(ropes.watch, v, start, 3) for v in ("v2", "v1"))
        eventually(lambda: hook.seen)
        hook.answer = lambda review: (500, b"")
        ropes.create("v1", "b", size=2)
        assert [e["object"]["metadata"]["name"] for e in broken.result()] == ["a"]
        assert time.monotonic() - began < 2.5
        assert [e["object"]["metadata"]["name"] for e in whole.result()] == ["a", "b"]


def test_patches_in_the_other_version(ropes: Ropes) -> None:
    """A patch sees and changes the object as its version shows it; what is stored follows."""
    ropes.create("v1", "a", size=1)
    for kind, body in (
        ("merge-patch+json", {"spec": {"length": "4 cm"}}),
        ("json-patch+json", [{"op": "test", "path": "/spec/length", "value": "4 cm"},
                             {"op": "replace", "path": "/spec/length", "value": "5 cm"}]),
    ):  # fmt: skip
        status, shown = ropes.request("PATCH", "v2", "a", body, Content_Type=f"application/{kind}")
        assert status == 200, shown
    assert shown["spec"] == {"length": "5 cm"}
    assert ropes.request("GET", "v1", "a")[1]["spec"] == {"size": 5}


def test_server_side_apply_in_the_other_version(ropes: Ropes) -> None:
    """Fields applied through one version are owned in the other: what conflicts is named as its owner knows it."""
    body = {"apiVersion": f"{ropes.group}/v2", "kind": "Rope", "metadata": {"name": "a"}, "spec": {"length": "4 cm"}}
    apply = "application/apply-patch+yaml"
    status, made = ropes.request("PATCH", "v2", "a?fieldManager=one", body, Content_Type=apply)
    assert status == 201, made
    [owner] = made["metadata"]["managedFields"]
    assert (owner["apiVersion"], owner["fieldsV1"]) == (f"{ropes.group}/v2", {"f:spec": {"f:length": {}}})
    other = copy.deepcopy(body)
    other.update(apiVersion=f"{ropes.group}/v1", spec={"size": 9})
    status, told = ropes.request("PATCH", "v1", "a?fieldManager=two", other, Content_Type=apply)
    assert status == 409
    assert told["details"]["causes"] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".spec.length"}
    ]
    status, shown = ropes.request("PATCH", "v1", "a?fieldManager=two&force=true", other, Content_Type=apply)
    assert (status, shown["spec"]) == (200, {"size": 9})
    assert [m["manager"] for m in shown["metadata"]["managedFields"]] == ["two"]


def test_a_webhook_that_does_not_answer_holds_nobody_else(ropes: Ropes, hook: ConversionServer) -> None:
    """While one request waits for its conversion, requests that need none are answered."""
    ropes.create("v1", "a", size=1)
    answer = converting(resize)

    def slow(review: Object) -> Any:
        time.sleep(0.6)
        return answer(review)

    hook.answer = slow
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(ropes.request, "GET", "v2", "a")
        eventually(lambda: hook.seen)
        began = time.monotonic()
        assert ropes.request("GET", "v1", "a")[0] == 200
        assert time.monotonic() - began < 0.4
        assert not waiting.done()
        assert waiting.result()[0] == 200


def test_nobody_listens(define: Callable[..., Ropes]) -> None:
    """A refused connection is named with its address."""
    ropes = define(url="https://127.0.0.1:1/x")
    ropes.create("v1", "a", size=1)
    with contextlib.suppress(KeyError):
        assert ropes.request("GET", "v2", "a")[1]["message"] == (
            f'conversion webhook for {ropes.group}/v1, Kind=Rope failed: Post "https://127.0.0.1:1/x?timeout=30s": '
            "dial tcp 127.0.0.1:1: connect: connection refused"
        )
