"""The change feed: what has changed since a client asked last.

`cursor.py` says up to where a client knows the store, `reading.py` finds what follows, and `feed.py` answers, at once or when there
is something to say.
"""
