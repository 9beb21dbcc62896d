"""What core itself ships, registered through the same hooks as everybody's plugins.

One module per subject, hook implementations only. Imported by `plugins.py` and by nobody else.
"""
