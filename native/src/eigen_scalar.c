// Eigenvalues of symmetric 2x2 and 3x3 matrices, one matrix at a time (section 2.7 of pixel-classification.md).
//
// The operation order, the polynomials and their flaws are the definition: every line rounds to binary32 exactly
// once per operation. Comparisons are written so that NaN takes the same side as in the vector code.
#include "features_math.h"

static float smaller(float p, float q) { return p < q ? p : q; }
static float larger(float p, float q) { return p > q ? p : q; }

void ilh_eigen2_scalar(float xx, float xy, float yy, float e[2]) {
  const float h = (xx + yy) * 0.5f, d = (xx - yy) * 0.5f;
  const float w = __builtin_sqrtf(d * d + xy * xy);
  const float p = h + w, q = h - w;
  e[0] = larger(p, q);
  e[1] = smaller(p, q);
}

static float polynomial_atan2(float y, float x) {
  const int sx = __builtin_signbit(x) != 0, sy = __builtin_signbit(y) != 0;
  x = __builtin_fabsf(x);
  y = __builtin_fabsf(y);
  float q0 = sx ? -2.0f : 0.0f;
  if (y > x) {
    const float t = x;
    x = y;
    y = -t;
    q0 = q0 + 1.0f;
  }
  const float s = y / x, t = s * s;
  float u = ILH_ATAN[0];
  for (int i = 1; i < 8; i++) u = t * u + ILH_ATAN[i];
  float r = (t * s) * u + s;
  r = q0 * ILH_HALF_PI + r;
  if (sx) r = -r;
  if (x == 0.0f) r = ILH_HALF_PI;
  if (y == 0.0f) r = sx ? ILH_PI : 0.0f;
  return sy ? -r : r;
}

static void polynomial_sincos(float angle, float *sine, float *cosine) {
  const int negative = __builtin_signbit(angle) != 0;
  float x = __builtin_fabsf(angle);
  const float octants = x * ILH_4_OVER_PI;
  const int32_t j = octants < 8.0f ? ((int32_t)octants + 1) & ~1 : 0; // a NaN stays one, whatever its octant
  const float y = (float)j;
  x = ((x + y * ILH_PI_4_A) + y * ILH_PI_4_B) + y * ILH_PI_4_C;
  const float z = x * x;
  float p = ILH_COS[0];
  p = p * z + ILH_COS[1];
  p = p * z + ILH_COS[2];
  p = (p * z) * z;
  p = (p - z * 0.5f) + 1.0f;
  float q = ILH_SIN[0];
  q = q * z + ILH_SIN[1];
  q = q * z + ILH_SIN[2];
  q = ((q * z) * x) + x;
  const float s = (j & 2) == 0 ? q : p, c = (j & 2) == 0 ? p : q;
  *sine = negative != ((j & 4) != 0) ? -s : s;
  *cosine = ((~(j - 2)) & 4) != 0 ? -c : c;
}

static float largest_entry(const float a[6]) {
  return larger(larger(larger(__builtin_fabsf(a[0]), __builtin_fabsf(a[1])), larger(__builtin_fabsf(a[2]), __builtin_fabsf(a[3]))),
                larger(__builtin_fabsf(a[4]), __builtin_fabsf(a[5])));
}

static void sorted(float r0, float r1, float r2, float m, float e[3]) {
  const float l = smaller(r0, r1), h = larger(r0, r1);
  const float lo = smaller(l, r2), u = larger(l, r2);
  const float mid = smaller(h, u), hi = larger(h, u);
  e[0] = hi * m;
  e[1] = mid * m;
  e[2] = lo * m;
}

static void eigen3(const float in[6], float e[3]) {
  float m = largest_entry(in);
  if (m == 0.0f) m = 1.0f;
  const float a00 = in[0] / m, a01 = in[1] / m, a02 = in[2] / m, a11 = in[3] / m, a12 = in[4] / m, a22 = in[5] / m;
  float c0 = (a00 * a11) * a22 + ((2.0f * a01) * a02) * a12;
  c0 -= (a00 * a12) * a12;
  c0 -= (a11 * a02) * a02;
  c0 -= (a22 * a01) * a01;
  float c1 = a00 * a11 - a01 * a01;
  c1 += a00 * a22;
  c1 -= a02 * a02;
  c1 += a11 * a22;
  c1 -= a12 * a12;
  const float c2 = (a00 + a11) + a22, t = c2 * ILH_THIRD;
  const float a = smaller((c1 - c2 * t) * ILH_THIRD, 0.0f);
  const float b = 0.5f * (c0 + t * ((2.0f * t) * t - c1));
  const float q = smaller(b * b + (a * a) * a, 0.0f);
  const float root = __builtin_sqrtf(-a);
  const float phi = polynomial_atan2(__builtin_sqrtf(-q), b) * ILH_THIRD;
  float s, c;
  polynomial_sincos(phi, &s, &c);
  const float r0 = t + (2.0f * root) * c;
  const float r1 = t - root * (c + ILH_ROOT_3 * s);
  const float r2 = t - root * (c - ILH_ROOT_3 * s);
  sorted(r0, r1, r2, m, e);
}

static void eigen3_last(const float in[6], float e[3]) {
  const float m = largest_entry(in);
  if (m == 0.0f) {
    e[0] = e[1] = e[2] = 0.0f;
    return;
  }
  const float i = 1.0f / m;
  const float a00 = in[0] * i, a01 = in[1] * i, a02 = in[2] * i, a11 = in[3] * i, a12 = in[4] * i, a22 = in[5] * i;
  const float c0 = (float)((double)(a00 * a11 * a22) + 2.0 * a01 * a02 * a12 - (double)(a00 * a12 * a12) -
                           (double)(a11 * a02 * a02) - (double)(a22 * a01 * a01));
  const float c1 = a00 * a11 - a01 * a01 + a00 * a22 - a02 * a02 + a11 * a22 - a12 * a12;
  const float c2 = a00 + a11 + a22, t = c2 * ILH_THIRD;
  const float a = smaller((c1 - c2 * t) * ILH_THIRD, 0.0f);
  const float b = (float)(0.5 * (c0 + t * (2.0 * t * t - c1)));
  const float q = smaller(b * b + a * a * a, 0.0f);
  const float root = __builtin_sqrtf(-a);
  const float phi = (float)(ilh_atan2(__builtin_sqrt(-(double)q), b) * (double)ILH_THIRD);
  const float c = (float)ilh_cos(phi), s = (float)ilh_sin(phi);
  const float r0 = (float)(t + 2.0 * root * c);
  const float r1 = t - root * (c + ILH_ROOT_3 * s);
  const float r2 = t - root * (c - ILH_ROOT_3 * s);
  sorted(r0, r1, r2, m, e);
}

void ilh_eigen3_scalar(const float a[6], int32_t last, float e[3]) {
  if (last) {
    eigen3_last(a, e);
  } else {
    eigen3(a, e);
  }
}
