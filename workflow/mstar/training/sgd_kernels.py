"""Triton kernels of a minibatch step: draw pairs, group them by word, add up, apply.

Each pair gives an edge to both of its words. The edges of a word are arranged in tiles of EDGES.
One program per tile reads the word's vector once, gathers those at the other ends, and adds their
sum to the gradient: one atomic addition of a row for EDGES pairs. Frequent words, which occur in
thousands of pairs of a batch, would otherwise be updated one pair at a time. Drawing and arranging
do not depend on the weights, so one launch does them for many steps.

Words and ranks are int32, weights and vectors float32. The counter of Philox is the number of the
step (``number`` is that of the first) and the place in the batch, so a pair depends only on these
and the seed.
"""

# Triton infers the types of kernel arguments.
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-untyped-call"

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def _index(high, low, n):
    """Return a uniform integer in [0, n), the top bits of the product of 64 random bits with n."""
    wide = n.to(tl.uint64)
    carry = (low.to(tl.uint64) * wide) >> 32
    return ((high.to(tl.uint64) * wide + carry) >> 32).to(tl.int32)


@triton.jit
def _alias(slot, bits, threshold, other, inside):
    """Return the index that Walker's table gives for a slot and 32 more random bits."""
    uniform = (bits >> 8).to(tl.float32) * 5.9604644775390625e-08  # 2^-24
    own = tl.load(threshold + slot, mask=inside, other=1.0)
    return tl.where(uniform < own, slot, tl.load(other + slot, mask=inside, other=0))


@triton.jit
def draw(
    left, right, weight, rank_left, rank_right, degree,
    number, seed, threshold, other, rows, columns, psi, n, words, batch,
    POSITIVE: tl.constexpr, GROUPED: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Draw the positive or the negative pairs of step program_id(1), and rank them by word.

    ``n`` is the length of the alias table; ``psi`` is Psi+ (nnz,) or Psi- (V, V).
    """
    step = tl.program_id(1)
    lane = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = lane < batch
    zero = lane * 0
    now = (tl.load(number) + step).to(tl.int32)
    a, b, c, d = tl.philox(seed, lane, zero + now, zero + POSITIVE, zero)
    if POSITIVE:
        cell = _alias(_index(a, b, n), c, threshold, other, inside)
        i = tl.load(rows + cell, mask=inside, other=0)
        j = tl.load(columns + cell, mask=inside, other=0)
        q = tl.load(psi + cell, mask=inside, other=0.0)
    else:
        i = _alias(_index(a, zero.to(tl.uint32), n), b, threshold, other, inside)
        j = _alias(_index(c, zero.to(tl.uint32), n), d, threshold, other, inside)
        q = -tl.load(psi + i.to(tl.int64) * words + j, mask=inside, other=0.0)
    at = step * (2 * batch) + lane
    if not POSITIVE:
        at += batch
    tl.store(left + at, i, mask=inside)
    tl.store(right + at, j, mask=inside)
    tl.store(weight + at, q, mask=inside)
    if GROUPED:
        one = zero + 1
        rank = tl.atomic_add(degree + step * words + i, one, mask=inside, sem="relaxed")
        tl.store(rank_left + at, rank, mask=inside)
        rank = tl.atomic_add(degree + step * words + j, one, mask=inside, sem="relaxed")
        tl.store(rank_right + at, rank, mask=inside)


@triton.jit
def _place_end(
    word, neighbour, q, rank, inside, first, degree, edge_word, edge_weight, tile_word, tile_edges,
    EDGES: tl.constexpr,
):  # fmt: skip
    start = tl.load(first + word, mask=inside, other=0)
    slot = start * EDGES + rank
    tl.store(edge_word + slot, neighbour, mask=inside)
    tl.store(edge_weight + slot, q, mask=inside)
    opens = inside & (rank % EDGES == 0)
    tile = start + rank // EDGES
    left = tl.load(degree + word, mask=opens, other=0) - rank
    tl.store(tile_word + tile, word, mask=opens)
    tl.store(tile_edges + tile, tl.minimum(left, EDGES), mask=opens)


@triton.jit
def place(
    left, right, weight, rank_left, rank_right, degree, first,
    edge_word, edge_weight, tile_word, tile_edges, words, pairs, tiles,
    EDGES: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Put the two edges of every pair of step program_id(1) into the tiles of their words."""
    step = tl.program_id(1)
    lane = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = lane < pairs
    at = step * pairs + lane
    i = tl.load(left + at, mask=inside, other=0)
    j = tl.load(right + at, mask=inside, other=0)
    q = tl.load(weight + at, mask=inside, other=0.0)
    first += step * words
    degree += step * words
    edge_word += step * tiles * EDGES
    edge_weight += step * tiles * EDGES
    tile_word += step * tiles
    tile_edges += step * tiles
    rank = tl.load(rank_left + at, mask=inside, other=0)
    _place_end(
        i, j, q, rank, inside, first, degree, edge_word, edge_weight, tile_word, tile_edges, EDGES
    )
    rank = tl.load(rank_right + at, mask=inside, other=0)
    _place_end(
        j, i, q, rank, inside, first, degree, edge_word, edge_weight, tile_word, tile_edges, EDGES
    )


@triton.jit
def _sgns(x, q):
    """Return `mstar.dynamics.losses.Sgns.pull`."""
    return q / (1.0 + tl.exp(tl.where(q > 0, x, -x)))


@triton.jit
def _quartic(x, q):
    """Return `mstar.dynamics.losses.Quartic.pull`."""
    return 0.5 * (q - 0.5 * tl.abs(q) * x)


# Values for PULL of `add_tiles` and `add_pairs`, by name of the loss.
PULLS = {"sgns": _sgns, "quartic": _quartic}


@triton.jit
def add_tiles(
    w, gradient, edge_word, edge_weight, tile_word, tile_edges, used,
    DIM: tl.constexpr, WIDTH: tl.constexpr, EDGES: tl.constexpr, PULL: tl.constexpr,
):  # fmt: skip
    """Add the pull of one tile's edges to its word's row of the gradient."""
    tile = tl.program_id(0)
    if tile < tl.load(used):
        edge = tl.arange(0, EDGES)
        column = tl.arange(0, WIDTH)
        word = tl.load(tile_word + tile)
        inside = edge < tl.load(tile_edges + tile)
        other = tl.load(edge_word + tile * EDGES + edge, mask=inside, other=0)
        q = tl.load(edge_weight + tile * EDGES + edge, mask=inside, other=0.0)
        kept = column < DIM
        own = tl.load(w + word * DIM + column, mask=kept, other=0.0)
        at = w + other[:, None] * DIM + column[None, :]
        others = tl.load(at, mask=inside[:, None] & kept[None, :], other=0.0)
        pull = PULL(tl.sum(others * own[None, :], axis=1), q)
        total = tl.sum(others * pull[:, None], axis=0)
        tl.atomic_add(gradient + word * DIM + column, total, mask=kept, sem="relaxed")


@triton.jit
def add_pairs(
    w, gradient, left, right, weight, pairs,
    DIM: tl.constexpr, WIDTH: tl.constexpr, EDGES: tl.constexpr, PULL: tl.constexpr,
):  # fmt: skip
    """Add every pair to the rows of both of its words, a simple alternative to `add_tiles`."""
    pair = tl.program_id(0) * EDGES + tl.arange(0, EDGES)
    column = tl.arange(0, WIDTH)
    inside = pair < pairs
    mask = inside[:, None] & (column < DIM)[None, :]
    i = tl.load(left + pair, mask=inside, other=0)
    j = tl.load(right + pair, mask=inside, other=0)
    q = tl.load(weight + pair, mask=inside, other=0.0)
    at_i = i[:, None] * DIM + column[None, :]
    at_j = j[:, None] * DIM + column[None, :]
    first = tl.load(w + at_i, mask=mask, other=0.0)
    second = tl.load(w + at_j, mask=mask, other=0.0)
    pull = PULL(tl.sum(first * second, axis=1), q)[:, None]
    tl.atomic_add(gradient + at_i, pull * second, mask=mask, sem="relaxed")
    tl.atomic_add(gradient + at_j, pull * first, mask=mask, sem="relaxed")


@triton.jit
def apply(w, gradient, size, entries, BLOCK: tl.constexpr):
    """Add size * gradient to W, and clear the gradient for the next step."""
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < entries
    step = tl.load(gradient + at, mask=inside, other=0.0)
    old = tl.load(w + at, mask=inside, other=0.0)
    tl.store(w + at, old + tl.load(size) * step, mask=inside)
    tl.store(gradient + at, tl.zeros([BLOCK], tl.float32), mask=inside)
