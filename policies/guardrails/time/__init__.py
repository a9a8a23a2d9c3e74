"""The analysis of a state machine's running time, for any Amazon States Language in JSONPath or JSONata.

`analysis.analyse` takes a definition and returns the worst case of its states. It counts the time that the states may
take, and not the overhead of Step Functions between them (fractions of a second for each state, and the reading of a
distributed Map's items). It never raises and never guesses: it names each state that it cannot bound, with the reason.

The bound is exact, with two exceptions: a branch or an item that ends in Fail counts as if it failed as late as
possible, although it would end its siblings sooner; and so does an item's Express execution that reaches its limit.
"""
