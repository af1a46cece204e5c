"""Why a scenario brings what it brings: shares of kinds and instruments, cost per tonne, sensitivity, traces."""

from seedbed.plan.explain.explain import Explanation, explain, trace_of

__all__ = ["Explanation", "explain", "trace_of"]
