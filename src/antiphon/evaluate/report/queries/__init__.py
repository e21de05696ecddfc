"""Single questions: those that were answered best and worst, wrong answers that are right in other words, and excerpts.

What figures cannot show: somebody listens and judges.
"""
