"""From a parsed request to an answer: director, verbs, negotiation, responses (upstream: apiserver/pkg/endpoints)."""
