"""The carrier's error numbers, by what helps: nothing, time, or an administrator.

Source: https://www.twilio.com/docs/api/errors
"""

PERMANENT = frozenset({21211, 21214, 21217, 21401, 21610, 21612, 21614, 30004, 30005, 30006})
LANDLINE = frozenset({21614, 30006})  # no text will ever arrive there, but a call does
TRANSIENT = frozenset({20429, 21611, 30001, 30003, 30008})
CONFIGURATION = frozenset(
    {20003, 20404, 21205, 21210, 21212, 21215, 21219, 21408, 21606, 21608, 13227, 30002, 30007}
)
NOT_FOUND = 20404
ALREADY_OVER = 21220  # "Unable to update record: invalid call state"
