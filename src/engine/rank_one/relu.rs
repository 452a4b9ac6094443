//! The numbers of a step with relu, without normalisation or with layer norm; blocks and lists share them.
//!
//! With `v = V x'`, `h = relu(v)`, and sums over the active neurons `F = a.h`, `H = h.h`, `A = a.a`
//! (`z = alpha v`, so `f = i alpha F` with `i = 1`, or `1/max(alpha sqrt H, eps)` with layer norm):
//!
//! ```text
//! s = df/dz = i a - n z,  t = df/da = i z         n = f i^2 where ||h|| > eps, else 0
//! ||s||^2 = i^2 A - f n,  ||t||^2 = i^2 H alpha^2
//! z~ = z + kappa R^2 s,   a~ = a + kappa t        (an inactive neuron has gradient 0 and stays)
//! c = g (i~ a~ - n~ h~) on z~ > 0,  a' = decay a + g i~ h~,    g = -eta r~,  h~ = relu(z~)
//! V_j += c_j x'
//! ```

use crate::engine::simd::Lanes;
use crate::engine::slope::{ascent, slope};
use crate::engine::step::Rule;

/// The output and what the formulas need of it.
#[derive(Clone, Copy)]
pub struct Output {
    f: f32,
    /// `i`.
    per: f32,
    /// `n`.
    normal: f32,
}

impl Output {
    /// From `a.z` and `||h||^2` over the active neurons; `eps` is that of layer norm.
    #[inline(always)]
    fn new(dot: f32, norm_squared: f32, eps: Option<f32>) -> Self {
        let Some(eps) = eps else {
            return Self {
                f: dot,
                per: 1.0,
                normal: 0.0,
            };
        };
        let norm = norm_squared.sqrt();
        let per = 1.0 / if norm > eps { norm } else { eps };
        let f = dot * per;
        let normal = if norm > eps { f * per * per } else { 0.0 };
        Self { f, per, normal }
    }
}

/// A step at one sample.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    pub rule: &'a Rule,
    /// The label, `R^2`.
    pub y: f32,
    pub r_squared: f32,
    /// That of layer norm.
    pub eps: Option<f32>,
    /// `W1' = alpha V`.
    pub alpha: f32,
}

/// The way up to theta~.
#[derive(Clone, Copy)]
pub struct Ascent {
    at: Output,
    r: f32,
    /// 0 where theta~ = theta.
    pub kappa: f32,
    /// `z~ = z[0] h + z[1] a`.
    z: [f32; 2],
    /// `a~ = a + a_per_h h`.
    a_per_h: f32,
}

/// The way down from theta.
#[derive(Clone, Copy)]
pub struct Descent {
    /// `-eta r~`; 0 where only weight decay moves.
    pub g: f32,
    /// `c = c[0] a~ + c[1] h~`.
    c: [f32; 2],
    /// `a' = decay a + a_per_h h~`.
    a_per_h: f32,
    pub decay: f32,
    /// alpha after the decay; c is in units of V.
    pub kept: f32,
}

impl Step<'_> {
    /// From `F`, `H`, `A`.
    #[inline(always)]
    pub fn ascent<L: Lanes>(&self, lanes: L, [dot, norm_squared, active]: [f32; 3]) -> Ascent {
        let (alpha, r_squared) = (self.alpha, self.r_squared);
        let norm_squared = alpha * alpha * norm_squared;
        let at = Output::new(alpha * dot, norm_squared, self.eps);
        let r = slope(lanes, self.rule.loss, at.f, self.y);
        let s = (at.per * at.per * active - at.f * at.normal).max(0.0);
        let gradient = r_squared * s + at.per * at.per * norm_squared;
        let kappa = ascent(self.rule, r, gradient);
        let up = kappa * r_squared;
        Ascent {
            at,
            r,
            kappa,
            z: [alpha - up * at.normal * alpha, up * at.per],
            a_per_h: kappa * at.per * alpha,
        }
    }

    /// From `F~`, `H~`; `None` where theta~ = theta.
    #[inline(always)]
    pub fn descent<L: Lanes>(&self, lanes: L, up: &Ascent, sums: Option<[f32; 2]>) -> Descent {
        let (there, r) = match sums {
            Some([dot, norm_squared]) => {
                let there = Output::new(dot, norm_squared, self.eps);
                (there, slope(lanes, self.rule.loss, there.f, self.y))
            }
            None => (up.at, up.r),
        };
        let decay = 1.0 - self.rule.eta * self.rule.weight_decay;
        let (g, kept) = (-self.rule.eta * r, self.alpha * decay);
        Descent {
            g,
            c: [g * there.per / kept, -g * there.normal / kept],
            a_per_h: g * there.per,
            decay,
            kept,
        }
    }
}

impl Ascent {
    /// `h~` and `a~` from `h` and `a`. `GENERAL` where `z[0]` may not be 1.
    #[inline(always)]
    pub fn perturbed<L: Lanes, const GENERAL: bool>(
        &self,
        lanes: L,
        h: L::V,
        a: L::V,
    ) -> (L::V, L::V) {
        let own = if GENERAL {
            lanes.mul(lanes.splat(self.z[0]), h)
        } else {
            h
        };
        let z = lanes.mul_add(lanes.splat(self.z[1]), a, own);
        let h_there = lanes.relu(lanes.keep(lanes.gt(h, lanes.splat(0.0)), z));
        (h_there, lanes.mul_add(lanes.splat(self.a_per_h), h, a))
    }
}

impl Descent {
    /// `c` and `a'` from `h~`, `a~` and `a`. `GENERAL` where `c[1]` or the decay matter.
    #[inline(always)]
    pub fn change<L: Lanes, const GENERAL: bool>(
        &self,
        lanes: L,
        (h_there, a_there): (L::V, L::V),
        a: L::V,
    ) -> (L::V, L::V) {
        let active = lanes.gt(h_there, lanes.splat(0.0));
        let (mut c, mut kept) = (lanes.mul(lanes.splat(self.c[0]), a_there), a);
        if GENERAL {
            c = lanes.mul_add(lanes.splat(self.c[1]), h_there, c);
            kept = lanes.mul(lanes.splat(self.decay), a);
        }
        let a = lanes.mul_add(lanes.splat(self.a_per_h), h_there, kept);
        (lanes.keep(active, c), a)
    }
}
