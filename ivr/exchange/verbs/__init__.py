"""The verbs of TwiML that the exchange carries out, a function each."""
