"""What happened: audit events, policy and backends (upstream: apiserver/pkg/audit and plugin/pkg/audit).

`policy.py` says what is recorded, `event.py` what a record is, `auditor.py` takes records to the backends (`log.py`,
`webhook.py`). Nothing here is imported unless a policy and a backend are configured. Imported by `filters/audit.py`.
"""
