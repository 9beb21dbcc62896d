"""Users of an OpenID provider that is not ours: a package's, over TLS, with the authorization code flow."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from kubern.testing.servers import RunningServer
from kubern.testing.waiting import eventually
from kubern.util.certificates import new_ca, new_certificate

REVIEW = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}


class Provider:
    """Where the provider is, and its users' ID tokens."""

    def __init__(self, port: int, ca_file: Path) -> None:
        self.url = f"https://127.0.0.1:{port}"
        self.ca_file = ca_file
        self._port = port

    def log_in(self, subject: str, client: str = "kubectl") -> str:
        """An ID token for `client`, as a browser and a client get it."""
        query = {"client_id": client, "redirect_uri": "http://localhost/", "response_type": "code", "scope": "openid"}
        answer = self._post(f"/oauth2/authorize?{urlencode(query)}", {"sub": subject})
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        answer = self._post(
            "/oauth2/token",
            {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost/"},
            Authorization="Basic " + base64.b64encode(f"{client}:secret".encode()).decode(),
        )
        token: str = json.loads(answer.read())["id_token"]
        return token

    def _post(self, path: str, form: dict[str, str], **headers: str) -> http.client.HTTPResponse:
        context = ssl.create_default_context(cafile=str(self.ca_file))
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=context)
        form_type = "application/x-www-form-urlencoded"
        connection.request("POST", path, urlencode(form), {"Content-Type": form_type, **headers})
        answer = connection.getresponse()
        assert answer.status < 400, answer.read()
        return answer


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A provider with a certificate of its own CA."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mock = pytest.importorskip("oidc_provider_mock")
        from werkzeug.serving import make_server
    directory = tmp_path_factory.mktemp("provider")
    ca = new_ca("provider-ca")
    pair = new_certificate(ca, "provider", names=("127.0.0.1",), server=True)
    (directory / "ca.crt").write_bytes(ca.cert)
    (directory / "server.pem").write_bytes(pair.cert + pair.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem")
    application = mock.app()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Provider(server.server_port, directory / "ca.crt")
    server.shutdown()
    thread.join()
    server.server_close()


def who(server: RunningServer, token: str) -> Any:
    """What the server thinks of the owner of a token, None when it does not know it."""
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    answer = server.request("POST", path, REVIEW, token=token)
    return answer.json()["status"]["userInfo"] if answer.status == 201 else None


@pytest.mark.filterwarnings("ignore")
def test_users_of_the_flags_issuer(provider: Provider, start_server: Callable[..., RunningServer]) -> None:
    """A token for our client is a user with the prefix of the flags; a token for another client is nobody's."""
    server = start_server(
        f"--oidc-issuer-url={provider.url}",
        "--oidc-client-id=kubectl",
        f"--oidc-ca-file={provider.ca_file}",
        "--oidc-username-prefix=oidc:",
        "--authorization-mode=RBAC",
    )
    token = provider.log_in("jane")
    assert who(server, token) == {"username": "oidc:jane", "groups": ["system:authenticated"]}
    assert who(server, provider.log_in("jane", client="another")) is None
    header, payload, signature = token.split(".")
    assert who(server, f"{header}.{payload}.{signature[:-8]}AAAAAAAA") is None
    answer = server.request("GET", "/api/v1/pods", token=token)
    assert answer.json()["message"] == (
        'pods is forbidden: User "oidc:jane" cannot list resource "pods" in API group "" at the cluster scope'
    )


@pytest.mark.filterwarnings("ignore")
def test_the_configuration_is_followed(
    provider: Provider, start_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    """A changed --authentication-config is in force without a restart, a broken one is not."""
    path = tmp_path / "authentication.json"

    def write(**mappings: Any) -> None:
        issuer = {
            "url": provider.url, "audiences": ["kubectl"], "certificateAuthority": provider.ca_file.read_text(),
        }  # fmt: skip
        config = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration"}
        path.write_text(json.dumps({**config, "jwt": [{"issuer": issuer, "claimMappings": mappings}]}))

    write(username={"expression": "'first:' + claims.sub"})
    server = start_server(f"--authentication-config={path}")
    token = provider.log_in("jane")
    assert who(server, token)["username"] == "first:jane"
    write(username={"expression": "this is no CEL"})
    time.sleep(1.5)
    assert who(server, token)["username"] == "first:jane"
    write(username={"claim": "sub", "prefix": "second:"})
    eventually(lambda: who(server, token)["username"] == "second:jane")
