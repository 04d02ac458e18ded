"""Reading AAF files: names, packages, XML, typed rows.

No Django here: reader processes stay light.
"""
