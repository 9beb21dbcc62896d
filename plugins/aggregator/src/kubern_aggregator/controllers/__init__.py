"""What runs beside the requests: registration of local group-versions and the availability of remote ones."""
