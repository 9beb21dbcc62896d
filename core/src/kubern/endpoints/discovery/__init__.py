"""What a server says it serves: /api, /apis, groups, resource lists and the aggregated form.

`documents.py` builds the documents from declarations, `cache.py` keeps them as bytes, `handlers.py` answers.
"""
