//! `check` on the memoriser of Theorem 4.1 (Wen, Li, Ma 2023) at d = 30, n = 100, width 100, whose
//! neurons each carry a radical of their own: reading the file, and deciding its nine claims.
//!
//! Before it is timed every claim is verified, and with one weight moved some are not.

use criterion::{Criterion, criterion_group, criterion_main};
use flatproof::Verdict;
use flatproof::casefile::{CaseFile, check};
use std::hint::black_box;

const FILE: &str = include_str!("memoriser.toml");

fn verdicts(text: &str) -> Vec<Verdict> {
    let file = CaseFile::read(text, None).expect("a case file");
    let (reports, _) = check(&file, "memoriser", None, || ()).expect("a file without errors");
    let claims = reports.iter().flat_map(|report| &report.claims);
    claims.map(|claim| claim.verdict).collect()
}

fn case_file(criterion: &mut Criterion) {
    let is_verified = |verdict: &Verdict| *verdict == Verdict::Verified;
    let all = verdicts(FILE);
    assert!(all.len() == 9 && all.iter().all(is_verified), "{all:?}");
    let moved = FILE.replace("y[j]/u[j]", "y[j]/u[j] + if(j = 7, 1/10^30, 0)");
    assert!(!verdicts(&moved).iter().all(is_verified), "a moved weight");

    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    group.bench_function("read", |b| b.iter(|| CaseFile::read(black_box(FILE), None)));
    group.bench_function("decide", |b| b.iter(|| verdicts(black_box(FILE))));
}

criterion_group!(benches, case_file);
criterion_main!(benches);
