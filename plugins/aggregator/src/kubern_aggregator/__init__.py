"""The aggregator member: APIService objects, merged discovery and the proxy to extension API servers."""
