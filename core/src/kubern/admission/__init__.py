"""What may be written: admission plugins' contract and chain (upstream: apiserver/pkg/admission)."""
