"""The command line: `python -m manifill generate PATH…`."""

from __future__ import annotations

import signal
import sys

from manifill import _native


def main() -> int:
    """Runs the command line and returns its exit status."""
    # The work is done outside of Python, which would see Ctrl-C only afterwards.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    return _native.main(["manifill", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
