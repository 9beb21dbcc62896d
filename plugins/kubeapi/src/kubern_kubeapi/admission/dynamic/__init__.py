"""What webhooks and policies share: which requests they are for, in which version they see them, what they are told.

`rules.py` and `matching.py` say whether a request is meant, `versions.py` converts objects, `request.py` describes the
request, `conditions.py` runs the CEL match conditions, `cel.py` runs expressions within their budgets.
"""
