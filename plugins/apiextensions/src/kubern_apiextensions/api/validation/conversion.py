"""spec.conversion and its webhook (upstream: validateCustomResourceConversion and apiserver/pkg/util/webhook)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.names import is_dns1035_label, is_dns1123_subdomain
from kubern_apiextensions.api.crd import Object


class AllowsLegacy(Protocol):
    """What of `options.py::ValidationOptions` matters here."""

    @property
    def require_recognized_review_version(self) -> bool: ...
    @property
    def allow_invalid_ca_bundle(self) -> bool: ...


STRATEGIES: Final = ("None", "Webhook")
REVIEW_VERSIONS: Final = ("v1", "v1beta1")
_NOT_WEBHOOK: Final = "should not be set when strategy is not set to Webhook"
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----", re.DOTALL)


def names_recognized_version(conversion: Object | None) -> bool:
    """Whether the review versions of a stored conversion are empty or name one this server speaks."""
    webhook = (conversion or {}).get("webhook") or {}
    versions = webhook.get("conversionReviewVersions") or []
    return not versions or any(v in REVIEW_VERSIONS for v in versions)


def validate_conversion(conversion: Object | None, options: AllowsLegacy, path: Path) -> ErrorList:
    """Problems of how versions are converted."""
    if conversion is None:
        return []
    strategy = conversion.get("strategy", "")
    errors: ErrorList = []
    if not strategy:
        errors.append(field.required(path.child("strategy")))
    elif strategy not in STRATEGIES:
        errors.append(field.not_supported(path.child("strategy"), strategy, STRATEGIES))
    webhook = conversion.get("webhook") or {}
    client, reviews = webhook.get("clientConfig"), webhook.get("conversionReviewVersions") or []
    client_path, reviews_path = path.child("webhookClientConfig"), path.child("conversionReviewVersions")
    if strategy == "Webhook":
        errors += _validate_client(client, options, client_path)
        return errors + _validate_reviews(reviews, options.require_recognized_review_version, reviews_path)
    if client is not None:
        errors.append(field.forbidden(client_path, _NOT_WEBHOOK))
    if reviews:
        errors.append(field.forbidden(reviews_path, _NOT_WEBHOOK))
    return errors


def _validate_client(client: Object | None, options: AllowsLegacy, path: Path) -> ErrorList:
    if client is None:
        return [field.required(path, "required when strategy is set to Webhook")]
    errors: ErrorList = []
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        errors.append(field.required(path, "exactly one of url or service is required"))
    elif url is not None:
        errors += validate_webhook_url(url, path.child("url"))
    elif service is not None:
        errors += validate_webhook_service(service, path.child("service"))
    if client.get("caBundle") and not options.allow_invalid_ca_bundle:
        errors += validate_ca_bundle(client["caBundle"], path.child("caBundle"))
    return errors


def _validate_reviews(versions: list[str], require_recognized: bool, path: Path) -> ErrorList:
    if not versions:
        return [field.required(path)]
    errors: ErrorList = []
    seen: set[str] = set()
    for i, version in enumerate(versions):
        if version in seen:
            errors.append(field.invalid(path.index(i), version, "duplicate version"))
            continue
        seen.add(version)
        errors += [field.invalid(path.index(i), version, problem) for problem in is_dns1035_label(version)]
    if require_recognized and not seen.intersection(REVIEW_VERSIONS):
        errors.append(field.invalid(path, versions, "must include at least one of " + ", ".join(REVIEW_VERSIONS)))
    return errors


def validate_webhook_url(url: str, path: Path) -> ErrorList:
    """An https URL with a host and without credentials, query or fragment."""
    form = "; desired format: https://host[/path]"
    try:
        parts: SplitResult = urlsplit(url)
    except ValueError as error:
        return [field.required(path, f"url must be a valid URL: {error}{form}")]
    errors: ErrorList = []
    if parts.scheme != "https":
        errors.append(field.invalid(path, parts.scheme, "'https' is the only allowed URL scheme" + form))
    if not parts.netloc.rpartition("@")[2]:
        errors.append(field.invalid(path, parts.netloc, "host must be specified" + form))
    if "@" in parts.netloc:
        user = parts.netloc.rpartition("@")[0]
        errors.append(field.invalid(path, user, "user information is not permitted in the URL"))
    if parts.fragment:
        errors.append(field.invalid(path, parts.fragment, "fragments are not permitted in the URL"))
    if parts.query:
        errors.append(field.invalid(path, parts.query, "query parameters are not permitted in the URL"))
    return errors


def validate_webhook_service(service: Object, path: Path) -> ErrorList:
    """A named service, a port, and a path of DNS-like segments."""
    errors: ErrorList = []
    for name in ("name", "namespace"):
        if not service.get(name):
            errors.append(field.required(path.child(name), f"service {name} is required"))
    port = service.get("port")
    if port is not None and not 1 <= port <= 65535:
        detail = "port is not valid: must be between 1 and 65535, inclusive"
        errors.append(field.invalid(path.child("port"), port, detail))
    if service.get("path") is not None:
        errors += _validate_path(service["path"], path.child("path"))
    return errors


def _validate_path(text: str, path: Path) -> ErrorList:
    if not text or text == "/":
        return []
    if text == "//":
        return [field.invalid(path, text, "segment[0] may not be empty")]
    errors: ErrorList = []
    if not text.startswith("/"):
        errors.append(field.invalid(path, text, "must start with a '/'"))
    to_check = text[1:]
    if to_check.endswith("/"):
        to_check = to_check[:-1]
    for i, step in enumerate(to_check.split("/")):
        if not step:
            errors.append(field.invalid(path, text, f"segment[{i}] may not be empty"))
            continue
        errors += [field.invalid(path, text, f"segment[{i}]: {problem}") for problem in is_dns1123_subdomain(step)]
    return errors


def validate_ca_bundle(bundle: str, path: Path) -> ErrorList:
    """At least one PEM certificate."""
    detail = _ca_bundle_problem(bundle)
    return [field.invalid(path, bundle, "unable to load root certificates: " + detail)] if detail else []


def ca_bundle_is_valid(conversion: Object | None) -> bool:
    """Whether the CA bundle of a stored conversion is absent or good."""
    webhook = (conversion or {}).get("webhook") or {}
    bundle = (webhook.get("clientConfig") or {}).get("caBundle")
    return not bundle or not _ca_bundle_problem(bundle)


def _ca_bundle_problem(bundle: str) -> str:
    """Why the base64 text of a bundle gives no certificates, "" when it does (upstream: cert.ParseCertsPEM)."""
    from cryptography import x509

    try:
        text = base64.b64decode(bundle, validate=False).decode("latin-1")
    except (binascii.Error, ValueError):
        text = ""
    found = list(_PEM.finditer(text))
    if not found:
        return "data does not contain any valid RSA or ECDSA certificates"
    for match in found:
        try:
            x509.load_pem_x509_certificate(match[0].encode("latin-1"))
        except ValueError as error:
            return str(error)
    return ""
