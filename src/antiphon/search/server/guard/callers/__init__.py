"""Who asks: an owner by token, by the page's session or at this machine itself; a guest; or nobody who may.

Also where a request really comes from, when a reverse proxy stands in front, and where a server may listen at all.
"""
