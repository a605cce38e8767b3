"""``python -m irlnet_core.cli`` is ``irlnet``."""

import sys

from irlnet_core.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
