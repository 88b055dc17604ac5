// Reading one tree of a description without trusting it. Internal.
#ifndef ILH_FOREST_TREE_H
#define ILH_FOREST_TREE_H

#include "forest_format.h"

// A child that waits to be visited: its address, and the step (times two, plus side) that points to it.
typedef struct {
  int32_t address;
  uint32_t link;
} forest_pending;

// Room for one tree: at most `forest_tree_inner` steps, one leaf more, two pending children more.
typedef struct {
  forest_pending *pending;
  forest_step *steps; // columns are those of the description, leaves are ~index into `leaves`
  int64_t *leaves;    // index into the parameters: weight, then a probability per class
} forest_room;

// Most inner nodes that a topology of `length` values can hold when no node has two parents.
static inline int64_t forest_tree_inner(int64_t length) { return length < 11 ? 0 : (length - 4) / 7; }

static inline uint64_t forest_room_bytes(int64_t inner) {
  const uint64_t n = (uint64_t)inner;
  return forest_align((n + 2) * sizeof(forest_pending)) + forest_align((n + 1) * sizeof(forest_step)) +
         forest_align((n + 1) * sizeof(int64_t));
}

static inline forest_room forest_room_at(char *memory, int64_t inner) {
  const uint64_t n = (uint64_t)inner;
  forest_room room;
  room.pending = (forest_pending *)memory;
  memory += forest_align((n + 2) * sizeof(forest_pending));
  room.steps = (forest_step *)memory;
  memory += forest_align((n + 1) * sizeof(forest_step));
  room.leaves = (int64_t *)memory;
  return room;
}

// Counts and offsets of a description, checked.
typedef struct {
  int64_t n_trees, inner, longest; // all trees; bound of all inner nodes, and of those of one tree
} forest_extent;

int32_t forest_measure(const ilh_forest_desc *d, forest_extent *extent, int64_t where[3]);

// Reads tree `t` in depth-first order, parents first, a subtree being a contiguous range of steps. Writes the number
// of steps; the root is step 0, or leaf 0 when there are none. Returns an error code and sets `where`.
int32_t forest_read_tree(const ilh_forest_desc *d, int64_t t, const forest_room *room, int64_t *n_steps,
                         int64_t where[3]);

// Smallest binary32 value t for which every binary32 x has (x < t) == ((double)x < threshold); -0 becomes 0.
float forest_threshold(double threshold);

#endif
