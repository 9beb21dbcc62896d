"""How much at once: priority and fairness, in-flight limits (upstream: apiserver/pkg/util/flowcontrol)."""
