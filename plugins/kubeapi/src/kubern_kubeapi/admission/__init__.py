"""kube-apiserver's admission plugins, one per module; `registration.py` has their order and the default set.

What they share: `lister.py` (objects read from watch caches), `pods.py` (walks over pods), `podresources.py`,
`tolerations.py`, `signers.py`. Namespaces' own plugin, NamespaceLifecycle, is
core's. A plugin reads, checks and changes `Attributes` only; it never lists per request.
"""
