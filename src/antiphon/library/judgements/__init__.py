"""Judgements: what people said about a text and a track that no caption puts together.

They lie in ``judgements.jsonl`` of the library, one object a line, appended and never changed; the last about a pair
counts. What is judged is words and a track: a judgement holds for every caption that reads the same, and for no other
caption once its words have changed.
"""
