// Trees of a project file: bounds, node checks, thresholds (pixel-classification.md section 1.6).
#include "forest_tree.h"

#include <string.h>

enum { THRESHOLD_WORDS = 5, LEAF_WORDS = 2, HEADER_WORDS = 2, MAX_TREES = 1 << 20 };

static int32_t fail(int64_t where[3], int64_t tree, int64_t word, int64_t parameter, int32_t code) {
  if (where) where[0] = tree, where[1] = word, where[2] = parameter;
  return code;
}

int32_t forest_measure(const ilh_forest_desc *d, forest_extent *extent, int64_t where[3]) {
  fail(where, -1, -1, -1, 0);
  if (!d || !d->n_trees || !d->weighted || !d->topology_offset || !d->topology || !d->parameter_offset ||
      !d->parameters)
    return ILH_FOREST_ARGUMENT;
  if (d->n_forests < 1 || d->n_forests > 65535 || d->n_classes < 1 || d->n_classes > 254 || d->n_columns < 1)
    return ILH_FOREST_ARGUMENT;

  *extent = (forest_extent){0, 0, 0};
  for (int32_t f = 0; f < d->n_forests; f++) {
    if (d->n_trees[f] < 1 || d->n_trees[f] > MAX_TREES) return ILH_FOREST_ARGUMENT;
    extent->n_trees += d->n_trees[f];
  }
  if (extent->n_trees > MAX_TREES) return ILH_FOREST_ARGUMENT;

  const int64_t limit = (int64_t)1 << 40;
  for (int64_t t = 0; t < extent->n_trees; t++) {
    const int64_t a = d->topology_offset[t], b = d->topology_offset[t + 1];
    const int64_t p = d->parameter_offset[t], q = d->parameter_offset[t + 1];
    if (a < 0 || b > limit || b < a || b - a < HEADER_WORDS + LEAF_WORDS || b - a > INT32_MAX || p < 0 || q < p ||
        q > limit)
      return fail(where, t, -1, -1, ILH_FOREST_LAYOUT);
    const int64_t inner = forest_tree_inner(b - a);
    extent->inner += inner;
    if (inner > extent->longest) extent->longest = inner;
  }
  // Offsets of nodes, masks and leaves in the compiled forest are 32 bits wide.
  return extent->inner > (1 << 24) ? ILH_FOREST_ARGUMENT : 0;
}

int32_t forest_read_tree(const ilh_forest_desc *d, int64_t t, const forest_room *room, int64_t *n_steps,
                         int64_t where[3]) {
  const int64_t length = d->topology_offset[t + 1] - d->topology_offset[t];
  const int64_t first_parameter = d->parameter_offset[t];
  const int64_t n_parameters = d->parameter_offset[t + 1] - first_parameter;
  const int32_t *topology = d->topology + d->topology_offset[t];
  const double *parameters = d->parameters + first_parameter;
  if (topology[0] != d->n_columns || topology[1] != d->n_classes) return fail(where, t, 0, -1, ILH_FOREST_HEADER);

  int64_t words = HEADER_WORDS, steps = 0, leaves = 0, pending = 0;
  room->pending[pending++] = (forest_pending){HEADER_WORDS, UINT32_MAX};
  while (pending > 0) {
    const forest_pending node = room->pending[--pending];
    const int64_t at = node.address;
    const int leaf = at + LEAF_WORDS <= length && (topology[at] & FOREST_LEAF);
    if (at + (leaf ? LEAF_WORDS : THRESHOLD_WORDS) > length) return fail(where, t, at, -1, ILH_FOREST_CHILD);
    if (topology[at] != (leaf ? FOREST_LEAF : 0)) return fail(where, t, at, -1, ILH_FOREST_NODE_KIND);
    const int64_t p = topology[at + 1];
    if (p < 0 || p + 1 + (leaf ? d->n_classes : 1) > n_parameters) return fail(where, t, at, p, ILH_FOREST_PARAMETER);
    words += leaf ? LEAF_WORDS : THRESHOLD_WORDS;

    int32_t self;
    if (leaf) {
      room->leaves[leaves] = first_parameter + p;
      self = (int32_t)~leaves++;
    } else {
      const int32_t left = topology[at + 2], right = topology[at + 3], column = topology[at + 4];
      if (left <= at || right <= at || left >= length || right >= length)
        return fail(where, t, at, -1, ILH_FOREST_CHILD);
      if (column < 0 || column >= d->n_columns) return fail(where, t, at, -1, ILH_FOREST_COLUMN);
      // Distinct nodes cannot need more words than there are, nor can the leaves that are still to come: this ends
      // whatever the children say, and bounds the steps by `forest_tree_inner`.
      if (words + LEAF_WORDS * (steps + 2 - leaves) > length) return fail(where, t, at, -1, ILH_FOREST_SHARED);
      room->steps[steps] = (forest_step){forest_threshold(parameters[p + 1]), (uint32_t)column, 0, 0};
      room->pending[pending++] = (forest_pending){right, (uint32_t)(2 * steps + 1)};
      room->pending[pending++] = (forest_pending){left, (uint32_t)(2 * steps)};
      self = (int32_t)steps++;
    }
    if (node.link != UINT32_MAX) {
      forest_step *parent = room->steps + (node.link >> 1);
      if (node.link & 1) {
        parent->right = self;
      } else {
        parent->left = self;
      }
    }
  }
  *n_steps = steps;
  return 0;
}

float forest_threshold(double threshold) {
  const float largest = 3.40282346638528859811704183484516925e+38f;
  if (!(threshold > -__builtin_inf())) return -__builtin_inff(); // nothing is less than -inf or NaN
  if (threshold > (double)largest) return __builtin_inff();
  if (threshold < -(double)largest) return -largest;
  float t = (float)threshold;
  if ((double)t < threshold) { // rounded down: next value up
    int32_t bits;
    memcpy(&bits, &t, 4);
    bits = bits == INT32_MIN || bits == 0 ? 1 : bits < 0 ? bits - 1 : bits + 1;
    memcpy(&t, &bits, 4);
  }
  return t + 0.0f;
}
