//! The machine: lanes, kernels, one file per instruction set. The only place with `unsafe`.
//!
//! UNSAFETY: a token ([`Lanes`]) is made only where its instructions were found, so its methods may
//! use them; memory is reached through [`Chunk`]s, which are aligned, and by indices that were checked as a whole
//! ([`picked`]). Nothing else is assumed.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
pub mod lanes;
pub mod picked;
pub mod portable;

pub use lanes::{Chunk, Kernel, Lanes, WIDTH};

/// An instruction set this machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isa {
    /// Plain Rust.
    Portable,
    /// AVX2 with FMA.
    Avx2,
    /// AVX-512.
    Avx512,
}

impl Isa {
    /// Every set, slowest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The fastest this machine has.
    pub fn best() -> Self {
        let there = |isa: &Self| isa.is_available();
        Self::ALL.into_iter().rfind(there).unwrap_or(Self::Portable)
    }

    /// Whether this machine has it.
    pub fn is_available(self) -> bool {
        match self {
            Self::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => avx2::Avx2::new().is_some(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => avx512::Avx512::new().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// Its name on the command line and in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Runs `kernel` on this set; on plain Rust, with the same bits, where the machine lacks it.
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Avx512 => {
                if let Some(lanes) = avx512::Avx512::new() {
                    return lanes.run(kernel);
                }
            }
            Self::Avx2 => {
                if let Some(lanes) = avx2::Avx2::new() {
                    return lanes.run(kernel);
                }
            }
            Self::Portable => {}
        }
        kernel.run(portable::Portable)
    }
}
