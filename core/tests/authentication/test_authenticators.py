"""Who sends a request: certificates, front proxies, tokens, nobody."""

from __future__ import annotations

import base64
import datetime
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kubern.authentication import trust
from kubern.authentication.anonymous import Anonymous
from kubern.authentication.basic_file import BasicFile
from kubern.authentication.bearer import SPACE_WARNING, BearerToken, WebSocketToken
from kubern.authentication.insecure_port import InsecurePort
from kubern.authentication.interface import AuthenticationError, AuthenticationResponse, Authenticator
from kubern.authentication.request_header import HeaderNames, RequestHeader
from kubern.authentication.token_file import TokenFile
from kubern.authentication.token_union import TokenUnion
from kubern.authentication.trust import TrustAnchors
from kubern.authentication.union import Union
from kubern.authentication.x509 import X509
from kubern.request import RequestContext, RequestInfo, User
from kubern.util import certificates
from kubern.util.certificates import KeyPair, new_ca, new_certificate


def der(pair: KeyPair) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pair.cert.decode())


def request(
    chain: tuple[bytes, ...] = (), headers: list[tuple[str, str]] | None = None, **state: Any
) -> RequestContext:
    """A request context as the request-info filter makes it."""
    raw = [(k.lower().encode(), v.encode()) for k, v in headers or []]
    return RequestContext(
        RequestInfo("/", "get"),
        headers={k.decode(): v.decode() for k, v in raw},
        scope={"headers": raw, "state": {"client_chain": chain, **state}},
    )


@pytest.fixture
def ca(tmp_path: Path) -> KeyPair:
    pair = new_ca("ca")
    (tmp_path / "ca.crt").write_bytes(pair.cert)
    return pair


@pytest.fixture
def x509(ca: KeyPair, tmp_path: Path) -> X509:
    return X509(TrustAnchors(str(tmp_path / "ca.crt")))


# ---------------------------------------------------------------- certificates


async def test_a_certificate_names_user_and_groups(ca: KeyPair, x509: X509) -> None:
    """CN is the user, O the groups, the fingerprint the credential."""
    leaf = new_certificate(ca, "jane", organizations=("devs", "ops"))
    response = await x509.authenticate(request((der(leaf), der(ca))))
    assert response is not None
    assert response.user.name == "jane"
    assert response.user.groups == ("devs", "ops", "system:authenticated")
    ((key, (value,)),) = response.user.extra.items()
    assert key == "authentication.kubernetes.io/credential-id"
    assert value.startswith("X509SHA256=")


async def test_no_certificate_is_no_opinion(x509: X509) -> None:
    """Others may know the request."""
    assert await x509.authenticate(request()) is None


async def test_a_certificate_of_another_ca_is_an_error(x509: X509) -> None:
    """TLS verified it against the front proxies' CA, which makes nobody a user."""
    other = new_ca("front-proxy-ca")
    leaf = new_certificate(other, "jane")
    with pytest.raises(AuthenticationError, match="signed by unknown authority"):
        await x509.authenticate(request((der(leaf), der(other))))


async def test_a_servers_certificate_is_no_clients(ca: KeyPair, x509: X509) -> None:
    """The extended key usage counts."""
    leaf = new_certificate(ca, "jane", server=True)
    with pytest.raises(AuthenticationError, match="incompatible key usage"):
        await x509.authenticate(request((der(leaf), der(ca))))


async def test_an_expired_certificate_is_an_error(ca: KeyPair, x509: X509, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates are checked on every request."""
    monkeypatch.setattr(certificates, "LEAF_DAYS", -1)
    monkeypatch.setattr(certificates, "_CLOCK_SKEW", datetime.timedelta(days=2))
    leaf = new_certificate(ca, "jane")
    with pytest.raises(AuthenticationError, match="expired or is not yet valid"):
        await x509.authenticate(request((der(leaf), der(ca))))


async def test_a_ca_taken_out_of_the_file_counts_at_once(
    ca: KeyPair, x509: X509, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Identities that were known before are forgotten."""
    monkeypatch.setattr(trust, "CHECK_INTERVAL", 0)
    leaf = new_certificate(ca, "jane")
    assert await x509.authenticate(request((der(leaf), der(ca)))) is not None
    other = new_ca("other")
    (tmp_path / "ca.crt").write_bytes(other.cert + b"\n" + other.cert)
    with pytest.raises(AuthenticationError, match="unknown authority"):
        await x509.authenticate(request((der(leaf), der(ca))))
    (tmp_path / "ca.crt").write_text("broken")
    newcomer = new_certificate(other, "joe")
    assert await x509.authenticate(request((der(newcomer), der(other)))) is not None


# ---------------------------------------------------------------- front proxies

NAMES = HeaderNames.of(["X-Remote-User", "X-Other"], ["X-Remote-Uid"], ["X-Remote-Group"], ["X-Remote-Extra-"])
HEADERS = [
    ("X-Remote-User", "jane"), ("X-Remote-Group", "devs"), ("X-Remote-Group", "ops"), ("X-Remote-Uid", "7"),
    ("X-Remote-Extra-Acme.com%2fproject", "a"), ("X-Remote-Extra-Acme.com%2fproject", "b"), ("Accept", "x"),
]  # fmt: skip


@pytest.fixture
def front_proxy(ca: KeyPair, tmp_path: Path) -> Callable[..., RequestHeader]:
    return lambda *allowed: RequestHeader(TrustAnchors(str(tmp_path / "ca.crt")), allowed, NAMES)


async def test_a_front_proxy_is_believed(ca: KeyPair, front_proxy: Callable[..., RequestHeader]) -> None:
    """Name, groups, UID and extra come from headers, which are then taken out of the request."""
    ctx = request((der(new_certificate(ca, "proxy")), der(ca)), HEADERS)
    response = await front_proxy("proxy").authenticate(ctx)
    assert response == AuthenticationResponse(User("jane", "7", ("devs", "ops"), {"acme.com/project": ("a", "b")}))
    assert ctx.headers == {"accept": "x"}
    assert ctx.scope["headers"] == [(b"accept", b"x")]


async def test_headers_without_a_proxys_certificate_are_nothing(front_proxy: Callable[..., RequestHeader]) -> None:
    """Anybody can send headers."""
    assert await front_proxy().authenticate(request((), HEADERS)) is None


async def test_only_allowed_names_are_believed(ca: KeyPair, front_proxy: Callable[..., RequestHeader]) -> None:
    """Without a list every certificate of the CA is a proxy's."""
    ctx = request((der(new_certificate(ca, "mallory")), der(ca)), HEADERS)
    with pytest.raises(AuthenticationError, match="cn=mallory is not in the allowed list"):
        await front_proxy("proxy").authenticate(ctx)
    assert await front_proxy().authenticate(ctx) is not None


async def test_the_first_header_with_a_value_names_the_user(
    ca: KeyPair, front_proxy: Callable[..., RequestHeader]
) -> None:
    """The flag's order is the order of looking; no name is no opinion."""
    chain = (der(new_certificate(ca, "proxy")), der(ca))
    response = await front_proxy().authenticate(request(chain, [("X-Other", "joe"), ("X-Remote-User", "")]))
    assert response is not None
    assert response.user.name == "joe"
    assert await front_proxy().authenticate(request(chain, [("X-Remote-Group", "devs")])) is None


# ---------------------------------------------------------------- tokens


@pytest.fixture
def tokens(tmp_path: Path) -> TokenUnion:
    path = tmp_path / "tokens.csv"
    path.write_text('secret,jane,7,"devs,ops"\nbare,joe,8\n,nobody,9\n')
    return TokenUnion([TokenFile(str(path))])


async def test_a_bearer_token_of_the_file(tokens: TokenUnion) -> None:
    """The scheme is read without regard to case."""
    response = await BearerToken(tokens).authenticate(request(headers=[("Authorization", "bearer secret")]))
    assert response == AuthenticationResponse(User("jane", "7", ("devs", "ops", "system:authenticated")))
    response = await BearerToken(tokens).authenticate(request(headers=[("Authorization", "Bearer bare")]))
    assert response == AuthenticationResponse(User("joe", "8", ("system:authenticated",)))


async def test_an_unknown_token_is_an_error(tokens: TokenUnion) -> None:
    """Not an anonymous request."""
    with pytest.raises(AuthenticationError, match="invalid bearer token"):
        await BearerToken(tokens).authenticate(request(headers=[("Authorization", "Bearer wrong")]))


@pytest.mark.parametrize("header", ["", "Bearer", "Basic secret", "Bearer "])
async def test_other_headers_are_no_opinion(tokens: TokenUnion, header: str) -> None:
    """Without a token there is nothing to say."""
    assert await BearerToken(tokens).authenticate(request(headers=[("Authorization", header)])) is None


async def test_a_space_before_the_token_is_warned_of(tokens: TokenUnion) -> None:
    """The token is ignored, the client is told."""
    ctx = request(headers=[("Authorization", "Bearer  secret")])
    assert await BearerToken(tokens).authenticate(ctx) is None
    assert ctx.warnings == [SPACE_WARNING]


def websocket(*protocols: str) -> RequestContext:
    return request(headers=[("Upgrade", "websocket"), ("Sec-WebSocket-Protocol", ", ".join(protocols))])


def encoded(token: str) -> str:
    text = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
    return f"base64url.bearer.authorization.k8s.io.{text}"


async def test_a_token_in_a_websocket_subprotocol(tokens: TokenUnion) -> None:
    """It is taken out, so that the handshake does not echo it."""
    ctx = websocket(encoded("secret"), "v4.channel.k8s.io")
    response = await WebSocketToken(tokens).authenticate(ctx)
    assert response is not None
    assert response.user.name == "jane"
    assert ctx.headers["sec-websocket-protocol"] == "v4.channel.k8s.io"


@pytest.mark.parametrize(
    ("protocols", "error"),
    [
        ((encoded("secret"),), "missing additional subprotocol"),
        ((encoded("secret"), encoded("bare"), "x"), "multiple base64.bearer.authorization tokens"),
        (("base64url.bearer.authorization.k8s.io.a", "x"), "token encoding"),
        (("base64url.bearer.authorization.k8s.io._w", "x"), "invalid base64.bearer.authorization token"),
        ((encoded("wrong"), "x"), "invalid bearer token"),
    ],
)
async def test_wrong_subprotocol_tokens_are_errors(tokens: TokenUnion, protocols: tuple[str, ...], error: str) -> None:
    """Each with upstream's reason."""
    with pytest.raises(AuthenticationError, match=error):
        await WebSocketToken(tokens).authenticate(websocket(*protocols))


def test_a_token_file_with_too_few_columns_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    path = tmp_path / "tokens.csv"
    path.write_text("secret,jane\n")
    with pytest.raises(ValueError, match=r"tokens\.csv' must have at least 3 columns .* found 2"):
        TokenFile(str(path))


async def test_passwords_of_a_file(tmp_path: Path) -> None:
    """HTTP basic authentication, as it was until 1.18."""
    path = tmp_path / "passwords.csv"
    path.write_text("secret,jane,7,devs\n")
    basic = BasicFile(str(path))
    header = base64.b64encode(b"jane:secret").decode()
    response = await basic.authenticate(request(headers=[("Authorization", f"Basic {header}")]))
    assert response == AuthenticationResponse(User("jane", "7", ("devs",)))
    for wrong in (b"jane:guess", b"joe:secret", b":"):
        with pytest.raises(AuthenticationError):
            header = base64.b64encode(wrong).decode()
            await basic.authenticate(request(headers=[("Authorization", f"Basic {header}")]))
    assert await basic.authenticate(request()) is None


# ---------------------------------------------------------------- together


class Says:
    """An authenticator with one answer."""

    def __init__(self, answer: AuthenticationResponse | AuthenticationError | None) -> None:
        self.answer = answer

    async def authenticate(self, ctx: RequestContext) -> AuthenticationResponse | None:
        if isinstance(self.answer, AuthenticationError):
            raise self.answer
        return self.answer


JANE = AuthenticationResponse(User("jane"))
WRONG = AuthenticationError("wrong")


@pytest.mark.parametrize(
    ("authenticators", "user"),
    [
        ([Says(None), Says(JANE), Says(WRONG)], "jane"),
        ([Says(WRONG), Says(JANE)], "jane"),
        ([Says(None)], "system:anonymous"),
        ([], "system:anonymous"),
    ],
)
async def test_the_first_answer_counts(authenticators: list[Authenticator], user: str) -> None:
    """An error is forgiven when another authenticator knows the request."""
    response = await Union(authenticators, Anonymous()).authenticate(request())
    assert response is not None
    assert response.user.name == user


async def test_a_wrong_credential_is_never_anonymous() -> None:
    """Errors come out when nobody knows the request, equal ones once."""
    with pytest.raises(AuthenticationError, match=r"^wrong$"):
        await Union([Says(WRONG), Says(WRONG)], Anonymous()).authenticate(request())


async def test_without_anonymous_nobody_is_nobody() -> None:
    """--anonymous-auth=false."""
    assert await Union([Says(None)]).authenticate(request()) is None


async def test_users_are_in_system_authenticated_and_anonymous_is_not() -> None:
    """The group is added once."""
    known = await Union([Says(JANE)]).authenticate(request())
    anonymous = await Union([], Anonymous()).authenticate(request())
    assert known is not None
    assert anonymous is not None
    assert known.user.groups == ("system:authenticated",)
    assert anonymous.user.groups == ("system:unauthenticated",)


async def test_good_tokens_are_remembered_for_a_moment() -> None:
    """The same token is not asked for again, a bad one is."""
    asked: list[str] = []

    class Tokens:
        async def authenticate_token(self, token: str, audiences: tuple[str, ...]) -> AuthenticationResponse | None:
            asked.append(token)
            return JANE if token == "good" else None

    union = TokenUnion([Tokens()])
    for token in ("good", "good", "bad", "bad"):
        await union.authenticate_token(token, ())
    assert asked == ["good", "bad", "bad"]


async def test_requests_of_the_insecure_port_have_full_rights() -> None:
    """And only those."""
    response = await InsecurePort().authenticate(request(insecure=True))
    assert response is not None
    assert response.user.groups == ("system:masters", "system:authenticated")
    assert await InsecurePort().authenticate(request()) is None
