r"""The grammar as one table, for recognisers in other languages: they run it and hold no rule of their own.

A push-down automaton. Its state is a stack of groups (the last is the innermost), a phase and a word, all small
integers that a reader need not understand. The innermost group, the phase and the word are the state's kind; kind and
class of the next token name an action: what takes the innermost group's place, the new phase and word. Everything here
is asked of `tegashiki.latex.grammar.Grammar`, nothing is stated again.
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

    format: raised when older readers cannot read it.
    max_depth: groups on the stack from which on an action that deepens is forbidden.
    tokens: by token its class, the end token under its name; a token that is not there may never be written.
    start: the stack and the closing length before the first token. The phase and the word are 0.
    kinds: (group, phase, word, for each class an index into actions, -1 where no token of the class may follow).
    closers: the tokens that every restriction leaves.
    restrictions: by the name of a preset its tokens; the vocabulary need not have all of them.
    actions: (groups, phase, word, change, visible, deepens). The groups take the innermost group's place. The closing
        length, how many tokens it takes at least until the end token may follow, changes by `change`.
        visible: a pen draws the token here.
    """
    grammar = Grammar(vocabulary)
    actions: dict[_Action | None, int] = {}
    table = []
    for state in _kinds(grammar):
        found = [_action(grammar, state, token_id) for token_id in range(EOS_ID, len(vocabulary))]
        row = [-1 if action is None else actions.setdefault(action, len(actions)) for action in found]
        table.append((state, row))
    classes: dict[tuple[int, ...], int] = {}  # by what a token does in every kind
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
    """One line a key, so that a difference can be read."""
    lines = (f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in table.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _kinds(grammar: Grammar) -> Iterator[GrammarState]:
    """One state of every kind that can be reached, by following all tokens from the start."""
    waiting = deque([grammar.start()])
    known: set[tuple[int, Phase, int]] = set()
    seen: set[tuple[tuple[int, ...], Phase, int]] = set()  # closing a group leads into the one around it
    while waiting:
        state = waiting.popleft()  # breadth first: none of the first of their kinds is deep
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
