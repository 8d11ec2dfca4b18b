"""The words of CAP 1.2: its elements in the order of the schema (3.4), its enumerations (3.2.1, 3.2.2)."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Namespace → our name of the format. Those that are not in READABLE are recognised and refused.
NAMESPACES = {
    "urn:oasis:names:tc:emergency:cap:1.2": "cap-1.2",
    "urn:oasis:names:tc:emergency:cap:1.1": "cap-1.1",
    "http://www.incident.com/cap/1.0": "cap-1.0",
}
READABLE = frozenset({"cap-1.2"})

ORDER = {
    "alert": _words(
        "identifier sender sent status msgType source scope restriction addresses code note references"
        " incidents info"
    ),
    "info": _words(
        "language category event responseType urgency severity certainty audience eventCode effective"
        " onset expires senderName headline description instruction web contact parameter resource area"
    ),
    "area": _words("areaDesc polygon circle geocode altitude ceiling"),
    "eventCode": _words("valueName value"),
    "parameter": _words("valueName value"),
    "geocode": _words("valueName value"),
}

STATUSES = _words("Actual Exercise System Test Draft")
MESSAGE_TYPES = _words("Alert Update Cancel Ack Error")
SCOPES = _words("Public Restricted Private")
CATEGORIES = _words("Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other")
RESPONSE_TYPES = _words("Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None")
URGENCIES = _words("Immediate Expected Future Past Unknown")
SEVERITIES = _words("Extreme Severe Moderate Minor Unknown")
CERTAINTIES = _words("Observed Likely Possible Unlikely Unknown")
UNKNOWN_LEVEL = "Unknown"  # of urgency, severity, certainty

# Free text: a sender who leaves these empty simply had nothing to say.
MAY_BE_EMPTY = frozenset(
    _words("source restriction note audience senderName headline description instruction contact language")
)
