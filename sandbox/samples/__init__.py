"""Sample logs for trying the bot out: one believable outage of a web shop, seen by its application, database and proxy.

The story is played by a small simulation (a proxy, three application instances with connection pools, one database with
a lock queue and a connection limit), so the three logs agree with each other down to the request id. The same seed and
size give the same bytes.
"""
