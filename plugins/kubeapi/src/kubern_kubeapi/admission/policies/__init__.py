"""ValidatingAdmissionPolicy and MutatingAdmissionPolicy (upstream: apiserver/pkg/admission/plugin/policy).

`validating.py` and `mutating.py` are the plugins; `source.py` keeps the policies with their bindings, `params.py` finds
their parameters, `invocation.py` what one binding of a policy is asked about, `validator.py` and `patchers.py` evaluate.
"""
