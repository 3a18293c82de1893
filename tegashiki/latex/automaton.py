r"""The grammar as one table, for recognisers in other languages, which then need no grammar rules of their own.

The table is a push-down automaton. Its state consists of a stack of groups (the last is the innermost), a phase and a
word. All are small integers whose meaning a recogniser does not need to know. The innermost group, the phase and the
word are the kind of the state. The kind and the class of the next token determine an action: the groups that replace
the innermost group, the new phase and the new word. The table is computed from `tegashiki.latex.grammar.Grammar`, so
that every rule is stated only once.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from tegashiki.latex.grammar import Grammar, GrammarState, Group, Phase
from tegashiki.latex.parser import MAX_DEPTH
from tegashiki.latex.visible import INVISIBLE
from tegashiki.latex.vocabulary import CLOSERS, EOS_ID, RESTRICTIONS, Vocabulary

FORMAT = 1
_Action = tuple[tuple[int, ...], int, int, int, bool, bool]


def automaton(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the grammar over a vocabulary as JSON values.

    Args:
        vocabulary: The vocabulary of the recogniser.

    Returns:
        A dictionary with these keys:

        - format: Version of the format, increased when older readers cannot read it.
        - max_depth: Number of groups on the stack at which actions that deepen become forbidden.
        - tokens: The class of each token, including the end token. A token without a class is never allowed.
        - start: The stack and the closing length before the first token. The phase and the word are 0.
        - kinds: (group, phase, word, for each class an index into actions, or -1 if no token of the class may follow).
        - closers: The tokens that every restriction allows.
        - restrictions: The tokens of each preset by its name. The vocabulary may lack some of them.
        - actions: (groups, phase, word, change, visible, deepens). `groups` replace the innermost group. `change` is
          added to the closing length, the minimum number of tokens until the end token may follow. `visible` is
          whether a pen draws the token here. `deepens` is whether the action needs a stack below max_depth.
    """
    grammar = Grammar(vocabulary)
    actions: dict[_Action | None, int] = {}
    table = []
    for state in _kinds(grammar):
        found = [_action(grammar, state, token_id) for token_id in range(EOS_ID, len(vocabulary))]
        row = [-1 if action is None else actions.setdefault(action, len(actions)) for action in found]
        table.append((state, row))
    classes: dict[tuple[int, ...], int] = {}  # tokens with the same action in every kind share a class
    columns = list(zip(*(row for _, row in table), strict=True))
    tokens = {
        vocabulary.token(token_id): classes.setdefault(column, len(classes))
        for token_id, column in enumerate(columns, EOS_ID)
        if any(action >= 0 for action in column)
    }
    kinds = [(*_kind(state), [column[index] for column in classes]) for index, (state, _) in enumerate(table)]
    start = grammar.start()
    return {
        "format": FORMAT,
        "max_depth": MAX_DEPTH,
        "tokens": tokens,
        "start": {"groups": start.groups, "closing_length": grammar.closing_length(start)},
        "closers": sorted(CLOSERS),
        "restrictions": {name: sorted(tokens) for name, tokens in RESTRICTIONS.items()},
        "kinds": kinds,
        "actions": list(actions),
    }


def as_text(table: dict[str, Any]) -> str:
    """Return the table as JSON text with one line per key, so that differences are readable."""
    lines = (f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in table.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _kinds(grammar: Grammar) -> Iterator[GrammarState]:
    """Yield one state of every reachable kind, found by following all tokens from the start."""
    waiting = deque([grammar.start()])
    known: set[tuple[int, Phase, int]] = set()
    # Two groups, because closing the innermost one leads into the group around it.
    seen: set[tuple[tuple[int, ...], Phase, int]] = set()
    while waiting:
        state = waiting.popleft()  # breadth first, so that the first state of each kind is not deep
        pair = (state.groups[-2:], state.phase, state.word)
        if pair in seen:
            continue
        seen.add(pair)
        if _kind(state) not in known:
            known.add(_kind(state))
            yield state
        following = {grammar.advance(state, int(i)) for i in np.flatnonzero(grammar.allowed(state)) if i != EOS_ID}
        waiting.extend(sorted(following))


def _kind(state: GrammarState) -> tuple[int, Phase, int]:
    return state.groups[-1], state.phase, state.word


def _action(grammar: Grammar, state: GrammarState, token_id: int) -> _Action | None:
    if not grammar.allowed(state)[token_id]:
        return None
    if token_id == EOS_ID:
        return state.groups[-1:], int(state.phase), state.word, 0, False, False
    group, token = state.groups[-1], grammar.vocabulary.token(token_id)
    following = grammar.advance(state, token_id)
    change = grammar.closing_length(following) - grammar.closing_length(state)
    visible = group > 0 and token not in INVISIBLE and not (token == "]" and group == Group.INDEX)
    deepens = not grammar._mask(*_kind(state), True)[token_id]
    return following.groups[len(state.groups) - 1 :], int(following.phase), following.word, change, visible, deepens
