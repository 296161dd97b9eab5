//! What can be checked about the tree as a whole: which crate may use which, what may be compiled at all, and how long,
//! reachable and truthful its files are.
//!
//! Each check is a pure function from made-up or real input to findings, one sentence each. Beside the test on the real
//! tree stands one that feeds the check a fault and expects it found.

#![expect(clippy::expect_used, reason = "what can't be read fails every check that needs it, and says why")]

mod arrows;
mod banned;
mod bounds;
mod documents;
mod orphans;
mod texts;
mod tokens;
mod tree;

/// Fails with one finding a line.
#[track_caller]
fn assert_clean(findings: &[String]) {
    assert!(findings.is_empty(), "{} finding(s):\n  {}", findings.len(), findings.join("\n  "));
}
