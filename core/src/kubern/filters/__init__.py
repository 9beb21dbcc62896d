"""The filters in front of every request, one pure ASGI class per file; their order is in `chain.py`."""
