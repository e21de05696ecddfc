"""AudioMuse-AI's HTTP dialect, as the plug-ins of Navidrome, Jellyfin, LMS and Ampache call it.

What the plug-ins send and read stands in the tests, request for request. What is not here answers 404 with
the reason (:mod:`absent`), upon which they fall back to what is.
"""
