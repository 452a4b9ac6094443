//! Rules for every file: each source file opens with what it is and stays short, and no file names
//! a package registry's host or a path of the machine it was written on.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines a file under `src` may have.
const LONGEST: usize = 450;
/// Version control, build products, results: not part of the project.
const SKIPPED: [&str; 3] = [".git", "target", "flatproof-out"];
/// Split, so that this file does not name them either.
const HOSTS: [&str; 5] = [
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("npmjs", ".org"),
    concat!("proxy.golang", ".org"),
    concat!("deb.debian", ".org"),
];
const PLACES: [&str; 5] = ["/home", "/root", "/Users", "/work", "/workspace"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files under `directory`, sorted.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("a readable directory");
    let mut paths: Vec<_> = entries
        .map(|e| e.expect("a readable entry").path())
        .collect();
    paths.retain(|path| !SKIPPED.iter().any(|skip| path.ends_with(skip)));
    paths.sort();
    paths
        .into_iter()
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Registry hosts and absolute places of people's machines that `text` names.
fn private_names(text: &str) -> Vec<&'static str> {
    let hosts = HOSTS.into_iter().filter(|host| text.contains(host));
    hosts
        .chain(PLACES.into_iter().filter(|place| names_place(text, place)))
        .collect()
}

/// Whether `place/` occurs in `text` as the start of a path, not inside one.
fn names_place(text: &str, place: &str) -> bool {
    text.match_indices(place).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let inside = before.is_some_and(|c| c.is_alphanumeric() || "._-~}".contains(c));
        !inside && text[at + place.len()..].starts_with('/')
    })
}

#[test]
fn sources_open_with_what_they_are_and_stay_short() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for directory in ["src", "tests", "benches"].map(|name| root().join(name)) {
        let all = if directory.is_dir() {
            files(&directory)
        } else {
            Vec::new()
        };
        for file in all
            .into_iter()
            .filter(|file| file.extension().is_some_and(|e| e == "rs"))
        {
            seen += 1;
            let text = fs::read_to_string(&file).expect("readable UTF-8 source");
            let length = text.lines().count();
            if !text.starts_with("//!") {
                wrong.push(format!("{}: does not start with //!", file.display()));
            }
            if length > LONGEST && file.starts_with(root().join("src")) {
                wrong.push(format!(
                    "{}: {length} lines, at most {LONGEST}",
                    file.display()
                ));
            }
        }
    }
    assert!(seen > 10, "the walk found {seen} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_names_a_registry_or_somebodys_machine() {
    let all = files(root());
    assert!(
        all.iter().any(|file| file.ends_with("Cargo.toml")),
        "the walk found no Cargo.toml"
    );
    let mut wrong = Vec::new();
    // The lock file's format names its registry.
    for file in all.iter().filter(|file| !file.ends_with("Cargo.lock")) {
        let bytes = fs::read(file).expect("a readable file");
        for name in private_names(&String::from_utf8_lossy(&bytes)) {
            wrong.push(format!("{}: names {name}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn private_names_are_recognised() {
    for place in PLACES {
        assert_eq!(private_names(&format!("see {place}/x")), [place]);
        assert_eq!(private_names(&format!("\"{place}/x\"")), [place]);
        for innocent in [
            format!("src{place}/x"),
            format!("..{place}/x"),
            format!("{place}s/x"),
        ] {
            assert!(private_names(&innocent).is_empty(), "{innocent}");
        }
    }
    for host in HOSTS {
        assert_eq!(private_names(&format!("https://{host}/a")), [host]);
    }
}
