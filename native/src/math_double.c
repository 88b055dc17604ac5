// atan2, sin, cos and exp in double-double arithmetic: a few hundred flops per call, used for kernel tables and for
// at most seven pixels of a volume, so accuracy is all that counts. The result is the rounded double-double value.
#include "ilh_features.h"

typedef struct {
  double hi, lo;
} dd;

static const dd PI = {3.141592653589793116, 1.2246467991473532072e-16};
static const dd HALF_PI = {1.570796326794896558, 6.1232339957367660359e-17};

static dd quick_sum(double a, double b) {
  const double s = a + b;
  return (dd){s, b - (s - a)};
}

static dd two_sum(double a, double b) {
  const double s = a + b;
  const double t = s - a;
  return (dd){s, (a - (s - t)) + (b - t)};
}

// Dekker's product; the factors here stay far below the overflow of the splitting.
static dd two_product(double a, double b) {
  const double p = a * b;
  const double ca = 134217729.0 * a, cb = 134217729.0 * b;
  const double ah = ca - (ca - a), bh = cb - (cb - b);
  const double al = a - ah, bl = b - bh;
  return (dd){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

static dd add(dd a, dd b) {
  const dd s = two_sum(a.hi, b.hi), t = two_sum(a.lo, b.lo);
  const dd u = quick_sum(s.hi, s.lo + t.hi);
  return quick_sum(u.hi, u.lo + t.lo);
}

static dd multiply(dd a, dd b) {
  const dd p = two_product(a.hi, b.hi);
  return quick_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static dd divide_by(dd a, double b) {
  const double q = a.hi / b;
  const dd p = two_product(q, b);
  return quick_sum(q, ((a.hi - p.hi) - p.lo + a.lo) / b);
}

static dd negate(dd a) { return (dd){-a.hi, -a.lo}; }

// Taylor series sum of sign^k x^(2k+first) / (2k+first)!, first 0 (cos) or 1 (sin); 48 terms reach 1e-32 at |x| = 4.
static dd sine_series(dd x, int first) {
  const dd square = negate(multiply(x, x));
  dd term = first ? x : (dd){1.0, 0.0};
  dd sum = term;
  for (int n = first + 1; n < 48; n += 2) {
    term = divide_by(multiply(term, square), (double)n * (double)(n + 1));
    sum = add(sum, term);
  }
  return sum;
}

double ilh_sin(double x) { return x != x ? x : sine_series((dd){x, 0.0}, 1).hi; }

double ilh_cos(double x) { return x != x ? x : sine_series((dd){x, 0.0}, 0).hi; }

// exp(x) = exp(x / 1024)^1024, the series without its leading 1 so that the squarings keep every digit.
double ilh_exp(double x) {
  if (x != x) return x;
  if (x < -700.0) return 0.0;
  const dd r = {x / 1024.0, 0.0};
  dd term = r, sum = r;
  for (int n = 2; n < 24; n++) {
    term = divide_by(multiply(term, r), (double)n);
    sum = add(sum, term);
  }
  for (int i = 0; i < 10; i++) sum = add(add(sum, sum), multiply(sum, sum)); // (1 + s)^2 - 1
  return add((dd){1.0, 0.0}, sum).hi;
}

// Angle of (x, y), y >= 0: cubic Newton steps on the direction vector, the last one in double-double.
double ilh_atan2(double y, double x) {
  if (x != x || y != y) return x + y;
  if (y == 0.0) return __builtin_signbit(x) ? PI.hi : 0.0;
  if (x == 0.0) return HALF_PI.hi;
  // Scaling by the larger side keeps the vector's length between 1 and sqrt(2).
  const double ax = x < 0.0 ? -x : x;
  const double size = ax > y ? ax : y;
  const double u = x / size, v = y / size;
  // First guess within 0.01 by a rational function of the smaller over the larger side.
  const double t = ax > y ? y / ax : ax / y;
  double guess = t / (1.0 + 0.28 * t * t);
  if (y > ax) guess = HALF_PI.hi - guess;
  if (x < 0.0) guess = PI.hi - guess;
  for (int i = 0; i < 2; i++) {
    const double s = ilh_sin(guess), c = ilh_cos(guess);
    const double d = (v * c - u * s) / (u * c + v * s);
    guess += d - d * d * d / 3.0;
  }
  // The correction uses the exact x and y: with y tiny the angle needs relative, not absolute accuracy.
  const dd angle = {guess, 0.0};
  const dd s = sine_series(angle, 1), c = sine_series(angle, 0);
  const dd across = add(multiply((dd){y, 0.0}, c), negate(multiply((dd){x, 0.0}, s)));
  const dd along = add(multiply((dd){x, 0.0}, c), multiply((dd){y, 0.0}, s));
  return add(angle, (dd){across.hi / along.hi, 0.0}).hi;
}
