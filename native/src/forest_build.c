// From trees to the compiled forest (forest_format.h).
#include <string.h>

#include "forest_tree.h"

// Where the parts of the compiled forest and of the work memory lie; bounds, from counts alone.
typedef struct {
  forest_extent extent;
  forest_head head;
  uint64_t room, sorted, starts, names, sizes, cuts, order, local, work_bytes;
} forest_plan;

static uint64_t place(uint64_t *at, uint64_t bytes) {
  const uint64_t here = *at;
  *at += forest_align(bytes);
  return here;
}

static int32_t make_plan(const ilh_forest_desc *d, forest_plan *plan, int64_t where[3]) {
  const int32_t error = forest_measure(d, &plan->extent, where);
  if (error) return error;
  const uint64_t n = (uint64_t)plan->extent.inner, t = (uint64_t)plan->extent.n_trees, k = (uint64_t)d->n_classes;
  const uint64_t f = (uint64_t)d->n_columns < n ? (uint64_t)d->n_columns : n; // columns that can be used
  const uint64_t clusters = n / FOREST_CLUSTER + t;

  forest_head *h = &plan->head;
  *h = (forest_head){.magic = FOREST_MAGIC, .n_forests = d->n_forests, .n_classes = d->n_classes,
                     .n_columns = d->n_columns, .n_trees = (uint32_t)t};
  uint64_t at = forest_align(sizeof(forest_head));
  h->columns_at = place(&at, f * sizeof(forest_column));
  h->tables_at = place(&at, (2 * n + 16 * f) * sizeof(float));
  h->forests_at = place(&at, (uint64_t)d->n_forests * sizeof(forest_one));
  h->trees_at = place(&at, t * sizeof(forest_tree));
  h->clusters_at = place(&at, clusters * sizeof(forest_cluster));
  h->counts_at = place(&at, clusters * (k + 1) * 4);
  h->mixed_at = place(&at, 2 * (n + t) * 4);
  h->nodes_at = place(&at, (n + t) * sizeof(forest_node));
  h->steps_at = place(&at, n * sizeof(forest_step));
  h->leaves_at = place(&at, (n + t) * (k + 1) * sizeof(double));
  h->bytes = at;

  const uint64_t longest = (uint64_t)plan->extent.longest + 1;
  at = 0;
  plan->room = place(&at, forest_room_bytes(plan->extent.longest));
  plan->sorted = place(&at, n * sizeof(float));
  plan->starts = place(&at, ((uint64_t)d->n_columns + 1) * 8);
  plan->names = place(&at, (uint64_t)d->n_columns * 4);
  plan->sizes = place(&at, longest * 4);
  plan->cuts = place(&at, longest * 4);
  plan->order = place(&at, longest * 4);
  plan->work_bytes = at;
  return 0;
}

int32_t ilh_forest_size(const ilh_forest_desc *d, uint64_t sizes[2], int64_t where[3]) {
  forest_plan plan;
  if (!sizes) return ILH_FOREST_ARGUMENT;
  const int32_t error = make_plan(d, &plan, where);
  sizes[0] = error ? 0 : plan.head.bytes;
  sizes[1] = error ? 0 : plan.work_bytes;
  return error;
}

static int32_t check_memory(const void *memory, uint64_t bytes, uint64_t needed) {
  return !memory || bytes < needed || ((uintptr_t)memory & 63) ? ILH_FOREST_MEMORY : 0;
}

int32_t ilh_forest_check(const ilh_forest_desc *d, void *work, uint64_t work_bytes, int64_t where[3]) {
  forest_plan plan;
  int32_t error = make_plan(d, &plan, where);
  if (!error) error = check_memory(work, work_bytes, plan.work_bytes);
  if (error) return error;
  const forest_room room = forest_room_at((char *)work + plan.room, plan.extent.longest);
  for (int64_t t = 0, steps; t < plan.extent.n_trees && !error; t++)
    error = forest_read_tree(d, t, &room, &steps, where);
  return error;
}

// Trees of the walk: steps and leaves with indices over all trees. Returns an error code.
static int32_t read_trees(const ilh_forest_desc *d, const forest_plan *plan, char *blob, char *work, int64_t where[3]) {
  const forest_room room = forest_room_at(work + plan->room, plan->extent.longest);
  const int32_t k = d->n_classes;
  forest_tree *trees = (forest_tree *)(blob + plan->head.trees_at);
  forest_step *steps = (forest_step *)(blob + plan->head.steps_at);
  double *leaves = (double *)(blob + plan->head.leaves_at);
  int32_t first_step = 0, first_leaf = 0;
  for (int64_t t = 0; t < plan->extent.n_trees; t++) {
    int64_t n;
    const int32_t error = forest_read_tree(d, t, &room, &n, where);
    if (error) return error;
    trees[t] = (forest_tree){0, 0, n ? first_step : ~first_leaf, (uint32_t)n};
    for (int64_t i = 0; i < n; i++) {
      forest_step s = room.steps[i];
      s.left = s.left < 0 ? s.left - first_leaf : s.left + first_step;
      s.right = s.right < 0 ? s.right - first_leaf : s.right + first_step;
      steps[first_step + i] = s;
    }
    for (int64_t i = 0; i <= n; i++)
      memcpy(leaves + (first_leaf + i) * (k + 1), d->parameters + room.leaves[i], (size_t)(k + 1) * sizeof(double));
    first_step += (int32_t)n;
    first_leaf += (int32_t)n + 1;
  }
  return 0;
}

static void sift_down(float *v, int64_t root, int64_t n) {
  const float value = v[root];
  for (int64_t child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && v[child + 1] > v[child]) child++;
    if (!(v[child] > value)) break;
    v[root] = v[child];
  }
  v[root] = value;
}

// Heap sort: in place, never quadratic, and the C library's sort may allocate.
static void sort(float *v, int64_t n) {
  for (int64_t i = n / 2; i-- > 0;) sift_down(v, i, n);
  for (int64_t i = n; i-- > 1;) {
    const float largest = v[0];
    v[0] = v[i];
    v[i] = largest;
    sift_down(v, 0, i);
  }
}

static int64_t keep_distinct(float *v, int64_t n) {
  int64_t kept = 0;
  for (int64_t i = 0; i < n; i++)
    if (!kept || v[i] != v[kept - 1]) v[kept++] = v[i];
  return kept;
}

// Search tree of sorted thresholds: in-order over nodes 1 .. size - 1.
static void fill_table(float *table, int64_t size, const float *v, int64_t n) {
  const int64_t half = size / 2;
  for (int64_t node = 1; node < size; node++) {
    int64_t first = node, span = 1; // leftmost descendant among the leaves of the last level
    while (first < half) first *= 2, span *= 2;
    const int64_t rank = 2 * (first - half) + span - 1;
    table[node] = rank < n ? v[rank] : __builtin_nanf("");
  }
}

// Sorts the thresholds of every column and makes the tables.
static void code_columns(const ilh_forest_desc *d, const forest_plan *plan, forest_head *h, char *blob, char *work,
                         int64_t n_steps) {
  const forest_step *steps = FOREST_PART(forest_step, h, steps_at);
  forest_column *columns = (forest_column *)(blob + h->columns_at);
  float *tables = (float *)(blob + h->tables_at);
  float *sorted = (float *)(work + plan->sorted);
  int64_t *starts = (int64_t *)(work + plan->starts);

  memset(starts, 0, ((size_t)d->n_columns + 1) * 8);
  for (int64_t i = 0; i < n_steps; i++) starts[steps[i].column + 1]++;
  for (int32_t c = 0; c < d->n_columns; c++) starts[c + 1] += starts[c];
  for (int64_t i = 0; i < n_steps; i++) sorted[starts[steps[i].column]++] = steps[i].threshold;
  for (int32_t c = d->n_columns; c > 0; c--) starts[c] = starts[c - 1]; // filling moved them
  starts[0] = 0;

  uint64_t table = 0;
  for (int32_t c = 0; c < d->n_columns; c++) {
    float *v = sorted + starts[c];
    if (starts[c + 1] == starts[c]) continue;
    sort(v, starts[c + 1] - starts[c]);
    const int64_t n = keep_distinct(v, starts[c + 1] - starts[c]);
    // Distinct thresholds stay at the start of their range; the rest repeats the largest, so searches see a sorted
    // range of the old length.
    for (int64_t i = starts[c] + n; i < starts[c + 1]; i++) sorted[i] = v[n - 1];
    uint32_t levels = 1;
    while (((int64_t)1 << levels) - 1 < n) levels++;
    const uint32_t planes = (uint32_t)((n + FOREST_PLANE - 1) / FOREST_PLANE);
    columns[h->n_used] = (forest_column){(uint32_t)c, levels, h->n_planes, planes, table};
    fill_table(tables + table, (int64_t)1 << levels, v, n);
    table += levels < 4 ? 16 : (uint64_t)1 << levels;
    h->n_planes += planes;
    h->n_used++;
  }
  if (!h->n_planes) h->n_planes = 1; // trees of one leaf compare something too
}

// The steps' columns become indices among the used ones.
static void name_used_columns(const forest_head *h, forest_step *steps, int64_t n_steps, uint32_t *names) {
  const forest_column *columns = FOREST_PART(forest_column, h, columns_at);
  for (uint32_t j = 0; j < h->n_used; j++) names[columns[j].column] = j;
  for (int64_t i = 0; i < n_steps; i++) steps[i].column = names[steps[i].column];
}

// What the leaves of a forest's trees allow, and the most frequent class of pure leaves.
static void choose_mode(const ilh_forest_desc *d, const double *leaves, const forest_tree *trees, int64_t n_trees,
                        int64_t *leaf, forest_one *one) {
  const int32_t k = d->n_classes;
  int64_t votes[256] = {0};
  int pure = 1, plain = !one->weighted;
  double excess = 0.0; // how far the total weight of a pixel can be from T
  for (int64_t t = 0; t < n_trees; t++) {
    double worst = 0.0;
    const int64_t end = *leaf + trees[t].n_steps + 1;
    for (; *leaf < end; ++*leaf) {
      const double *p = leaves + *leaf * (k + 1) + 1;
      double sum = 0.0;
      int32_t ones = 0, zeros = 0, last = 0;
      for (int32_t c = 0; c < k; c++) {
        if (!(p[c] >= 0.0 && p[c] <= 2.0)) plain = 0;
        if (p[c] == 1.0) ones++, last = c;
        if (p[c] == 0.0) zeros++;
        sum += p[c];
      }
      if (ones == 1 && zeros == k - 1) {
        votes[last]++;
      } else {
        pure = 0;
      }
      const double off = sum < 1.0 ? 1.0 - sum : sum - 1.0;
      if (!(off <= worst)) worst = off;
    }
    excess += worst;
  }
  // W is a double sum of T * k terms; f32(W) == f32(T) when W is within a quarter of a binary32 step below T.
  const double total = (double)n_trees;
  excess += total * total * k * 0x1p-53;
  if (!(excess < total * 0x1p-26)) plain = 0;
  one->mode = !plain ? FOREST_GENERAL : pure ? FOREST_VOTES : FOREST_SUMS;
  for (int32_t c = 1; c < k; c++)
    if (votes[c] > votes[one->implied]) one->implied = (uint32_t)c;
}

// Counters of what the clusters have used so far.
typedef struct {
  uint32_t cluster, node, mixed;
} forest_used_parts;

typedef struct {
  const forest_plan *plan;
  forest_head *head;
  char *blob, *work;
  const forest_one *one;
  forest_used_parts used;
  uint32_t n_local, most_nodes; // largest numbers of local masks and of nodes of a cluster
} forest_maker;

// Class of a pure leaf, or -1.
static int32_t pure_class(const double *leaf, int32_t k) {
  int32_t last = -1;
  for (int32_t c = 0; c < k; c++) {
    if (leaf[1 + c] == 0.0) continue;
    if (leaf[1 + c] != 1.0 || last >= 0) return -1;
    last = c;
  }
  return last;
}

// Offsets of a threshold's plane and byte.
static void locate_threshold(const forest_maker *m, const forest_step *s, forest_node *node) {
  const forest_column *column = FOREST_PART(forest_column, m->head, columns_at) + s->column;
  const float *sorted = (const float *)(m->work + m->plan->sorted);
  const int64_t *starts = (const int64_t *)(m->work + m->plan->starts);
  int64_t low = starts[column->column], high = starts[column->column + 1];
  const int64_t first = low;
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (sorted[middle] < s->threshold) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const uint32_t rank = (uint32_t)(low - first);
  const uint32_t byte = (rank % FOREST_PLANE + 1) ^ 0x80;
  node->threshold = byte * 0x01010101u;
  node->plane = (column->first_plane + rank / FOREST_PLANE) * FOREST_BATCH;
}

// Cuts a tree into clusters of contiguous depth: sizes[i] = steps of the subtree of step i, cuts[i] = 1 + number of the
// cluster (within the tree) whose root is step i, or 0. Returns the number of clusters.
static uint32_t cut_tree(const forest_step *steps, int32_t first, int32_t n, uint32_t *sizes, uint32_t *cuts,
                         uint32_t *open) {
  for (int32_t i = n - 1; i >= 0; i--) { // children first
    const int32_t child[2] = {steps[i].left - first, steps[i].right - first};
    sizes[i] = open[i] = 1;
    for (int s = 0; s < 2; s++) {
      if ((s ? steps[i].right : steps[i].left) < 0) continue;
      sizes[i] += sizes[child[s]];
      if (!cuts[child[s]]) open[i] += open[child[s]];
    }
    cuts[i] = i == 0 || (n > FOREST_WHOLE && open[i] >= FOREST_CLUSTER);
  }
  uint32_t clusters = 0;
  for (int32_t i = 0; i < n; i++)
    if (cuts[i]) cuts[i] = ++clusters;
  return clusters;
}

// One cluster: its steps breadth-first from `root`, then its leaves by class, the mixed ones, and a mask that nobody
// reads. `queue` has room for the steps of the tree.
static void make_cluster(forest_maker *m, const forest_step *steps, int32_t first, int32_t root, const uint32_t *cuts,
                         int32_t *queue, forest_cluster *cluster) {
  const int32_t k = m->head->n_classes;
  const double *leaves = FOREST_PART(double, m->head, leaves_at);
  uint32_t *counts = (uint32_t *)(m->blob + m->head->counts_at) + (uint64_t)m->used.cluster * (uint64_t)(k + 1);
  uint32_t *mixed = (uint32_t *)(m->blob + m->head->mixed_at) + m->used.mixed;
  forest_node *nodes = (forest_node *)(m->blob + m->head->nodes_at) + m->used.node;
  const int votes = m->one->mode == FOREST_VOTES;

  // A tree of one leaf is a step with that leaf on both sides.
  const forest_step alone = {0.0f, 0, root, root};
  int32_t n = 0;
  queue[n++] = root;
  memset(counts, 0, (size_t)(k + 1) * 4);
  for (int32_t i = 0; i < n; i++) {
    const forest_step *s = root < 0 ? &alone : steps + queue[i];
    const int32_t child[2] = {s->left, s->right};
    for (int side = 0; side < 2; side++) {
      if (child[side] >= 0) {
        if (!cuts[child[side] - first]) queue[n++] = child[side];
        continue;
      }
      const int32_t c = pure_class(leaves + (int64_t)~child[side] * (k + 1), k);
      if (!votes || c != (int32_t)m->one->implied) counts[c < 0 ? k : c]++;
    }
  }

  uint32_t next_slot[256], slot = (uint32_t)n;
  for (int32_t c = 0; c <= k; c++) next_slot[c] = slot, slot += counts[c];
  const uint32_t unread = slot++;
  if (slot > m->n_local) m->n_local = slot;
  if ((uint32_t)n > m->most_nodes) m->most_nodes = (uint32_t)n;

  const uint32_t local = m->head->local_masks;
  uint32_t next_inner = 1;
  for (int32_t i = 0; i < n; i++) {
    const forest_step *s = root < 0 ? &alone : steps + queue[i];
    forest_node node = {0x7f7f7f7fu, 0, 0, 0};
    if (root >= 0) locate_threshold(m, s, &node);
    for (int side = 0; side < 2; side++) {
      const int32_t child = side ? s->right : s->left;
      uint32_t offset;
      if (child >= 0) {
        const uint32_t cut = cuts[child - first];
        offset = cut ? (cut - 1) * FOREST_MASK : local + next_inner++ * FOREST_MASK;
      } else {
        const int32_t c = pure_class(leaves + (int64_t)~child * (k + 1), k);
        uint32_t to = unread;
        if (c < 0) mixed[next_slot[k] - (unread - counts[k])] = (uint32_t)~child;
        if (!votes || c != (int32_t)m->one->implied) to = next_slot[c < 0 ? k : c]++;
        offset = local + to * FOREST_MASK;
      }
      if (side) {
        node.right = offset;
      } else {
        node.left = offset;
      }
    }
    nodes[i] = node;
  }

  *cluster = (forest_cluster){
      .first_node = m->used.node,
      .n_nodes = (uint32_t)n,
      .root = root < 0 ? 0 : (cuts[root - first] - 1) * FOREST_MASK,
      .leaf_masks = local + (uint32_t)n * FOREST_MASK,
      .leaf_counts = m->used.cluster * (uint32_t)(k + 1),
      .mixed_masks = local + (unread - counts[k]) * FOREST_MASK,
      .first_mixed = m->used.mixed,
  };
  m->used.node += (uint32_t)n;
  m->used.mixed += counts[k];
  m->used.cluster++;
}

static void make_tree(forest_maker *m, forest_tree *tree) {
  const forest_step *steps = FOREST_PART(forest_step, m->head, steps_at);
  uint32_t *sizes = (uint32_t *)(m->work + m->plan->sizes), *cuts = (uint32_t *)(m->work + m->plan->cuts);
  int32_t *queue = (int32_t *)(m->work + m->plan->order);
  forest_cluster *clusters = (forest_cluster *)(m->blob + m->head->clusters_at);
  tree->first_cluster = m->used.cluster;
  if (!tree->n_steps) {
    make_cluster(m, steps, 0, tree->root, cuts, queue, clusters + m->used.cluster);
    clusters[tree->first_cluster].next = m->used.cluster;
    tree->n_clusters = 1;
    return;
  }

  const int32_t first = tree->root, n = (int32_t)tree->n_steps;
  tree->n_clusters = cut_tree(steps + first, first, n, sizes, cuts, (uint32_t *)queue);
  for (int32_t i = 0; i < n; i++)
    if (cuts[i]) make_cluster(m, steps, first, first + i, cuts, queue, clusters + m->used.cluster);
  // The steps of a subtree are a range, so what lies below a cluster is the clusters whose roots are in that range.
  int32_t *before = queue; // clusters with a root before step i
  before[0] = 0;
  for (int32_t i = 0; i < n; i++) before[i + 1] = before[i] + (cuts[i] != 0);
  for (int32_t i = 0; i < n; i++)
    if (cuts[i])
      clusters[tree->first_cluster + cuts[i] - 1].next = tree->first_cluster + (uint32_t)before[i + (int32_t)sizes[i]];
}

// Most clusters of one tree: their roots' masks outlive a cluster, so each has a place of its own.
static uint32_t count_clusters(const forest_maker *m, const forest_tree *trees) {
  const forest_step *steps = FOREST_PART(forest_step, m->head, steps_at);
  uint32_t most = 1;
  for (uint32_t t = 0; t < m->head->n_trees; t++) {
    if (!trees[t].n_steps) continue;
    const uint32_t clusters = cut_tree(steps + trees[t].root, trees[t].root, (int32_t)trees[t].n_steps,
                                       (uint32_t *)(m->work + m->plan->sizes), (uint32_t *)(m->work + m->plan->cuts),
                                       (uint32_t *)(m->work + m->plan->order));
    if (clusters > most) most = clusters;
  }
  return most;
}

int32_t ilh_forest_build(const ilh_forest_desc *d, void *forest, uint64_t forest_bytes, void *work,
                         uint64_t work_bytes, int64_t where[3]) {
  forest_plan plan;
  int32_t error = make_plan(d, &plan, where);
  if (!error) error = check_memory(forest, forest_bytes, plan.head.bytes);
  if (!error) error = check_memory(work, work_bytes, plan.work_bytes);
  if (error) return error;

  char *blob = (char *)forest;
  forest_head *head = (forest_head *)forest;
  *head = plan.head;
  head->magic = 0; // until everything is there
  error = read_trees(d, &plan, blob, (char *)work, where);
  if (error) return error;

  forest_tree *trees = (forest_tree *)(blob + head->trees_at);
  forest_step *steps = (forest_step *)(blob + head->steps_at);
  const double *leaves = (const double *)(blob + head->leaves_at);
  int64_t n_steps = 0, leaf = 0;
  for (uint32_t t = 0; t < head->n_trees; t++) n_steps += trees[t].n_steps;
  code_columns(d, &plan, head, blob, (char *)work, n_steps);
  name_used_columns(head, steps, n_steps, (uint32_t *)((char *)work + plan.names));

  forest_maker maker = {.plan = &plan, .head = head, .blob = blob, .work = (char *)work};
  head->local_masks = count_clusters(&maker, trees) * FOREST_MASK;
  forest_one *ones = (forest_one *)(blob + head->forests_at);
  uint32_t first_tree = 0;
  head->all_votes = 1;
  for (int32_t f = 0; f < d->n_forests; f++) {
    const uint32_t n = (uint32_t)d->n_trees[f];
    ones[f] = (forest_one){.weighted = d->weighted[f] != 0, .first_tree = first_tree, .n_trees = n, .weight = (float)n};
    choose_mode(d, leaves, trees + first_tree, n, &leaf, &ones[f]);
    maker.one = &ones[f];
    if (ones[f].mode != FOREST_GENERAL)
      for (uint32_t t = 0; t < n; t++) make_tree(&maker, trees + first_tree + t);
    head->all_votes &= ones[f].mode == FOREST_VOTES;
    first_tree += n;
  }
  head->n_steps = (uint32_t)n_steps;
  head->n_clusters = maker.used.cluster;
  head->masks_bytes = head->local_masks + maker.n_local * FOREST_MASK;
  head->most_nodes = maker.most_nodes;
  head->total_weight = (float)head->n_trees;
  head->magic = FOREST_MAGIC;
  return 0;
}
