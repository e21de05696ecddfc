"""A small client for servers that speak Subsonic's protocol, with OpenSubsonic's additions.

It asks by GET for JSON, signs each request anew, and never sends one to another host than the one named.
"""
