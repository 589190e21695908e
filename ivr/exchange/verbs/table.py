"""Name → function. A new verb is one file and one line here."""

from collections.abc import Mapping
from types import MappingProxyType

from ivr.exchange.interpreter import Handler
from ivr.exchange.verbs.connect import connect
from ivr.exchange.verbs.control import hangup, pause, redirect, start
from ivr.exchange.verbs.dial import dial
from ivr.exchange.verbs.gather import gather
from ivr.exchange.verbs.record import record
from ivr.exchange.verbs.speak import play, say

VERBS: Mapping[str, Handler] = MappingProxyType(
    {
        "Say": say,
        "Play": play,
        "Gather": gather,
        "Record": record,
        "Redirect": redirect,
        "Hangup": hangup,
        "Pause": pause,
        "Start": start,
        "Dial": dial,
        "Connect": connect,
    }
)
