"""Results in the form of TREC: qrels (what is correct) and runs (what was found), written and read.

So other tools judge Antiphon's answers, and Antiphon judges those of other systems.
"""
