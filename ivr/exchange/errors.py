"""What can go wrong inside the stand-in telephone network.

JiachangError
├── ExchangeUnreachable  the control API does not answer
├── ProductFailed        the product gave the exchange no usable answer
└── BadInput
    └── BadOrder         the control API was asked for something that makes no sense
"""

from app.errors import BadInput, JiachangError


class ExchangeUnreachable(JiachangError):
    """The local exchange does not answer: is `jiachang exchange` running, and on this port?"""


class ProductFailed(JiachangError):
    """The product's webhook gave no usable answer; the message begins with Twilio's error number."""


class BadOrder(BadInput):
    """A script, handset, fault or request that the exchange cannot carry out; the message names the field."""


class HungUp(Exception):
    """The line went dead while a verb was waiting; control flow, never shown."""


class CallFailed(Exception):
    """The product's answer cannot be used. `code` is the number Twilio gives the same mistake."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)
