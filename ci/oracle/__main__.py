"""The command line: `python -m oracle [compare|golden|captures]`. ci/oracle.sh installs chio, builds the tool and runs this."""

import argparse
import sys
from pathlib import Path

from . import captures, compare, golden
from .reference import CODECS, codec_of


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ci/oracle.sh", description="compares lobbywire's Bancho codec with chio's")
    parser.add_argument("what", nargs="?", choices=("compare", "golden", "captures"), default="compare")
    parser.add_argument("--packets", type=int, default=compare.DEFAULT_PACKETS, help="minimum number of random packets")
    parser.add_argument("--seed", default=compare.DEFAULT_SEED, help="seed of the random packets")
    parser.add_argument("--build", type=int, metavar="B", help="only the version of this build")
    parser.add_argument("--tool", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, required=True, help="the directory tree that golden and captures write to")
    return parser.parse_args()


def main() -> int:
    """Returns the exit status: 0 if there is no unexplained difference."""
    arguments = _arguments()
    match arguments.what:
        case "golden":
            golden.write(arguments.tool, arguments.out)
        case "captures":
            captures.write(arguments.tool, arguments.out)
        case _:
            print(f"seed {arguments.seed!r}, at least {arguments.packets} packets", flush=True)
            codecs = CODECS if arguments.build is None else [codec_of(arguments.build)]
            return bool(compare.run(arguments.tool, arguments.packets, arguments.seed, codecs))
    return 0


sys.exit(main())
