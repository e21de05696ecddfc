"""What ``import antiphon`` gives: a library's verbs and a loaded checkpoint, thin over the folders beneath.

A library is an object with methods, because most verbs are names of folders already (``antiphon.search`` is the folder
of search). Methods import what they call when they are called: opening a library must not load torch.
"""
