"""Metadata: what is known of each track beside its captions, one typed column a field.

Columns of a manifest that have no role, and tags of sound files. Every value is collected as text; the type of a field
is found when all its values are known, so that none is lost to a type that it does not fit.
"""
