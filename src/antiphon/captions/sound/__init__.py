"""Captions from sound: what a tagger and the signal encoders have heard, as phrases.

A track is described by what sets it apart from the rest of its library: in a library of metal, "loud" says nothing.
"""
