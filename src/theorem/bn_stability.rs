//! What survives of Theorem 3.2 (Wen, Li, Ma 2023), with explicit constants (ours): the steps shared
//! by `theorem-3.2-repaired-*`, each checked exactly on one neuron, and the kappas they add up to.
//!
//! Let N = |S|, `zhat = relu(p)/a` a neuron on the training set, and for a suffix s let `v_s` be the
//! signed sum of zhat over the four quadrants (own labels +, others -, "own" so that `sum v_s >= 0`),
//! `q_s` the sum of its squares. `sum q_s = 4N`, `sum v_s = 2 N alpha`. With `E = 4N (1 - alpha^2)`:
//!
//! 1. `v_s^2 <= q_s` (Lemma A.27), so `alpha <= 1`, and `sum (v_s - 2 alpha)^2 + sum (q_s - v_s^2) = E`;
//! 2. where `v_s > 0` one point of the own label is active, value `A_s`, and the two others sum to
//!    `X_s` with `2 v_s X_s <= q_s - v_s^2`; if all `v_s > 0` the quadrant of `A_s` is the same for all s;
//! 3. if `E <= 1/4`: `v_s^2 >= 2`, `X_s <= 1/10`, `(A_s - A_t)^2 <= 2E`, so for `u = s_0 + sum k_i (s_i - s_0)`
//!    the pre-activation moves by `|h(u) - h(s_0)| <= C sqrt(2E)`, `C = max_u sum |k_i|`, in every quadrant;
//!    `||tail||^2 <= (d-2) C^2 E / 2` and `||row||^2 >= 1` over a^2.
//!
//! A network with `Tr <= 8 + kappa`, kappa <= 1, has `sum |c_j| (1 - alpha_j) <= kappa/4` and
//! `sum |c_j| <= 9/4`. Call j good if `1 - alpha_j <= eta <= 1/(32N)`, so that `E_j <= 8 N eta <= 1/4`; the bad
//! ones have `sum |c_j| <= kappa/(4 eta)`. Hence on the whole cube, as f = y at s_0,
//!
//! ```text
//! |f - y| <= (9/4) 4 C sqrt(N eta) + B kappa/(4 eta)        if zhat_j <= B on the cube for all j,
//! ```
//!
//! and no neuron is bad if every `c_j` is 0 or at least `c_0 = kappa/(4 eta)`. At width 4 with `kappa <= eta`
//! every quadrant has a good neuron with `|c| >= 1/4`: on it the bad ones have mean at most `2 kappa/(4 eta)`
//! and good ones of other quadrants at most `(9/4)/10`, too little for |f| = 1.
//! Tests `steps_hold_on_a_grid`, `constants_matter`.

use crate::construction::sim_bn_generaliser::QUADRANTS;
use crate::construction::theorem_3_2_pairs::along;
use crate::data::affine::AffineFrame;
use crate::data::complete::CompleteSet;
use crate::data::xor::BadDimension;
use crate::scalar::{Rational, Ring};

/// The constants of a complete set.
#[derive(Clone, Debug)]
pub(super) struct Stability {
    set: CompleteSet,
    /// `s_0`.
    origin: u64,
    /// `C = max(1, max_u sum_i |k_i|)`.
    reach: Rational,
}

/// One neuron's numbers, times its scale: `E a^2` and `a^2`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spread {
    pub(super) e: Rational,
    pub(super) a2: Rational,
}

/// A step that does not hold, in words.
type Broken = String;

impl Stability {
    /// # Errors
    /// [`BadDimension`] where d is too large to list the cube.
    pub(super) fn new(set: &CompleteSet) -> Result<Self, BadDimension> {
        let frame = AffineFrame::new(set);
        Ok(Self {
            set: set.clone(),
            origin: frame.origin(),
            reach: frame.largest_coordinate_sum()?.max(Rational::from(1)),
        })
    }

    fn n_suffixes(&self) -> Rational {
        Rational::from(self.set.suffixes().len())
    }

    /// `eta = min(1/32, (eps / 24 C)^2) / N`.
    pub(super) fn eta_bounded(&self, eps: &Rational) -> Rational {
        let root: Rational = Rational::from(eps / &self.reach) / 24;
        Ring::square(&root).min(Rational::from((1, 32))) / self.n_suffixes()
    }

    /// `kappa = min(1, 2 eta eps / B)` for networks with `zhat_j <= B` on the cube.
    pub(super) fn kappa_bounded(&self, eps: &Rational, bound: &Rational) -> Rational {
        let kappa: Rational = self.eta_bounded(eps) * 2 * eps / bound;
        kappa.min(Rational::from(1))
    }

    /// `kappa = min(1, 4 c_0 eta)`, `eta = min(1/32, (eps/C)^2 min(1/144, 1/(4(d-2)))) / N`, for networks
    /// whose `c_j` are 0 or at least `c_0` in size.
    pub(super) fn kappa_active(&self, eps: &Rational, c0: &Rational) -> Rational {
        let square = Ring::square(&Rational::from(eps / &self.reach));
        let share = (4 * (self.set.d() - 2)).max(144);
        let eta = (square / Rational::from(share)).min(Rational::from((1, 32)));
        let kappa: Rational = eta / self.n_suffixes() * 4 * c0;
        kappa.min(Rational::from(1))
    }

    /// `kappa_active` at `c_0 = 1/4`, which is at most eta: for networks of width 4.
    pub(super) fn kappa_width_4(&self, eps: &Rational) -> Rational {
        self.kappa_active(eps, &Rational::from((1, 4)))
    }

    /// Checks the steps on the neuron with this row; `None` if it is dead on the training set.
    ///
    /// # Errors
    /// The first step that does not hold.
    pub(super) fn steps(&self, row: &[Rational]) -> Result<Option<Spread>, Broken> {
        let squares = &Rational::from((1, 2));
        self.steps_with(row, squares)
    }

    /// [`Self::steps`] with the constant of step 2, `v_s X_s <= constant (q_s - v_s^2)`.
    fn steps_with(&self, row: &[Rational], constant: &Rational) -> Result<Option<Spread>, Broken> {
        let quads = self.quadruples(row);
        let n = self.n_suffixes();
        let total =
            |part: fn(&Quadruple) -> &Rational| -> Rational { quads.iter().map(part).sum() };
        let (r, q) = (total(|t| &t.v), total(|t| &t.q));
        if q.is_zero() {
            return Ok(None);
        }
        let e = q.clone() - Ring::square(&r) / n.clone(); // (4N - 4 N alpha^2) a^2
        let spread = Spread { e, a2: q / (n * 4) };
        let holds = |step: &str, holds: bool| if holds { Ok(()) } else { Err(step.to_string()) };
        holds("alpha <= 1", spread.e >= 0)?;
        for t in &quads {
            let slack = t.q.clone() - Ring::square(&t.v);
            holds("v^2 <= q", slack >= 0)?;
            if t.v > 0 {
                holds("one own point is active", t.own.is_some())?;
                holds(
                    "v X <= (q - v^2)/2",
                    t.cross.clone() * &t.v <= slack * constant,
                )?;
            }
        }
        if quads.iter().all(|t| t.v > 0) {
            let same = quads.iter().all(|t| t.own == quads[0].own);
            holds("one quadrant for all suffixes", same)?;
        }
        if Rational::from(&spread.e * 4) <= spread.a2 {
            self.near(row, &quads, &spread)?;
        }
        Ok(Some(spread))
    }

    /// Step 3.
    fn near(&self, row: &[Rational], quads: &[Quadruple], spread: &Spread) -> Result<(), Broken> {
        let Spread { e, a2 } = spread;
        let holds = |step: &str, holds: bool| if holds { Ok(()) } else { Err(step.to_string()) };
        for t in quads {
            holds(
                "v^2 >= 2",
                t.v > 0 && Ring::square(&t.v) >= Rational::from(a2 * 2),
            )?;
            holds("X <= 1/10", Ring::square(&t.cross) * 100 <= *a2)?;
        }
        let values = || quads.iter().map(|t| t.v.clone() + &t.cross); // A_s = v_s + X_s
        let range = values().max().zip(values().min());
        let range = range.map_or(Rational::new(), |(max, min)| max - min);
        holds(
            "(A_s - A_t)^2 <= 2E",
            Ring::square(&range) <= Rational::from(e * 2),
        )?;
        let d = self.set.d();
        let tail = &row[2..d];
        let moved = Ring::square(&self.reach) * 2 * e; // (C sqrt(2E))^2
        let at_origin = along(tail, self.origin);
        let suffixes = 0..1u64 << (d - 2);
        let stays = |u: u64| Ring::square(&along(tail, u).sub(&at_origin)) <= moved;
        holds("|h(u) - h(s_0)| <= C sqrt(2E)", suffixes.clone().all(stays))?;
        let tail2: Rational = Ring::dot(tail, tail);
        let row2: Rational = Ring::dot(&row[..d], &row[..d]);
        holds(
            "||tail||^2 <= (d-2) C^2 E/2",
            tail2 * 4 <= moved * (d - 2) as u64,
        )?;
        holds("||row||^2 >= 1", row2 >= *a2)
    }

    fn quadruples(&self, row: &[Rational]) -> Vec<Quadruple> {
        let d = self.set.d();
        let values: Vec<[Rational; 4]> = self
            .set
            .suffixes()
            .iter()
            .map(|&s| {
                QUADRANTS.map(|(x1, x2)| {
                    let p =
                        row[0].clone() * x1 + row[1].clone() * x2 + along(&row[2..d], s) + &row[d];
                    p.max(Rational::new())
                })
            })
            .collect();
        let signed = |z: &[Rational; 4]| -> Rational {
            QUADRANTS
                .iter()
                .zip(z)
                .map(|((s, t), z)| z.clone() * (s * t))
                .sum()
        };
        let own: i64 = match values.iter().map(signed).sum::<Rational>() < 0 {
            true => -1,
            false => 1,
        };
        values
            .iter()
            .map(|z| Quadruple::new(z, own, signed(z)))
            .collect()
    }
}

/// One neuron at the four points of a suffix.
struct Quadruple {
    /// The signed sum, own label positive.
    v: Rational,
    /// The sum of squares.
    q: Rational,
    /// The quadrant of the own label that is active, if exactly one is.
    own: Option<usize>,
    /// The sum over the other label.
    cross: Rational,
}

impl Quadruple {
    fn new(z: &[Rational; 4], own_label: i64, signed: Rational) -> Self {
        let is_own = |k: &usize| QUADRANTS[*k].0 * QUADRANTS[*k].1 == own_label;
        let active: Vec<usize> = (0..4).filter(is_own).filter(|&k| z[k] > 0).collect();
        Self {
            v: signed * own_label,
            q: Ring::dot(z, z),
            own: match active[..] {
                [k] => Some(k),
                _ => None,
            },
            cross: (0..4).filter(|k| !is_own(k)).map(|k| &z[k]).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(d: usize, entries: std::ops::RangeInclusive<i64>) -> Vec<Vec<Rational>> {
        let mut rows = vec![vec![]];
        for _ in 0..=d {
            let longer = |row: Vec<Rational>| {
                entries
                    .clone()
                    .map(move |w| [row.clone(), vec![Rational::from(w)]].concat())
            };
            rows = rows.into_iter().flat_map(longer).collect();
        }
        rows
    }

    #[test]
    fn steps_hold_on_a_grid() {
        let mut near = 0;
        for d in 2..=4 {
            let stability = Stability::new(&CompleteSet::smallest(d).unwrap()).unwrap();
            for row in rows(d, if d == 4 { -1..=1 } else { -2..=2 }) {
                if let Some(spread) = stability.steps(&row).unwrap() {
                    near += u32::from(Rational::from(&spread.e * 4) <= spread.a2);
                }
            }
        }
        assert!(near > 20, "step 3 was reached {near} times");
    }

    /// Step 2 is sharp: a constant below 1/2 fails on some neuron.
    #[test]
    fn constants_matter() {
        let stability = Stability::new(&CompleteSet::smallest(3).unwrap()).unwrap();
        // values 100 and 1 on quadrants (1,1) and (1,-1)
        let row = [150, 99, 0, -49].map(|w| Rational::from((w, 2)));
        assert!(stability.steps(&row).is_ok());
        let smaller = Rational::from((49, 100));
        assert!(stability.steps_with(&row, &smaller).is_err());
    }

    #[test]
    fn kappas_shrink_with_eps_and_stay_below_1() {
        let stability = Stability::new(&CompleteSet::smallest(5).unwrap()).unwrap();
        let [one, tenth] = [(1, 1), (1, 10)].map(Rational::from);
        assert!(stability.kappa_active(&tenth, &one) < stability.kappa_active(&one, &one));
        assert!(stability.kappa_bounded(&tenth, &one) < stability.kappa_bounded(&one, &one));
        let huge = Rational::from(1_000_000);
        assert!(stability.kappa_bounded(&huge, &Rational::from((1, 1000))) <= 1);
        assert!(stability.kappa_width_4(&one) <= stability.eta_bounded(&huge));
    }
}
