/* One-sample SAM for the two-layer net with bias, in closed form: the gradient of a sample has rank
 * one, so the perturbed pass needs no second matrix product, and rows of inactive neurons are skipped
 * in the update. Normalised ascent, squared error, no weight decay.
 *
 *   gcc -O3 -march=native -ffast-math -mprefer-vector-width=512 -shared -fPIC closed_form.c -o libclosed_form.so
 *
 * W: m rows of `stride` floats (W1_j, b_j, zeros), 64-byte aligned; x: samples likewise; z: m floats of
 * scratch. `benches/train.rs` has the same in Rust. */
#include <math.h>

void closed_form(float *restrict W, float *restrict a, float *restrict z, const float *restrict x,
                 const unsigned *order, const float *y, long steps, long m, long stride, float eta, float rho)
{
    W = __builtin_assume_aligned(W, 64);
    x = __builtin_assume_aligned(x, 64);
    for (long t = 0; t < steps; t++) {
        const float *xt = x + order[t] * stride;
        float square = 0;
        for (long k = 0; k < stride; k++) square += xt[k] * xt[k];
        float f = 0, hh = 0, aa = 0;
        for (long j = 0; j < m; j++) {
            const float *w = W + j * stride;
            float v = 0;
            for (long k = 0; k < stride; k++) v += w[k] * xt[k];
            z[j] = v;
        }
        for (long j = 0; j < m; j++) {
            float on = z[j] > 0 ? 1.0f : 0.0f, h = on * z[j], b = on * a[j];
            f += b * h;
            hh += h * h;
            aa += b * b;
        }
        float r = 2 * (f - y[t]), norm = sqrtf(square * aa + hh);
        float kappa = r != 0 && norm > 0 ? rho * copysignf(1, r) / norm : 0, up = kappa * square;
        float g = 0;
        for (long j = 0; j < m; j++) {
            float on = z[j] > 0 ? 1.0f : 0.0f, u = z[j] + up * a[j];
            float h = on * (u > 0 ? u : 0);
            g += (a[j] + kappa * z[j]) * h;
        }
        float move = -eta * 2 * (g - y[t]);
        for (long j = 0; j < m; j++) {
            if (z[j] <= 0) continue;
            float u = z[j] + up * a[j];
            if (u <= 0) continue;
            float c = move * (a[j] + kappa * z[j]);
            a[j] += move * u;
            float *w = W + j * stride;
            for (long k = 0; k < stride; k++) w[k] += c * xt[k];
        }
    }
}
