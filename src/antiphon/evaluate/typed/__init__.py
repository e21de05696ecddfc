"""The queries that people type: tags, two words, a question, an exclusion, made of a split's own captions and metadata.

Captions are what data sets have; few people type one. What is made, what counts as correct, and how it is measured.
"""
