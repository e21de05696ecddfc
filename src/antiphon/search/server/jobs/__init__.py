"""Work on the library beside answering: commands of Antiphon as processes of their own, one at a time.

Each (:mod:`child`) tells how far it is, stops at SIGINT so that it can carry on, and ends when the server ends, however
that ends. Which commands a job is made of is asked before each of them (:mod:`steps`).
"""
