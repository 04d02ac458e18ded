"""`make bench`: how fast, as ratios to floors and peers measured in the same run.

Absolute figures drift with the machine and its neighbours; ratios hold. Each line names a floor
(the least that any program must do) or a peer (what one would write without thinking), measured
beside ours, and the goal that ours must reach. Everything happens in a database of its own under
`var/bench`.
"""
