//! Tells `flatproof --version` which compiler and target built it.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name| std::env::var(name).unwrap_or_else(|_| "unknown".into());
    let version = Command::new(variable("RUSTC")).arg("--version").output();
    let version = version
        .ok()
        .and_then(|out| String::from_utf8(out.stdout).ok());
    let version = version
        .as_deref()
        .and_then(|v| v.split(' ').nth(1))
        .unwrap_or("unknown");
    println!("cargo::rustc-env=FLATPROOF_RUSTC={version}");
    println!("cargo::rustc-env=FLATPROOF_TARGET={}", variable("TARGET"));
}
