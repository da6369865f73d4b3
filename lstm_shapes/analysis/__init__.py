"""One question each, answered from an inferred model: report, params, cost, solve, sweep, diff, verify, explain."""
