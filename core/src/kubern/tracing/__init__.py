"""OpenTelemetry tracing of requests, for --tracing-config-file; extra `kubern-core[tracing]`.

- `config.py` the file; `provider.py` the tracer that exports to the collector it names
- `../filters/tracing.py` makes a span of each request
"""
