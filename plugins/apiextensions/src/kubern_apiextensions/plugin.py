"""The apiextensions member's hook implementations, and nothing else."""

from __future__ import annotations
