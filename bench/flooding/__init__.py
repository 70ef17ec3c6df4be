"""A relay under a flood of strangers: barrage sends it, call is the call that has to survive it."""
