"""`python -m kerasplus` is the `kerasplus` command."""

import sys

from kerasplus.cli import main

if __name__ == "__main__":
    sys.exit(main())
