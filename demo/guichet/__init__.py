"""Nancy-Metz's own guichet in the demonstration: its look, its agents, its keys, its one service.

Filled in the guichet's realm by `python -m demo.guichet`: the rooms of the portal are not loaded.
"""
