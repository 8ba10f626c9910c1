"""Speed and memory of minitorch beside its peers: ``make bench``.

A row of the table is a `Case` in a file of ``benchmarks/cases``: for each library a function that
sets the work up and returns a step. A worker is one process that holds one library; the session
asks the workers in turn, round after round, so that whatever slows the machine down slows them all.
"""
