// Builds and checks the plan of the fused pixel kernel: kernels, fused ranges, and which column is where.
#include "pixel_plan.h"

#include <string.h>

// More than any project has; keeps all size arithmetic far from overflow.
#define MOST 65536
#define LONGEST_AXIS ((int64_t)1 << 31)

static uint64_t aligned(uint64_t bytes) { return (bytes + 63) & ~(uint64_t)63; }

// Lays the plan out; the coefficients come last, and their number is not known before the scales are.
static pixel_plan layout(const ilh_pixel_model *m, uint64_t coefficients) {
  pixel_plan p = {PIXEL_PLAN_MAGIC, *m, 0, 0, 0, 0, 0};
  const uint64_t pairs = (uint64_t)(m->channels * m->n_scales);
  p.scales = aligned(sizeof p);
  p.families = p.scales + aligned((uint64_t)m->n_scales * sizeof(scale_plan));
  p.planes = p.families + aligned(pairs * sizeof(family_set));
  p.coefficients = p.planes + aligned(pairs * 18 * sizeof(int32_t));
  p.bytes = p.coefficients + aligned(coefficients * sizeof(float));
  return p;
}

static int counts_valid(const ilh_pixel_model *m) {
  for (int axis = 0; axis < 3; axis++) {
    if (m->size[axis] < 1 || m->size[axis] > LONGEST_AXIS) return 0;
  }
  return m->channels >= 1 && m->channels <= MOST && m->n_scales >= 1 && m->n_scales <= MOST / 16 &&
         m->channels * m->n_scales <= MOST && m->n_columns >= 1 && m->n_columns <= MOST && m->n_wanted >= 0 &&
         m->n_wanted <= m->n_columns && m->flavour >= ILH_FLAVOUR_X && m->flavour <= ILH_FLAVOUR_S;
}

uint64_t ilh_pixel_plan_bytes(const ilh_pixel_model *model) {
  if (!model || !counts_valid(model)) return 0;
  return layout(model, (uint64_t)model->n_scales * (ILH_MAX_RADIUS + 1)).bytes;
}

static int fill_filter(filter_kernel *k, const ilh_pixel_model *m, int32_t order, double sigma) {
  float c[ILH_MAX_RADIUS + 1];
  const int64_t r = ilh_kernel(order, sigma, 2.0, c);
  if (r < 0 || r > FILTER_RADIUS) return 0;
  k->r = (int32_t)r;
  memcpy(k->c, c, (size_t)(r + 1) * sizeof(float));
  ilh_fused_range((int32_t)m->flavour, m->size[2], r, &k->fused);
  return 1;
}

static int fill_scale(scale_plan *s, const ilh_pixel_model *m, double scale, int in_2d, float *coefficients) {
  memset(s, 0, sizeof *s);
  s->in_2d = in_2d || m->size[0] == 1;
  const int64_t r = ilh_kernel(0, ilh_scale_presmoothing(scale), 3.5, coefficients);
  if (r < 0) return 0;
  s->r = (int32_t)r;
  ilh_fused_range((int32_t)m->flavour, m->size[2], r, &s->fused);
  const double q = ilh_scale_filter(scale);
  for (int32_t order = 0; order < 3; order++) {
    if (!fill_filter(&s->whole[order], m, order, q)) return 0;
  }
  return fill_filter(&s->narrow, m, 0, 0.66 * q) && fill_filter(&s->half[0], m, 0, 0.5 * q) &&
         fill_filter(&s->half[1], m, 1, 0.5 * q);
}

int64_t pixel_reach(const scale_plan *scale, int32_t families) {
  if (families & 1 << ILH_STRUCTURE) return scale->whole[0].r + scale->half[0].r;
  return families ? scale->whole[0].r : 0;
}

// Every pass mirrors at most once, so its radius must be smaller than the axis.
static int fits(const scale_plan *s, const ilh_pixel_model *m) {
  const int64_t r = most(s->r, s->whole[0].r);
  for (int axis = s->in_2d ? 1 : 0; axis < 3; axis++) {
    if (r > m->size[axis] - 1) return 0;
  }
  return 1;
}

static int column_valid(const ilh_pixel_column *c, const ilh_pixel_model *m, const scale_plan *scales) {
  if (c->feature < 0 || c->feature > ILH_HESSIAN || c->scale < 0 || c->scale >= m->n_scales || c->channel < 0 ||
      c->channel >= m->channels || c->eigenvalue < 0) {
    return 0;
  }
  const int eigenvalues = c->feature >= ILH_STRUCTURE ? (scales[c->scale].in_2d ? 2 : 3) : 1;
  return c->eigenvalue < eigenvalues;
}

static int scale_selected(const ilh_pixel_model *m, const ilh_pixel_column *columns, int64_t scale) {
  for (int64_t i = 0; i < m->n_columns; i++) {
    if (columns[i].scale == scale) return 1;
  }
  return 0;
}

int32_t ilh_pixel_plan(const ilh_pixel_model *model, const double *scales, const uint8_t *in_2d,
                       const ilh_pixel_column *columns, void *plan, uint64_t plan_bytes) {
  if (!model || !scales || !in_2d || !columns || !plan || !counts_valid(model)) return ILH_PIXEL_ARGUMENT;
  if (!ilh_cpu_has((int32_t)model->level)) return ILH_PIXEL_LEVEL;
  pixel_plan *p = plan;
  const pixel_plan head = layout(model, (uint64_t)model->n_scales * (ILH_MAX_RADIUS + 1));
  if (plan_bytes < head.bytes || (uintptr_t)plan % 64 != 0) return ILH_PIXEL_MEMORY;
  memset(plan, 0, head.bytes);
  *p = head;

  scale_plan *scale = (scale_plan *)((char *)plan + p->scales);
  float *coefficients = (float *)((char *)plan + p->coefficients);
  for (int64_t i = 0; i < model->n_scales; i++) {
    if (!scale_selected(model, columns, i)) continue; // whatever it is, nothing is made of it
    float *half_kernel = coefficients + i * (ILH_MAX_RADIUS + 1);
    if (!fill_scale(&scale[i], model, scales[i], in_2d[i], half_kernel)) return ILH_PIXEL_SCALE;
    scale[i].coefficients = half_kernel - coefficients;
  }

  family_set *families = (family_set *)((char *)plan + p->families);
  int32_t *planes = (int32_t *)((char *)plan + p->planes);
  for (int64_t i = 0; i < model->channels * model->n_scales * 18; i++) planes[i] = -1;
  for (int64_t i = 0; i < model->n_columns; i++) {
    const ilh_pixel_column *c = &columns[i];
    if (!column_valid(c, model, scale)) return ILH_PIXEL_COLUMN;
    if (!fits(&scale[c->scale], model)) return ILH_PIXEL_SCALE;
    const int64_t pair = c->channel * model->n_scales + c->scale;
    int32_t *plane = &planes[pair * 18 + c->feature * 3 + c->eigenvalue];
    if (*plane >= 0) return ILH_PIXEL_COLUMN; // selected twice
    *plane = (int32_t)i;
    families[pair].all |= 1 << c->feature;
    if (i < model->n_wanted) families[pair].wanted |= 1 << c->feature;
  }
  return ILH_PIXEL_OK;
}
