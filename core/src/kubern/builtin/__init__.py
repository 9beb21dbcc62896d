"""What core itself ships, registered through the same hooks as everybody's plugins."""
