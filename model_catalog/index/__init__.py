"""What the catalog holds, in memory and never changed: lists with filters, search, orders and pages; options; recommendations.

Pure functions of entries: nothing here reads files or speaks HTTP. A change of a source makes a new `Catalog`, which shares with
the one before all that did not change, so readers need no lock.
"""
