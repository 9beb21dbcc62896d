"""MutatingAdmissionWebhook and ValidatingAdmissionWebhook (upstream: apiserver/pkg/admission/plugin/webhook).

`mutating.py` and `validating.py` are the plugins; `source.py` keeps the configured webhooks and chooses those that a
request is for, `call.py` calls one, `review.py` has the documents that go there and back, `credentials.py` what the
server shows of itself.
"""
