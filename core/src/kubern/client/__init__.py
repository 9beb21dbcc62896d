"""The loopback client, informers and work queues for code that runs inside the server."""
