"""What stands in front of the server's routes: who asks, how much, under which name, from which page.

Each file holds one middleware, which knows ASGI alone; :mod:`antiphon.search.server.guard.chain` puts them in their
order.
"""
