"""What tests of kubern and of its plugins share; needs pytest, imported by nothing else in `kubern`.

- `storage_contract.py` the behaviour every storage backend must show.
"""
