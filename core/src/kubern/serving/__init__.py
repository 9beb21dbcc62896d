"""Sockets, TLS and uvicorn: how bytes reach the filters."""
