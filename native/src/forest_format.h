// The compiled forest: what `forest_build.c` writes and the predictors read. Internal.
//
// How prediction works. A batch of 256 pixels goes through all trees at once:
//   1. Rank coding: every threshold of a column over all trees, sorted, t0 < t1 < ...; a pixel's value x becomes the
//      number of thresholds <= x, so `x < t_r` is `rank <= r`, exactly. Ranks are cut into planes of bytes with 255
//      thresholds each; a node compares one plane with one byte, 64 pixels per instruction where vectors are wide.
//   2. Every node owns a mask of the pixels that reach it, one bit each. Nodes are visited parents first:
//      left = mask & less, right = mask & ~less. No branch and no load depends on the data, so noise costs nothing.
//   3. Leaves are OR-ed per class and counted. Large trees are cut into clusters, and a cluster that no pixel
//      reaches is left out with everything below it.
#ifndef ILH_FOREST_FORMAT_H
#define ILH_FOREST_FORMAT_H

#include <stdint.h>

#include "ilh_forest.h"

enum {
  FOREST_WORDS = 4,                       // masks of a node: words of 64 pixels (2 and 8 measured: slower)
  FOREST_BATCH = 64 * FOREST_WORDS,       // pixels per batch
  FOREST_MASK = 8 * FOREST_WORDS,         // bytes of a node's mask
  FOREST_PLANE = 255,                     // thresholds per plane of codes
  FOREST_WHOLE = 224,                     // largest tree that is one cluster, inner nodes (64: the same)
  FOREST_CLUSTER = 32,                    // nodes at which a cluster of a larger tree is closed (8, 16, 64: slower)
  FOREST_EARLY = 32,                      // most forests of an argmax that stops early
  FOREST_LEAF = 0x40000000,               // bit of a type word that marks a leaf
};

#define FOREST_MAGIC 0x31306c69u

// What the leaves of a forest allow.
enum forest_mode {
  FOREST_VOTES = 0,   // every leaf is 1 for one class and 0 for the others: counts of votes are exact
  FOREST_SUMS = 1,    // leaves of any non-negative numbers whose total weight is T for every pixel after rounding
  FOREST_GENERAL = 2, // weighted or odd: walked pixel by pixel in double
};

// Inner node of the batch traversal; `left` and `right` are byte offsets of masks. Nodes of a cluster are stored
// parents first and the i-th reads the i-th local mask.
typedef struct {
  uint32_t threshold; // signed byte, four times: less is `code < threshold`
  uint32_t plane;     // byte offset of the plane of codes of a batch
  uint32_t left, right;
} forest_node;

// Inner node of the walk, root first; a child below zero is ~index of a leaf.
typedef struct {
  float threshold;
  uint32_t column; // among the used ones
  int32_t left, right;
} forest_step;

typedef struct {
  uint32_t first_node, n_nodes;
  uint32_t root;       // byte offset of the mask that enters
  uint32_t next;       // cluster to go on with when no pixel enters
  uint32_t leaf_masks; // byte offset of the masks of the leaves, by class
  uint32_t leaf_counts; // index of n_classes numbers of leaves, then the number of mixed leaves
  uint32_t mixed_masks; // byte offset of the masks of the mixed leaves
  uint32_t first_mixed; // index into the list of mixed leaves
} forest_cluster;

typedef struct {
  uint32_t first_cluster, n_clusters;
  int32_t root; // step or ~leaf of the walk
  uint32_t n_steps;
} forest_tree;

typedef struct {
  int32_t mode, weighted;
  uint32_t first_tree, n_trees;
  uint32_t implied; // votes: class that is not counted but is what the others leave
  float weight;     // f32(T)
} forest_one;

// How the values of a used column become ranks: `table` holds 2^levels thresholds as a search tree, root at 1, children
// of i at 2i and 2i + 1, filled up with NaN, which no value reaches.
typedef struct {
  uint32_t column, levels;
  uint32_t first_plane, n_planes;
  uint64_t table; // index into the tables, a multiple of 16
} forest_column;

// Head of the compiled forest; `..._at` are byte offsets from it, multiples of 64.
typedef struct {
  uint32_t magic;
  int32_t n_forests, n_classes, n_columns;
  uint32_t n_used, n_planes, n_trees, n_steps, n_clusters;
  uint32_t local_masks;  // byte offset of the local masks, behind those of the clusters' roots
  uint32_t masks_bytes;  // of all masks
  uint32_t most_nodes;   // of a cluster
  int32_t all_votes;     // every forest is FOREST_VOTES
  float total_weight;    // f32(sum of T)
  uint64_t bytes;
  uint64_t columns_at, tables_at, forests_at, trees_at, clusters_at, counts_at, mixed_at, nodes_at, steps_at, leaves_at;
} forest_head;

#define FOREST_PART(type, head, at) ((const type *)((const char *)(head) + (head)->at))

static inline uint64_t forest_align(uint64_t n) { return (n + 63) & ~(uint64_t)63; }

// Whether argmax stops early: votes fit a byte, there are few counters, and trees are large enough to pay for it
// (measured: 21 steps per tree lose 20 %, 87 gain 10 %).
static inline int forest_stops_early(const forest_head *h) {
  return h->all_votes && h->n_trees <= 255 && h->n_forests <= FOREST_EARLY && h->n_steps >= 48 * h->n_trees;
}

// Scratch of one call, byte offsets.
typedef struct {
  uint64_t codes, masks, less, counters, classes, sums, probabilities, ranks, values;
  uint64_t pool, pool_codes, pool_counters, bytes;
} forest_scratch;

static inline forest_scratch forest_scratch_plan(const forest_head *h) {
  const uint64_t k = (uint64_t)h->n_classes;
  forest_scratch s;
  s.codes = 0;
  s.masks = s.codes + (uint64_t)h->n_planes * FOREST_BATCH;
  s.less = s.masks + forest_align(h->masks_bytes);
  s.counters = s.less + forest_align((uint64_t)h->most_nodes * FOREST_MASK);
  s.classes = s.counters + k * FOREST_BATCH * (forest_stops_early(h) ? (uint64_t)h->n_forests : 1);
  s.sums = s.classes + forest_align(k * FOREST_MASK);
  s.probabilities = s.sums + k * FOREST_BATCH * 4;
  s.ranks = s.probabilities + k * FOREST_BATCH * 4;
  s.values = s.ranks + FOREST_BATCH * 4;
  s.pool = s.values + FOREST_BATCH * 4;
  s.pool_codes = s.pool + forest_align((FOREST_BATCH + 1) * 8);
  s.pool_counters = s.pool_codes + (s.masks - s.codes);
  s.bytes = s.pool_counters + (s.classes - s.counters);
  return s;
}

// One call of a predictor, arguments checked. `out` for probabilities or `classes` for argmax.
typedef struct {
  const forest_head *head;
  const float *planes;
  int64_t plane_stride;
  const uint8_t *invalid;
  int64_t n_pixels;
  float *out;
  int64_t out_stride;
  uint8_t *classes;
  char *scratch;
} forest_call;

// One forest for one pixel, section 3.1: p[0 .. k) from the used columns at row[j * stride], none of them NaN.
void forest_walk_pixel(const forest_head *head, const forest_one *forest, const float *row, int64_t stride, float *p);

// Index of the first largest of p[0], p[stride], ...
int32_t forest_first_maximum(const float *p, int64_t stride, int32_t k);

// Predictors, one per level.
void ilh_forest_run_walk(const forest_call *call);
void ilh_forest_run_portable(const forest_call *call);
void ilh_forest_run_avx2(const forest_call *call);
void ilh_forest_run_avx512(const forest_call *call);
void ilh_forest_run_neon(const forest_call *call);

#endif
