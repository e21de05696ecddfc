"""A linear CCA beside kernel CCAs or in their place.

A look inside train says whether, and with which settings; its maps become heads.
"""
