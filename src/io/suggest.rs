//! The nearest name to a slip, for "did you mean".
//!
//! Nearness is Levenshtein's distance, letter case aside; a name more than half of which would have to
//! change is no suggestion. Tied to `slips_find_their_name`.

/// The nearest of the known names; among equally near ones the first in the alphabet.
pub fn suggest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = lower(wanted);
    let near = known.into_iter().filter_map(|name| {
        let letters = lower(name);
        // the distance is at least the difference of the lengths
        if 2 * wanted.len().abs_diff(letters.len()) > letters.len() {
            return None;
        }
        let distance = distance(&wanted, &letters);
        (2 * distance <= letters.len()).then_some((distance, name))
    });
    near.min().map(|(_, name)| name)
}

fn lower(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The least number of letters to put in, leave out or replace (Levenshtein 1966).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replace = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replace.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_name() {
        let known = ["flattest", "admissible", "interpolates", "a.1"];
        assert_eq!(suggest("flatest", known), Some("flattest"));
        assert_eq!(suggest("Interpolate", known), Some("interpolates"));
        assert_eq!(suggest("a1", known), Some("a.1"));
        assert_eq!(suggest("sharpness", known), None);
        assert_eq!(suggest("", known), None);
        assert_eq!(suggest("flattest", []), None);
        assert_eq!(suggest("ab", ["bb", "aa"]), Some("aa"));
    }

    #[test]
    fn distances() {
        let distance = |a: &str, b: &str| distance(&lower(a), &lower(b));
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("abc", "ABC"), 0);
    }
}
