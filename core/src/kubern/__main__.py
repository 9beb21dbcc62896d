"""`python -m kubern`."""

from __future__ import annotations

import sys

from kubern.cli import main

if __name__ == "__main__":
    sys.exit(main())
