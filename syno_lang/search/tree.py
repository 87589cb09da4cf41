"""A walk, a seed and rewards enter; operators leave by Monte Carlo tree search over the canonical states.

The tree is a directed graph: a state that is reached in several orders is one node (the transposition
table).  A step is judged by the mean reward of its node, mixed with the mean of all operators that take
the step anywhere below (AMAF), and by an exploration term in which exact counts are the prior.  Nodes show
more of their steps the more often they are visited.  What is being evaluated counts as a visit without
reward.  Dead ends and states whose operators are all proposed are left out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syno_lang.search.explored import Explored, Trail, by_count
from syno_lang.search.strategy import Proposal, State
from syno_lang.search.tree_nodes import Edge, Mean, Node
from syno_lang.synth.walk import Step, Walk


@dataclass(frozen=True)
class TreeOptions:
    """How the tree grows.

    `exploration` is in units of the spread of the rewards; a node with n visits shows `widening * n**growth`
    steps; a mean of AMAF weighs as much as `amaf` visits; priors are counts to the power `flatness`.
    """

    exploration: float = 0.7
    widening: float = 2.0
    growth: float = 0.6
    amaf: float = 4.0
    flatness: float = 1.0


@dataclass(frozen=True)
class _Flight:
    """A proposal that is being evaluated: the nodes and edges that led to it in the tree."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def visited(self) -> tuple[Node | Edge, ...]:
        """All of them."""
        return (*self.nodes, *self.edges)


class TreeSearch:
    """See the module."""

    def __init__(self, walk: Walk[State], seed: int, options: TreeOptions | None = None) -> None:
        self._explored = Explored(walk)
        self._draw = random.Random(seed)
        self._options = options or TreeOptions()
        self._nodes: dict[str, Node] = {}
        self._flights: dict[str, _Flight] = {}
        self._least, self._most = math.inf, -math.inf
        start = self._explored.start()
        self._root = self._node(start.states[0], start.keys[0])

    def propose(self) -> Proposal | None:
        """See `Strategy`."""
        while self._root.key not in self._explored.done:
            nodes, edges = self._select()
            trail = Trail(
                [node.state for node in nodes], [node.key for node in nodes], [edge.step for edge in edges]
            )
            found = self._explored.down(trail, by_count(self._explored, self._draw))
            if found is None:
                continue
            flight = _Flight(tuple(nodes), tuple(edges))
            for visited in flight.visited:
                visited.waiting += 1
            self._flights[found.key] = flight
            return found
        return None

    def report(self, proposal: Proposal, reward: float | None) -> None:
        """See `Strategy`."""
        flight = self._flights.pop(proposal.key)
        for visited in flight.visited:
            visited.waiting -= 1
        if reward is None:
            return
        self._least, self._most = min(self._least, reward), max(self._most, reward)
        for visited in flight.visited:
            visited.mean.add(reward)
        for depth, node in enumerate(flight.nodes):
            node.learn(proposal.steps[depth:], reward)

    def statistics(self) -> Mapping[str, Any]:
        """Every node with its visits, its reward and its edges."""
        return {key: node.statistics() for key, node in sorted(self._nodes.items())}

    def _node(self, state: State, key: str) -> Node:
        return self._nodes.setdefault(key, Node(state, key))

    def _select(self) -> tuple[list[Node], list[Edge]]:
        """The way from the root to a node that was not visited, or that has nothing below."""
        nodes, edges = [self._root], []
        while nodes[-1].visits:
            edge = self._best(nodes[-1])
            if edge is None:
                break
            edges.append(edge)
            nodes.append(self._node(edge.state, edge.key))
        return nodes, edges

    def _best(self, node: Node) -> Edge | None:
        """The step to take from `node`; `None` where none is left."""
        self._expand(node)
        node.hidden = [edge for edge in node.hidden if edge.key not in self._explored.done]
        node.shown = [edge for edge in node.shown if edge.key not in self._explored.done]
        allowed = self._options.widening * node.visits**self._options.growth
        while node.hidden and (not node.shown or len(node.shown) < allowed):
            shown = max(node.hidden, key=lambda edge: self._promise(node, edge))
            node.hidden.remove(shown)
            node.shown.append(shown)
        if not node.shown:
            return None
        total = sum(edge.prior for edge in node.shown)
        return max(node.shown, key=lambda edge: self._score(node, edge, edge.prior / total))

    def _expand(self, node: Node) -> None:
        if node.expanded:
            return
        node.expanded = True
        arrows = self._explored.arrows(node.state)
        weights = self._explored.weights(arrows)
        priors = _flattened(weights, self._options.flatness)
        node.hidden = [
            Edge(arrow.step, arrow.state, arrow.key, prior)
            for arrow, prior, weight in zip(arrows, priors, weights, strict=True)
            if weight
        ]

    @property
    def _spread(self) -> float:
        return self._most - self._least if self._most > self._least else 1.0

    def _promise(self, node: Node, edge: Edge) -> float:
        """What is worth showing first: what did well elsewhere, with chance in the size of the prior."""
        chance = self._draw.random() * edge.prior
        return self._elsewhere(node, edge.step) + self._options.exploration * self._spread * chance

    def _score(self, node: Node, edge: Edge, prior: float) -> float:
        child = self._nodes.get(edge.key)
        tried = child.visits if child is not None else 0
        total = child.mean.total if child is not None else 0.0
        trust = self._options.amaf / (self._options.amaf + tried)
        own = total / tried if tried else 0.0
        value = (1 - trust) * own + trust * self._elsewhere(node, edge.step)
        unknown = prior * math.sqrt(node.visits + 1) / (1 + edge.visits)
        return value + self._options.exploration * self._spread * unknown

    def _elsewhere(self, node: Node, step: Step) -> float:
        """The mean reward of operators with the step: below `node`, then anywhere, then of its kind."""
        local = node.amaf.get(step.key, Mean())
        everywhere = self._root.amaf.get(step.key) or self._root.kinds.get(step.kind) or self._root.mean
        trust = self._options.amaf / (self._options.amaf + local.count)
        return (1 - trust) * local.value + trust * everywhere.value


def _flattened(weights: Sequence[int], power: float) -> list[float]:
    """Weights to a power, the largest 1; counts may be far too large for floats."""
    largest = max(weights, default=1)
    return [(weight / largest) ** power for weight in weights]
