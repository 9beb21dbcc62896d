"""Flags that say what clients may do (upstream: kubeoptions.BuiltInAuthorizationOptions)."""

from __future__ import annotations

import dataclasses

from kubern.options.values import Duration, Strings


@dataclasses.dataclass
class AuthorizationOptions:
    """What clients are allowed to do."""

    authorization_config: str = ""
    """File with the chain of authorizers (apiserver.config.k8s.io AuthorizationConfiguration); not together with
    --authorization-mode or --authorization-webhook flags."""

    authorization_mode: Strings = ()
    """Authorizers in the order they are asked: AlwaysAllow, AlwaysDeny, ABAC, Webhook, RBAC, Node, or one that a
    plugin brings. Not given, without --authorization-config: AlwaysAllow."""

    authorization_policy_file: str = ""
    """File with the policy of mode ABAC, one JSON object per line."""

    authorization_webhook_cache_authorized_ttl: Duration = 300
    """How long the webhook's positive answers are kept."""

    authorization_webhook_cache_unauthorized_ttl: Duration = 30
    """How long the webhook's negative answers are kept."""

    authorization_webhook_config_file: str = ""
    """Kubeconfig file that says where the webhook of mode Webhook is."""

    authorization_webhook_version: str = "v1beta1"
    """Version of SubjectAccessReview to send to the webhook."""

    def validate(self) -> list[str]:
        problems = []
        modes = self.authorization_mode
        if self.authorization_config and modes:
            problems.append("--authorization-mode: must not be given with --authorization-config")
        repeated = sorted({mode for mode in modes if modes.count(mode) > 1})
        if repeated:
            problems.append(f"--authorization-mode: {', '.join(repeated)} named more than once")
        for mode, name in (("ABAC", "policy_file"), ("Webhook", "webhook_config_file")):
            given = bool(getattr(self, f"authorization_{name}"))
            if given != (mode in modes):
                flag_name = f"--authorization-{name.replace('_', '-')}"
                problems.append(f"{flag_name}: must be given with --authorization-mode={mode}, and only then")
        if self.authorization_webhook_version not in ("v1", "v1beta1"):
            problems.append(
                f"--authorization-webhook-version: {self.authorization_webhook_version!r} must be v1 or v1beta1"
            )
        return problems

    def file_flags(self) -> dict[str, str]:
        """Files that must be readable when named, by flag."""
        names = ("authorization_config", "authorization_policy_file", "authorization_webhook_config_file")
        return {f"--{name.replace('_', '-')}": getattr(self, name) for name in names}
