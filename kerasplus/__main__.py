"""`python -m kerasplus` is the `kerasplus` command."""

import sys

from kerasplus.cli import main

sys.exit(main())
