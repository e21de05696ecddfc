"""The page itself: template, style sheet, script, and pictures put into it.

Nothing in it comes from elsewhere when it is opened, and nothing that a title or caption says is taken for markup.
"""
