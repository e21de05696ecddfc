"""What the training doctor looks for, one file a topic; each rule is a pure function of a case.

How a training went is decided once (``course``); whatever else is said agrees with that.
"""
