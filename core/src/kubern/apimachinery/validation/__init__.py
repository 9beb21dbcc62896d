"""Checks shared by every kind's validation: metadata, labels, selectors, ports, addresses, percentages.

Each function takes plain values and a `field.Path` and returns the problems, in upstream's order
(apimachinery/pkg/api/validation, apis/meta/v1/validation, util/validation). Kinds' own rules live beside the
kind. Start with `objectmeta.py`.
"""
