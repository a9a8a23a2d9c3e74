"""How long a state machine can run: an analysis of any Amazon States Language, in JSONPath or JSONata.

`analysis.analyse` takes a definition and returns the worst case of its states. It counts what the states are allowed
to take, and not what Step Functions itself needs between them (fractions of a second a state, the reading of a
distributed Map's items). It never raises, and never guesses: what it cannot bound it names, with the reason.

The bound is reached, but for a branch or an item that ends in Fail: it is counted as if it failed as late as it may, in
the last round, though it would end the others beside it sooner. So is an Express execution of an item that is cut off.
"""
