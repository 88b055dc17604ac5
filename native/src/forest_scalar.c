// The definition of forest prediction (pixel-classification.md sections 3.1 and 3.2), pixel by pixel: once on the
// arrays of the project file, once on the compiled forest for forests that the batch kernels do not cover.
#include <string.h>

#include "forest_format.h"

// Probabilities of leaf `probabilities` are added to p, their double sum to W.
static void add_leaf(const double *weight_then_probabilities, int32_t weighted, int32_t k, float *p, double *total) {
  const double weight = weighted ? weight_then_probabilities[0] : 1.0;
  for (int32_t c = 0; c < k; c++) {
    const double w = weight_then_probabilities[1 + c] * weight;
    p[c] = p[c] + (float)w;
    *total += w;
  }
}

static int has_nan(const float *row, int32_t n) {
  for (int32_t c = 0; c < n; c++)
    if (row[c] != row[c]) return 1;
  return 0;
}

int32_t ilh_forest_predict_scalar(const ilh_forest_desc *d, const float *rows, int64_t n_rows, float *out) {
  if (!d || !rows || !out || n_rows < 0) return ILH_FOREST_ARGUMENT;
  const int32_t k = d->n_classes;
  for (int64_t r = 0; r < n_rows; r++) {
    const float *row = rows + r * d->n_columns;
    float *sum = out + r * k, all_trees = 0.0f;
    for (int32_t c = 0; c < k; c++) sum[c] = 0.0f;
    for (int64_t f = 0, tree = 0; f < d->n_forests; f++) {
      float p[256] = {0.0f};
      double total = 0.0;
      for (int32_t t = 0; t < d->n_trees[f]; t++, tree++) {
        const int32_t *topology = d->topology + d->topology_offset[tree];
        const double *parameters = d->parameters + d->parameter_offset[tree];
        int64_t i = 2;
        while (!(topology[i] & FOREST_LEAF))
          i = (double)row[topology[i + 4]] < parameters[topology[i + 1] + 1] ? topology[i + 2] : topology[i + 3];
        add_leaf(parameters + topology[i + 1], d->weighted[f], k, p, &total);
      }
      const int nan = has_nan(row, d->n_columns);
      const float weight = (float)d->n_trees[f];
      for (int32_t c = 0; c < k; c++) sum[c] = sum[c] + (nan ? 0.0f : p[c] / (float)total) * weight;
      all_trees += weight;
    }
    for (int32_t c = 0; c < k; c++) sum[c] = sum[c] / all_trees;
  }
  return 0;
}

int32_t forest_first_maximum(const float *p, int64_t stride, int32_t k) {
  int32_t best = 0;
  for (int32_t c = 1; c < k; c++)
    if (p[c * stride] > p[best * stride]) best = c;
  return best;
}

void forest_walk_pixel(const forest_head *head, const forest_one *forest, const float *row, int64_t stride, float *p) {
  const int32_t k = head->n_classes;
  const forest_tree *trees = FOREST_PART(forest_tree, head, trees_at) + forest->first_tree;
  const forest_step *steps = FOREST_PART(forest_step, head, steps_at);
  const double *leaves = FOREST_PART(double, head, leaves_at);
  double total = 0.0;
  for (int32_t c = 0; c < k; c++) p[c] = 0.0f;
  for (uint32_t t = 0; t < forest->n_trees; t++) {
    int32_t i = trees[t].root;
    while (i >= 0) i = row[steps[i].column * stride] < steps[i].threshold ? steps[i].left : steps[i].right;
    add_leaf(leaves + (int64_t)~i * (k + 1), forest->weighted, k, p, &total);
  }
  for (int32_t c = 0; c < k; c++) p[c] = p[c] / (float)total;
}

void ilh_forest_run_walk(const forest_call *call) {
  const forest_head *head = call->head;
  const int32_t k = head->n_classes;
  const forest_one *forests = FOREST_PART(forest_one, head, forests_at);
  for (int64_t i = 0; i < call->n_pixels; i++) {
    int nan = call->invalid && call->invalid[i];
    for (uint32_t j = 0; j < head->n_used; j++) {
      const float x = call->planes[j * call->plane_stride + i];
      if (x != x) nan = 1;
    }
    float sum[256] = {0.0f}, p[256];
    for (int32_t f = 0; f < head->n_forests && !nan; f++) {
      forest_walk_pixel(head, forests + f, call->planes + i, call->plane_stride, p);
      for (int32_t c = 0; c < k; c++) sum[c] = sum[c] + p[c] * forests[f].weight;
    }
    for (int32_t c = 0; c < k; c++) sum[c] = sum[c] / head->total_weight;
    if (call->out)
      for (int32_t c = 0; c < k; c++) call->out[c * call->out_stride + i] = sum[c];
    if (call->classes) call->classes[i] = nan ? ILH_FOREST_NO_CLASS : (uint8_t)forest_first_maximum(sum, 1, k);
  }
}
