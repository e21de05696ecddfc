"""What is asked, as one value that every searcher answers: words with weights, what is not wanted, tracks.

Nothing here loads torch or pyarrow: a query is answered from vectors alone.
"""
