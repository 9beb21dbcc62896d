"""API priority and fairness: who waits when there is more to do than seats (upstream: apiserver/pkg/util/flowcontrol).

- `controller.py` finds the flow of a request and keeps the levels as configured; start here
- `configuration.py` flow schemas and priority levels; `matching.py` which requests a schema is about
- `priority_level.py` a level's limits; `allocation.py` how levels lend seats; `integrator.py` what they needed
- `queue_set.py` the queues of a level, `queued_request.py` a request in them, `shuffle_sharding.py` which queue
- `work_estimator.py` how many seats a request takes; `watch_counts.py` who watches; `retry_after.py` when to come back
- `metrics.py` and `dump.py` show it all

Used by `filters/priority_and_fairness.py`; fed by whoever has the objects (`FlowController.configure`).
"""
