//! Long series, thinned to what a chart can show.
//!
//! Points that share a column of [`COLUMN`] pixels are replaced by the first, the lowest, the highest
//! and the last of them, in their order: the ink is the same. Gaps stay. Tied to
//! `thinned_vs_whole`.

/// Width of a column in pixels.
const COLUMN: f64 = 0.5;
/// Shorter series stay as they are.
const LONG: usize = 2000;

/// The indices to keep of the pixels of a series; `None` is a gap.
pub(super) fn thin(pixels: &[Option<(f64, f64)>]) -> Vec<usize> {
    if pixels.len() <= LONG {
        return (0..pixels.len()).collect();
    }
    let column = |k: usize| pixels[k].map(|(x, _)| (x / COLUMN).floor());
    let mut kept = Vec::new();
    let mut from = 0;
    while from < pixels.len() {
        let here = column(from);
        let mut to = from + 1;
        while to < pixels.len() && column(to) == here {
            to += 1;
        }
        if here.is_some() {
            let y = |k: &usize| pixels[*k].map_or(0.0, |(_, y)| y);
            let order = |a: &usize, b: &usize| y(a).total_cmp(&y(b));
            let lowest = (from..to).min_by(order).unwrap_or(from);
            let highest = (from..to).max_by(order).unwrap_or(from);
            let mut four = [from, lowest, highest, to - 1];
            four.sort_unstable();
            kept.extend(
                four.iter()
                    .enumerate()
                    .filter(|&(i, k)| i == 0 || four[i - 1] != *k)
                    .map(|(_, k)| *k),
            );
        } else {
            kept.push(from); // one point of a gap keeps it
        }
        from = to;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinned_vs_whole() {
        let wave = |k: usize| {
            let x = k as f64 * 4e-4;
            (k % 50_000 != 7).then(|| (x, (x * 40.0).sin() * 50.0))
        };
        let pixels: Vec<_> = (0..1_000_000).map(wave).collect();
        let kept = thin(&pixels);
        assert!(kept.len() < 4000, "{}", kept.len());
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((kept[0], *kept.last().unwrap()), (0, 999_999));
        let gaps =
            |at: &mut dyn Iterator<Item = usize>| at.filter(|&k| pixels[k].is_none()).count();
        assert_eq!(gaps(&mut kept.iter().copied()), gaps(&mut (0..1_000_000)));
        // every column keeps its extremes
        for column in [0, 17, 799] {
            let inside =
                |k: &usize| pixels[*k].is_some_and(|(x, _)| (x / COLUMN) as usize == column);
            let y = |k: usize| pixels[k].unwrap().1;
            let top = |ks: &mut dyn Iterator<Item = usize>| ks.map(y).fold(f64::MIN, f64::max);
            let whole = top(&mut (0..1_000_000).filter(inside));
            assert_eq!(top(&mut kept.iter().copied().filter(inside)), whole);
        }
    }

    #[test]
    fn short_series_stay() {
        assert_eq!(thin(&[Some((0.0, 1.0)), None, Some((0.1, 1.0))]), [0, 1, 2]);
        assert!(thin(&[]).is_empty());
        assert_eq!(thin(&vec![None; 5000]), [0]);
        assert_eq!(thin(&vec![Some((1.0, 1.0)); 5000]), [0, 4999]);
    }
}
