"""A problem, settings and a store enter; the evaluated operators of a run leave, in the store.

The coordinator makes proposals in a fixed schedule and reports outcomes in the order of the proposals, so a
run is a function of its settings and of the outcomes.  To resume is to run again from the beginning, with
the outcomes that the store has: the strategy then knows what it knew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from syno_lang.diagnostics import SynoError, fail
from syno_lang.modules.readable import readable
from syno_lang.search.cost import cost_at
from syno_lang.search.executor import Executor
from syno_lang.search.outcome import Job, Outcome
from syno_lang.search.reward import read_reward
from syno_lang.search.settings import Bounds, Problem, Settings
from syno_lang.search.standing import Met, Standing, Watch
from syno_lang.search.store import Run, Store, Task
from syno_lang.search.strategy import Proposal, Strategy, strategy

#: How many operators in a row may be over the limits.
MAX_REJECTED: Final = 20_000

#: How often a watcher hears of a search that waits, in seconds.
TICK: Final = 0.5


@dataclass(frozen=True)
class _Item:
    """A proposal that waits to be reported; `is_new` when this run has not met its operator before."""

    proposal: Proposal
    cost: dict[str, int] = field(default_factory=dict)
    is_rejected: bool = False
    is_new: bool = False

    @property
    def digest(self) -> str:
        return self.proposal.definition.graph.digest


@dataclass
class Search:
    """A run in the making.  `start` makes the executor, when there is something to evaluate."""

    problem: Problem
    settings: Settings
    store: Store
    start: Callable[[], Executor]
    watch: Watch = field(default=lambda standing: None)

    def __post_init__(self) -> None:
        self.reward = read_reward(self.settings.reward)
        self.task = Task(self.settings.evaluator, self.problem.layers)
        self.strategy: Strategy = strategy(self.settings.strategy, self.problem.walk, self.settings.seed)
        self.standing = Standing()
        self._executor: Executor | None = None
        self._pending: deque[_Item] = deque()
        self._met: set[str] = set()
        self._running: set[str] = set()
        self._rejected_in_a_row = 0
        self._ended = False
        self._costs_and_texts: dict[str, tuple[dict[str, int], str]] = {}

    def run(self, bounds: Bounds) -> Run:
        """Evaluate until the budget, the time or the space is used up.

        Raises `SynoError`: E1201, E1203, E1204, E1205, E1206; what was evaluated is in the store.
        """
        run = self.store.begin(self.task, self.settings.to_json(self.problem), self.problem.source)
        self._known = self.store.evaluations(self.task)
        self._recorded = self.store.trials(run)
        self.standing.begin(bounds, len(self._recorded))
        try:
            while True:
                self._fill(bounds)
                if not self._pending:
                    break
                self._settle(run, self._pending.popleft())
        finally:
            if self._executor is not None:
                self._executor.close()
        if not self.standing.met and (self._ended or self.standing.rejected):
            raise self._nothing()
        return run

    def _fill(self, bounds: Bounds) -> None:
        while len(self._pending) < self.settings.ahead and not self._ended:
            # The replay of what is recorded takes no time from the budget of minutes.
            is_over = self.standing.is_over and len(self._met) >= len(self._recorded)
            if is_over or len(self._met) == bounds.budget:
                return
            proposal = self.strategy.propose()
            if proposal is None:
                self._ended = self.standing.exhausted = True
                return
            self._pending.append(self._begin(proposal, bounds))

    def _begin(self, proposal: Proposal, bounds: Bounds) -> _Item:
        """Decide what becomes of a proposal, and let it be evaluated if it has to be."""
        digest = proposal.definition.graph.digest
        try:
            cost = cost_at(proposal.definition, self.problem.layers)
        except SynoError as error:
            said = "; ".join(f"{item.code}: {item.message}" for item in error.diagnostics)
            if digest not in self._known:
                self._commit(digest, readable(proposal.definition), Outcome("unfit", error=said))
            cost = {}
        if any(cost.get(name, 0) > limit for name, limit in self.settings.limits.items()):
            self.standing.rejected += 1
            self._rejected_in_a_row += 1
            if self._rejected_in_a_row >= MAX_REJECTED:
                raise self._nothing()
            return _Item(proposal, cost, is_rejected=True)
        self._rejected_in_a_row = 0
        item = _Item(proposal, cost, is_new=digest not in self._met)
        self._met.add(digest)
        if digest not in self._known and digest not in self._running:
            self._submit(item, bounds)
        return item

    def _submit(self, item: _Item, bounds: Bounds) -> None:
        if self._executor is None:
            self._executor = self.start()
        text = readable(item.proposal.definition)
        self._running.add(item.digest)
        self._costs_and_texts[item.digest] = item.cost, text
        layers = self.problem.layers
        self._executor.submit(Job(item.digest, text, layers, bounds.seconds, bounds.memory))

    def _settle(self, run: Run, item: _Item) -> None:
        """Report the oldest proposal, once its outcome is there."""
        if item.is_rejected:
            self.strategy.report(item.proposal, None)
            return
        while item.digest not in self._known:
            self._collect()
        outcome = self._known[item.digest]
        reward = self.reward(outcome.metrics) if outcome.is_ok else None
        self.strategy.report(item.proposal, reward or 0.0)
        if item.is_new:
            number = self.standing.met
            self._record(run, number, item.digest, reward)
            self.standing.add(Met(number, item.proposal.definition.name, item.digest, reward, outcome))
            self.watch(self.standing)

    def _collect(self) -> None:
        """Wait for any evaluation, and commit it."""
        assert self._executor is not None
        found = self._executor.next(TICK)
        self.standing.running = len(self._running)
        if found is None:
            self.watch(self.standing)
            return
        digest, outcome = found
        cost, text = self._costs_and_texts.pop(digest)
        counted = {**outcome.metrics, **cost}
        self._commit(digest, text, Outcome(outcome.status, counted, outcome.error, outcome.seconds))
        self._running.discard(digest)
        self.standing.evaluated += 1

    def _commit(self, digest: str, text: str, outcome: Outcome) -> None:
        self.store.add(self.task, digest, text, outcome)
        self._known[digest] = outcome

    def _record(self, run: Run, number: int, digest: str, reward: float | None) -> None:
        if number >= len(self._recorded):
            self.store.add_trial(run, number, digest, reward)
        elif self._recorded[number][0] != digest:
            message = f"the run met another operator as number {number + 1} than the store says"
            hint = "syno or what it searches has changed since; take another seed for a new run"
            raise fail("E1204", message, hint=hint)

    def _nothing(self) -> SynoError:
        if not self.standing.rejected:
            return fail("E1205", f"{self.problem.name} holds no operator")
        most = " and ".join(f"{limit:g} {name}" for name, limit in self.settings.limits.items())
        which = "all" if self._ended else "the last"
        message = f"{which} {self.standing.rejected} operators need more than {most}"
        return fail("E1205", message, hint="raise the limit, or search another space")
