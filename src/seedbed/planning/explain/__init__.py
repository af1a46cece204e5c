"""Why a scenario brings what it brings: shares of kinds and instruments, cost per tonne, sensitivity, traces."""

from seedbed.planning.explain.explain import Explanation, explain, traced

__all__ = ["Explanation", "explain", "traced"]
