"""`python -m ivr.exchange`: the exchange without the rest of the product, for tests."""

import argparse
import os
import sys

from app import log
from app.errors import SettingsError
from ivr.exchange.config import ExchangeConfig
from ivr.exchange.server import run

TOKEN_VARIABLE = "JIACHANG_TWILIO_AUTH_TOKEN"  # noqa: S105  a name, not a token


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m ivr.exchange", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:8002", help="address:port; port 0 takes any free one")
    parser.add_argument("--account-sid", required=True)
    parser.add_argument(
        "--auth-token", default=os.environ.get(TOKEN_VARIABLE, ""),
        help=f"signs webhooks and opens the REST API; default: {TOKEN_VARIABLE}",
    )  # fmt: skip
    parser.add_argument("--public-url", required=True, help="where the product's web process answers")
    parser.add_argument("--hotline-number", required=True, help="E.164")
    options = parser.parse_args()
    if not options.auth_token:
        parser.error(f"--auth-token or {TOKEN_VARIABLE} is needed")
    log.configure()
    try:
        run(ExchangeConfig(**vars(options)))
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
