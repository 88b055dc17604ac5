// The obvious version of every feature: whole volumes, one separable pass at a time, one pixel at a time.
// This is the oracle of the tests; see pixel-classification.md sections 2.5 to 2.7.
#include "features_math.h"

#define FORWARD_IF_ERROR(call)  \
  do {                          \
    if ((call) != 0) return -1; \
  } while (0)

typedef struct {
  int64_t nz, ny, nx;
  int dimensions; // 2 or 3 axes are filtered
  int flavour;
  float *line; // scratch volume between two passes
} volume;

static int64_t count(const volume *v) { return v->nz * v->ny * v->nx; }

// Binary32 fused multiply-add through binary64: the product is exact, the sum is rounded to odd, and 53 bits leave
// room enough for the final rounding to be the only one that counts.
static float fused_multiply_add(float a, float b, float c) {
  const double p = (double)a * (double)b, d = c;
  double s = p + d;
  const double t = s - p;
  const double error = (p - (s - t)) + (d - t);
  if (error > 0.0 || error < 0.0) {
    union {
      double value;
      int64_t bits;
    } u = {s};
    if ((u.bits & 1) == 0) u.bits += (error > 0.0) == (s > 0.0) ? 1 : -1;
    s = u.value;
  }
  return (float)s;
}

static int64_t mirrored(int64_t i, int64_t n) { return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i; }

// One pass along an axis of `n` elements `step` apart, at element `i` (section 2.5).
static float convolved(const float *line, int64_t i, int64_t n, int64_t step, const float *c, int64_t r, int order,
                       int fused) {
  if (r == 0) return line[i * step]; // identity, for derivatives too
  float sum = c[0] * line[i * step];
  for (int64_t k = 1; k <= r; k++) {
    const float above = line[mirrored(i + k, n) * step], below = line[mirrored(i - k, n) * step];
    const float pair = order == 1 ? above - below : above + below;
    sum = fused ? fused_multiply_add(c[k], pair, sum) : sum + c[k] * pair;
  }
  return sum;
}

// Pass along one axis (0 z, 1 y, 2 x) of the whole volume.
static int pass(const volume *v, const float *in, float *out, int axis, int order, double sigma, double window) {
  float c[ILH_MAX_RADIUS + 1];
  const int64_t r = ilh_kernel(order, sigma, window, c);
  const int64_t size[3] = {v->nz, v->ny, v->nx}, step[3] = {v->ny * v->nx, v->nx, 1};
  if (r < 0 || r > size[axis] - 1) return -1;
  ilh_range range;
  ilh_fused_range(v->flavour, v->nx, r, &range);
  for (int64_t i = 0; i < count(v); i++) {
    const int64_t position = (i / step[axis]) % size[axis];
    const int fused = axis == 2 ? position >= range.begin && position < range.end : v->flavour != ILH_FLAVOUR_S;
    out[i] = convolved(in + (i - position * step[axis]), position, size[axis], step[axis], c, r, order, fused);
  }
  return 0;
}

// Separable filter: x, then y, then z. `in` and `out` must differ.
static int separable(const volume *v, const float *in, float *out, int ox, int oy, int oz, double sigma,
                     double window) {
  float *first = v->dimensions == 3 ? out : v->line, *second = v->dimensions == 3 ? v->line : out;
  FORWARD_IF_ERROR(pass(v, in, first, 2, ox, sigma, window));
  FORWARD_IF_ERROR(pass(v, first, second, 1, oy, sigma, window));
  if (v->dimensions == 3) FORWARD_IF_ERROR(pass(v, second, out, 0, oz, sigma, window));
  return 0;
}

static int gaussian(const volume *v, const float *in, float *out, double sigma) {
  return separable(v, in, out, 0, 0, 0, sigma, 2.0);
}

// Derivative of the given order along one axis (0 z, 1 y, 2 x), smoothing along the others.
static int derivative(const volume *v, const float *in, float *out, int axis, int order, double sigma) {
  return separable(v, in, out, axis == 2 ? order : 0, axis == 1 ? order : 0, axis == 0 ? order : 0, sigma, 2.0);
}

static int laplacian(const volume *v, const float *in, float *out, float *part, double q) {
  const int64_t n = count(v);
  FORWARD_IF_ERROR(derivative(v, in, out, 2, 2, q));
  for (int axis = 1; axis >= 3 - v->dimensions; axis--) {
    FORWARD_IF_ERROR(derivative(v, in, part, axis, 2, q));
    for (int64_t i = 0; i < n; i++) out[i] = out[i] + part[i];
  }
  return 0;
}

static int gradient_magnitude(const volume *v, const float *in, float *out, float *part, double q) {
  const int64_t n = count(v);
  FORWARD_IF_ERROR(derivative(v, in, out, 2, 1, q));
  for (int64_t i = 0; i < n; i++) out[i] = out[i] * out[i];
  for (int axis = 1; axis >= 3 - v->dimensions; axis--) {
    FORWARD_IF_ERROR(derivative(v, in, part, axis, 1, q));
    for (int64_t i = 0; i < n; i++) out[i] = out[i] + part[i] * part[i];
  }
  for (int64_t i = 0; i < n; i++) out[i] = __builtin_sqrtf(out[i]);
  return 0;
}

static int difference(const volume *v, const float *in, float *out, float *part, double q) {
  FORWARD_IF_ERROR(gaussian(v, in, out, q));
  FORWARD_IF_ERROR(gaussian(v, in, part, 0.66 * q));
  for (int64_t i = 0; i < count(v); i++) out[i] = out[i] - part[i];
  return 0;
}

// Pairs of axes (0 z, 1 y, 2 x) of the tensor entries zz yz xz yy xy xx; 2-D uses the last three.
static const int ENTRY[6][2] = {{0, 0}, {0, 1}, {0, 2}, {1, 1}, {1, 2}, {2, 2}};

static int structure_tensor(const volume *v, const float *in, float *tensor[6], float *work[4], double q) {
  const int64_t n = count(v);
  const int first = v->dimensions == 3 ? 0 : 3;
  for (int axis = 3 - v->dimensions; axis < 3; axis++) {
    FORWARD_IF_ERROR(derivative(v, in, work[axis], axis, 1, 0.5 * q));
  }
  for (int e = first; e < 6; e++) {
    for (int64_t i = 0; i < n; i++) work[3][i] = work[ENTRY[e][0]][i] * work[ENTRY[e][1]][i];
    FORWARD_IF_ERROR(gaussian(v, work[3], tensor[e], q));
  }
  return 0;
}

static int hessian(const volume *v, const float *in, float *tensor[6], double q) {
  for (int e = v->dimensions == 3 ? 0 : 3; e < 6; e++) {
    int order[3] = {0, 0, 0};
    order[ENTRY[e][0]]++;
    order[ENTRY[e][1]]++;
    FORWARD_IF_ERROR(separable(v, in, tensor[e], order[2], order[1], order[0], q, 2.0));
  }
  return 0;
}

static void eigenvalues(const volume *v, float *tensor[6], float *out) {
  const int64_t n = count(v);
  const int64_t last = v->flavour == ILH_FLAVOUR_M ? n : n - n % 8;
  for (int64_t i = 0; i < n; i++) {
    float e[3];
    if (v->dimensions == 2) {
      ilh_eigen2_scalar(tensor[5][i], tensor[4][i], tensor[3][i], e);
    } else {
      const float a[6] = {tensor[0][i], tensor[1][i], tensor[2][i], tensor[3][i], tensor[4][i], tensor[5][i]};
      ilh_eigen3_scalar(a, i >= last, e);
    }
    for (int k = 0; k < v->dimensions; k++) out[k * n + i] = e[k];
  }
}

// Volumes of scratch: pre-smoothed image, line, six tensor entries, three gradients, one product.
#define SCRATCH_VOLUMES 12

uint64_t ilh_features_scalar_bytes(int64_t nz, int64_t ny, int64_t nx) {
  return (uint64_t)(nz * ny * nx) * SCRATCH_VOLUMES * sizeof(float);
}

int32_t ilh_features_scalar(const float *in, int64_t nz, int64_t ny, int64_t nx, double scale, int32_t in_2d,
                            int32_t flavour, int32_t feature, float *out, void *scratch) {
  volume v = {nz, ny, nx, in_2d || nz == 1 ? 2 : 3, flavour, 0};
  const int64_t n = count(&v);
  float *work[SCRATCH_VOLUMES];
  for (int i = 0; i < SCRATCH_VOLUMES; i++) work[i] = (float *)scratch + i * n;
  v.line = work[1];

  float *smooth = feature == ILH_PRESMOOTHED ? out : work[0];
  FORWARD_IF_ERROR(separable(&v, in, smooth, 0, 0, 0, ilh_scale_presmoothing(scale), 3.5));
  const double q = ilh_scale_filter(scale);
  switch (feature) {
  case ILH_PRESMOOTHED:
    return 0;
  case ILH_GAUSSIAN:
    return gaussian(&v, smooth, out, q);
  case ILH_LAPLACIAN:
    return laplacian(&v, smooth, out, work[2], q);
  case ILH_GRADIENT:
    return gradient_magnitude(&v, smooth, out, work[2], q);
  case ILH_DIFFERENCE:
    return difference(&v, smooth, out, work[2], q);
  case ILH_STRUCTURE:
    FORWARD_IF_ERROR(structure_tensor(&v, smooth, &work[2], &work[8], q));
    break;
  case ILH_HESSIAN:
    FORWARD_IF_ERROR(hessian(&v, smooth, &work[2], q));
    break;
  default:
    return -1;
  }
  eigenvalues(&v, &work[2], out);
  return 0;
}
