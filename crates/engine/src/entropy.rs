//! Where fresh ids come from: a seed for each command, hashed from one secret and a counter.

use sha2::{Digest, Sha256};

/// A stream of seeds that never repeats. One made of a fixed secret replays a run exactly.
#[derive(Debug)]
pub struct Entropy {
    secret: [u8; 32],
    drawn: u64,
}

impl Entropy {
    /// Seeds that nobody can guess.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn system() -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut secret = [0; 32];
        aws_lc_rs::rand::fill(&mut secret)?;
        Ok(Self { secret, drawn: 0 })
    }

    /// The seeds of a number, for tests and simulations.
    pub fn seeded(seed: u64) -> Self {
        Self { secret: Sha256::digest(seed.to_be_bytes()).into(), drawn: 0 }
    }

    pub(crate) fn next(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let hash = Sha256::new().chain_update(self.secret).chain_update(self.drawn.to_be_bytes()).finalize();
        let mut seed = [0; 16];
        seed.copy_from_slice(&hash[..16]);
        seed
    }
}
