"""How requests of registered groups are answered: the proxy to extension API servers and merged documents."""
