"""The tracer that sends spans to a collector (upstream: component-base/tracing, NewProvider); needs OpenTelemetry."""

from __future__ import annotations

import uuid

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased

from kubern.tracing.config import MILLION, TracingConfig

SERVICE_NAME = "apiserver"


def make_tracer_provider(config: TracingConfig) -> TracerProvider:
    """Exports in batches from a thread of its own; `shutdown()` sends what is left."""
    rate = config.sampling_rate_per_million
    sampler = ParentBased(TraceIdRatioBased(rate / MILLION) if rate else ALWAYS_OFF)
    resource = Resource.create({"service.name": SERVICE_NAME, "service.instance.id": str(uuid.uuid4())})
    provider = TracerProvider(sampler, resource, shutdown_on_exit=False)
    insecure = not config.endpoint.startswith("https://")
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(config.endpoint, insecure=insecure)))
    return provider
