//! Where "now" comes from: the machine's clock, or one that a developer or a test winds.

use async_trait::async_trait;
use domain::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A clock that is set, or jumps, is noticed within this time.
const GLANCE: Duration = Duration::from_secs(1);

/// A source of the current instant.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The current instant. May stand still or jump; the committer never records an instant before the head's.
    fn now(&self) -> Timestamp;

    /// Returns when `instant` may have come; it may return earlier, so that a clock which jumped is noticed.
    async fn sleep_until(&self, instant: Timestamp) {
        tokio::time::sleep(until(self.now(), instant).min(GLANCE)).await;
    }
}

/// The time from one instant to another; none if that is over.
fn until(now: Timestamp, instant: Timestamp) -> Duration {
    let micros = instant.micros().saturating_sub(now.micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// A clock for development and tests: it starts where it is told to, runs as fast as it is told to, and can be put
/// forward. It goes back only when it is set.
#[derive(Debug)]
pub struct SimulatedClock {
    anchor: Mutex<Anchor>,
    /// How many seconds pass in one; 0 for a clock that stands still until it is put forward.
    speed: u32,
    /// Whether it runs like the wall clock from when it has caught up with it.
    catches_up: bool,
    put_forward: watch::Sender<()>,
}

/// An instant that the clock showed, and when it did.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    shown: Timestamp,
    at: Instant,
}

impl SimulatedClock {
    /// A clock that shows `start` now, and runs `speed` times as fast as time.
    pub fn new(start: Timestamp, speed: u32) -> Self {
        let anchor = Anchor { shown: start, at: Instant::now() };
        Self { anchor: Mutex::new(anchor), speed, catches_up: false, put_forward: watch::Sender::new(()) }
    }

    /// The same clock, which runs like the wall clock from when it has caught up with it.
    #[must_use]
    pub fn catching_up(self) -> Self {
        Self { catches_up: true, ..self }
    }

    /// Puts the clock forward to `instant`; one that shows a later one is left alone.
    pub fn advance_to(&self, instant: Timestamp) {
        let mut anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = self.shown(*anchor).max(instant);
        *anchor = Anchor { shown, at: Instant::now() };
        self.put_forward.send_replace(());
    }

    /// Sets the clock to `instant`, also back, as a machine's clock can be set.
    pub fn set(&self, instant: Timestamp) {
        *self.anchor.lock().unwrap_or_else(PoisonError::into_inner) =
            Anchor { shown: instant, at: Instant::now() };
        self.put_forward.send_replace(());
    }

    fn shown(&self, anchor: Anchor) -> Timestamp {
        let real = i64::try_from(anchor.at.elapsed().as_micros()).unwrap_or(i64::MAX);
        let passed = real.saturating_mul(i64::from(self.speed));
        let simulated = anchor.shown.micros().saturating_add(passed);
        if !self.catches_up {
            return Timestamp::from_micros(simulated);
        }
        let wall = SystemClock.now().micros();
        Timestamp::from_micros(if simulated < wall { simulated } else { wall.max(anchor.shown.micros()) })
    }
}

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.shown(*self.anchor.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn sleep_until(&self, instant: Timestamp) {
        let mut put_forward = self.put_forward.subscribe();
        let wait = until(self.now(), instant).checked_div(self.speed).map_or(GLANCE, |wait| wait.min(GLANCE));
        if until(self.now(), instant).is_zero() {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = put_forward.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    #[tokio::test]
    async fn a_clock_without_speed_stands_still_until_it_is_put_forward() {
        let clock = SimulatedClock::new(START, 0);
        assert_eq!(clock.now(), START);
        let later = START.plus_days(3);
        let (advanced, ()) = tokio::join!(
            async {
                while clock.now() < later {
                    clock.sleep_until(later).await;
                }
                clock.now()
            },
            async { clock.advance_to(later) },
        );
        assert_eq!(advanced, later);
        clock.advance_to(START);
        assert_eq!(clock.now(), later, "it never goes back");
    }

    #[test]
    fn a_clock_that_catches_up_becomes_the_wall_clock() {
        let clock = SimulatedClock::new(START, u32::MAX).catching_up();
        std::thread::sleep(Duration::from_millis(50));
        let (before, shown, after) = (SystemClock.now(), clock.now(), SystemClock.now());
        assert!((before..=after).contains(&shown), "{before} {shown} {after}");
    }

    #[test]
    fn a_clock_in_the_future_goes_on_from_there() {
        let ahead = SystemClock.now().plus_days(1);
        let clock = SimulatedClock::new(ahead, 1).catching_up();
        assert!(clock.now() >= ahead);
    }
}
