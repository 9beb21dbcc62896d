"""For plugin authors' tests: a running server, PKI, contract suites. Imported by nobody in src."""
