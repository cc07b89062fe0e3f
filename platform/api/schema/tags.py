"""The sections of the API, in the order in which the documentation shows them."""

TAGS = [
    {"name": name, "description": description}
    for name, description in {
        "Auth": "Sign in, sign up and out. The token goes into the header Authorization.",
        "Account": "The client's profile, figures and limits. The log of what happened.",
        "Trading": "Open, change and close positions and pending orders. Lists and explains them.",
        "Market": "Symbols with their terms, quotes and candles. Each terminal has its watch list.",
        "Scripts": "Indicators and robots of the client's terminals. Public ones are read by all.",
        "Settings": "What a terminal keeps for its user. Each value is JSON of the terminal's own.",
        "Price alerts": "Alerts on a price, and the log of their firings. Each quote counts.",
        "Notifications": "What the platform told the client. They stay until they are old.",
        "Staff": "Lists over many accounts. A role sees those that it may see.",
        "Feed": "A bridge sends quotes here. Each is answered for.",
    }.items()
]
