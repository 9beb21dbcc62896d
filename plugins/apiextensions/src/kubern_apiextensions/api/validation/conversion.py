"""spec.conversion and its webhook (upstream: validateCustomResourceConversion and apiserver/pkg/util/webhook)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, Protocol

from kubern.apimachinery import field
from kubern.apimachinery.field import ErrorList, Path
from kubern.apimachinery.validation.webhooks import (
    REVIEW_VERSIONS,
    validate_review_versions,
    validate_webhook_service,
    validate_webhook_url,
)
from kubern_apiextensions.api.crd import Object


class AllowsLegacy(Protocol):
    """What of `options.py::ValidationOptions` matters here."""

    @property
    def require_recognized_review_version(self) -> bool: ...
    @property
    def allow_invalid_ca_bundle(self) -> bool: ...


STRATEGIES: Final = ("None", "Webhook")
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
    return validate_review_versions(versions, path, require_recognized=require_recognized)


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
