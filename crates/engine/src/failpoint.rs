//! Places where a fault test can end the process, or switch on a planted defect. Nothing of it is compiled into a
//! build without the feature `failpoints`.

use std::time::Duration;

/// How far a planted acknowledgement runs ahead of its append: long enough to reach the caller.
pub(crate) const HEAD_START: Duration = Duration::from_millis(500);

/// Ends the process at once if the failpoint is set off.
pub(crate) fn kill(name: &'static str) {
    let _ = name;
    fail::fail_point!(name, |_| {
        std::process::abort();
    });
}

/// Whether a planted defect is switched on: the negative control of a fault test.
pub(crate) fn planted(name: &'static str) -> bool {
    let _ = name;
    fail::fail_point!(name, |_| true);
    false
}
