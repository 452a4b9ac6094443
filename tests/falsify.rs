//! Falsification by search alone: what is refuted is found again, by a witness that re-checks; the
//! seed alone decides which; and where nothing is wrong nothing is found.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use flatproof::certificate::check;
use flatproof::theorem::{Hunted, Search, falsify, find};

fn hunted(id: &str, threads: usize) -> Hunted {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let case = find(id).unwrap();
    pool.unwrap()
        .install(|| falsify(case, &Search::new(1, 200)))
}

#[test]
fn the_same_seed_finds_the_same_witness_on_any_number_of_threads() {
    let ids = [
        "theorem-4.1",
        "theorem-4.1-printed",
        "proposition-4.1-printed",
    ];
    for id in ids {
        let found = hunted(id, 1);
        check(found.witness.as_ref().unwrap()).unwrap();
        assert_eq!(found, hunted(id, 2), "{id}");
    }
}
