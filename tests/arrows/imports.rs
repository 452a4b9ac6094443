//! Every path of a source file that leads into this crate, written from the crate root.
//!
//! A path is rooted in `crate`, `self`, `super`, the crate's own name, or a name that the file binds
//! itself with `use` or `mod`: so re-exports, groups, globs, renames and inline paths all count.

use std::collections::BTreeMap;

use super::tokens::{Token, reads};

/// A path from the crate root; a glob ends in `*`; the root itself is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub path: Vec<String>,
    pub line: usize,
}

/// The imports of module `module` (its path from the root), whose tokens outside tests are `tokens`.
pub fn imports(module: &[String], tokens: &[Token]) -> Vec<Import> {
    let mut names = BTreeMap::new();
    loop {
        // Names bound through other bound names appear in later rounds.
        let mut scan = Scan {
            tokens,
            names: names.clone(),
            found: Vec::new(),
        };
        scan.run(module);
        if scan.names == names {
            return scan.found;
        }
        names = scan.names;
    }
}

struct Scan<'a> {
    tokens: &'a [Token],
    /// Names bound anywhere in the file, whatever their scope, and the path each stands for.
    names: BTreeMap<String, Vec<String>>,
    found: Vec<Import>,
}

impl Scan<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |t| &t.text)
    }

    fn run(&mut self, file: &[String]) {
        let mut module = file.to_vec();
        // Brace depth at which each inline module opened.
        let (mut depth, mut opened) = (0, Vec::new());
        let mut at = 0;
        while at < self.tokens.len() {
            match self.text(at) {
                "use" if self.text(at + 1) != "<" => {
                    at = self.use_tree(at + 1, &module);
                    continue;
                }
                "mod" => {
                    let name = self.text(at + 1).to_owned();
                    let path = [&module[..], std::slice::from_ref(&name)].concat();
                    if self.text(at + 2) == "{" {
                        opened.push(depth);
                        module.push(name.clone());
                    }
                    self.names.insert(name, path);
                    at += 2;
                    continue;
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if opened.last() == Some(&depth) {
                        opened.pop();
                        module.pop();
                    }
                }
                _ if self.text(at + 1) == "::" && self.starts_path(at) => {
                    if let Some(root) = self.root(at, &module) {
                        at = self.rest(at + 1, root, false);
                        continue;
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn starts_path(&self, at: usize) -> bool {
        at == 0 || !matches!(self.text(at - 1), "::" | ".")
    }

    /// The path that the first word of a path stands for, if it leads into this crate.
    fn root(&self, at: usize, module: &[String]) -> Option<Vec<String>> {
        match self.text(at) {
            "crate" | "flatproof" => Some(Vec::new()),
            "self" => Some(module.to_vec()),
            "super" => Some(module[..module.len().saturating_sub(1)].to_vec()),
            name => self.names.get(name).cloned(),
        }
    }

    /// A `use` tree without prefix: a group, a path into this crate, or one out of it.
    fn use_tree(&mut self, at: usize, module: &[String]) -> usize {
        if self.text(at) == "{" {
            return self.group(at, |scan, at| scan.use_tree(at, module));
        }
        let leading = usize::from(self.text(at) == "::");
        match self.root(at + leading, module) {
            Some(root) => self.rest(at + leading + 1, root, true),
            None => self.foreign(at),
        }
    }

    /// Skips a `use` tree of another crate; a name it binds hides nothing of ours.
    fn foreign(&mut self, mut at: usize) -> usize {
        let mut depth = 0;
        while at < self.tokens.len() {
            match self.text(at) {
                ";" => break,
                "," | "}" if depth == 0 => break,
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            at += 1;
        }
        at
    }

    fn group(&mut self, open: usize, mut element: impl FnMut(&mut Self, usize) -> usize) -> usize {
        let mut at = open + 1;
        while at < self.tokens.len() && self.text(at) != "}" {
            at = if self.text(at) == "," {
                at + 1
            } else {
                element(self, at)
            };
        }
        at + 1
    }

    /// The path after its root `path`, `at` standing behind the root; in a `use`, also groups,
    /// globs and renames.
    fn rest(&mut self, mut at: usize, mut path: Vec<String>, in_use: bool) -> usize {
        while self.text(at) == "::" {
            match self.text(at + 1) {
                "{" if in_use => {
                    return self.group(at + 1, |scan, at| scan.element(at, path.clone()));
                }
                "*" if in_use => {
                    path.push("*".into());
                    self.leaf(at, path, None);
                    return at + 2;
                }
                "<" => break,
                _ => {}
            }
            step(&mut path, self.text(at + 1));
            at += 2;
        }
        let last = self.text(at - 1).to_owned();
        let rename = in_use && self.text(at) == "as";
        let name = if rename {
            self.text(at + 1).to_owned()
        } else {
            last
        };
        self.leaf(at - 1, path, in_use.then_some(name));
        if rename { at + 2 } else { at }
    }

    /// One element of a group under `path`.
    fn element(&mut self, at: usize, mut path: Vec<String>) -> usize {
        match self.text(at) {
            "{" => self.group(at, |scan, at| scan.element(at, path.clone())),
            word => {
                step(&mut path, word);
                self.rest(at + 1, path, true)
            }
        }
    }

    fn leaf(&mut self, at: usize, path: Vec<String>, name: Option<String>) {
        if let Some(name) = name.filter(|name| name != "_") {
            // `use a::b::{self}` binds `b`.
            let name = if name == "self" {
                path.last().cloned().unwrap_or(name)
            } else {
                name
            };
            self.names.insert(name, path.clone());
        }
        let line = self.tokens.get(at).map_or(0, |t| t.line);
        self.found.push(Import { path, line });
    }
}

fn step(path: &mut Vec<String>, word: &str) {
    match word {
        "self" => {}
        "super" => drop(path.pop()),
        _ => path.push(word.into()),
    }
}

/// Ways to bring in code that no path shows: a line and what it is.
pub fn hidden_ways(tokens: &[Token]) -> Vec<(usize, &'static str)> {
    let ways: [(&[&str], &str); 3] = [
        (&["#", "[", "path"], "#[path]"),
        (&["include", "!"], "include!"),
        (&["extern", "crate"], "extern crate"),
    ];
    let at = |k: usize| {
        ways.iter()
            .filter(move |(texts, _)| reads(tokens, k, texts))
            .map(move |w| (k, w.1))
    };
    (0..tokens.len())
        .flat_map(at)
        .map(|(k, way)| (tokens[k].line, way))
        .collect()
}
