"""THE order of the filters, outermost last (upstream: DefaultBuildHandlerChain).

Each filter is a class in a file of its own; what the order depends on is said at the line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kubern.filters.authentication import AuthenticationFilter
from kubern.filters.authorization import AuthorizationFilter
from kubern.filters.deadline import DeadlineFilter
from kubern.filters.impersonation import ImpersonationFilter
from kubern.filters.metrics import MetricsFilter
from kubern.filters.panic_recovery import PanicRecoveryFilter
from kubern.filters.request_info import RequestInfoFilter

if TYPE_CHECKING:
    from kubern.config import CompletedConfig
    from kubern.endpoints.asgi import ASGIApp
    from kubern.options.generic import GenericOptions


def build_handler_chain(app: ASGIApp, config: CompletedConfig) -> ASGIApp:
    """The application with every filter in front of it."""
    from kubern.options.authentication import AuthenticationOptions
    from kubern.options.generic import GenericOptions

    generic = config.options.section(GenericOptions)
    app = AuthorizationFilter(app, config.authorizer)
    # Outside of authorization, so that refused requests cost their seats, too; inside of impersonation, so that the
    # flow is that of the user acted as.
    app = _limit_concurrency(app, config, generic)
    app = ImpersonationFilter(app, config.authorizer)
    if generic.send_retry_after_while_not_ready_once:
        from kubern.filters.retry_after import NotReadyFilter

        app = NotReadyFilter(app, config.lifecycle)
    if config.auditor is not None:
        from kubern.filters.audit import AuditFilter

        app = AuditFilter(app, config.auditor)
    audiences = config.options.section(AuthenticationOptions).api_audiences
    app = AuthenticationFilter(app, config.authenticator, config.metrics.authentication, audiences, config.auditor)
    if config.tracer_provider is not None:
        from kubern.filters.tracing import TracingFilter

        app = TracingFilter(app, config.tracer_provider)
    if generic.cors_allowed_origins:
        from kubern.filters.cors import CORSFilter

        app = CORSFilter(app, generic.cors_allowed_origins)
    # Outside of authentication, so that a request that asks for no sensible time is told so whoever sent it.
    app = DeadlineFilter(app, generic.request_timeout, config.auditor)
    if generic.goaway_chance:
        from kubern.filters.goaway import GoawayFilter

        app = GoawayFilter(app, generic.goaway_chance)
    if generic.strict_transport_security_directives:
        from kubern.filters.hsts import HSTSFilter

        app = HSTSFilter(app, generic.strict_transport_security_directives)
    if generic.shutdown_send_retry_after:
        from kubern.filters.retry_after import ShutdownFilter

        app = ShutdownFilter(app, config.lifecycle)
    app = MetricsFilter(app, config.metrics.requests)
    # Inside the request-info filter, so that its answers carry the audit ID and the warnings.
    app = PanicRecoveryFilter(app)
    return RequestInfoFilter(app)


def _limit_concurrency(app: ASGIApp, config: CompletedConfig, generic: GenericOptions) -> ASGIApp:
    """By flow schemas and priority levels, or by two numbers."""
    if config.flow_control is None:
        from kubern.filters.inflight import MaxInFlightFilter

        return MaxInFlightFilter(app, generic.max_requests_inflight, generic.max_mutating_requests_inflight)
    from kubern.filters.priority_and_fairness import PriorityAndFairnessFilter
    from kubern.flowcontrol.work_estimator import WorkEstimator

    estimator = WorkEstimator(config.storage_factory.object_stats, config.flow_control.watches)
    return PriorityAndFairnessFilter(app, config.flow_control, estimator, generic.request_timeout / 4)
