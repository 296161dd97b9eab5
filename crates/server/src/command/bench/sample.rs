//! Doing something again and again for a while, and what it took.
//!
//! Two things that are compared take turns, so that whatever else the machine does meanwhile happens to both.

use crate::wire::Failure;
use std::time::{Duration, Instant};

/// How often the two sides of a comparison take turns.
const ROUNDS: u32 = 5;
/// The part of the time that each side runs before it counts.
const WARM_UP: u32 = 10;

/// What was done, and how long it took.
#[derive(Default)]
pub(super) struct Sample {
    latencies: Vec<Duration>,
    events: usize,
    elapsed: Duration,
}

impl Sample {
    /// Steps that took `latencies`, all of them together `elapsed`; each is one event.
    pub(super) fn of(latencies: Vec<Duration>, elapsed: Duration) -> Self {
        Self { events: latencies.len(), latencies, elapsed }
    }

    /// How many steps there were.
    pub(super) fn steps(&self) -> usize {
        self.latencies.len()
    }

    /// Steps in a second, over all callers.
    pub(super) fn steps_per_second(&self) -> f64 {
        float(self.latencies.len()) / self.elapsed.as_secs_f64()
    }

    /// Events, or rows, in a second.
    pub(super) fn events_per_second(&self) -> f64 {
        float(self.events) / self.elapsed.as_secs_f64()
    }

    /// The time within which `percent` of the steps were done; zero if there were none.
    pub(super) fn percentile(&mut self, percent: usize) -> Duration {
        self.latencies.sort_unstable();
        let at = self.latencies.len() * percent / 100;
        self.latencies.get(at).copied().unwrap_or_default()
    }

    fn absorb(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.events += other.events;
        self.elapsed += other.elapsed;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

/// Something that can be done for a while, and again.
pub(super) trait Subject {
    /// Does it for about `time`.
    async fn run(&mut self, time: Duration) -> Result<Sample, Failure>;
}

/// Work of one thread, a step at a time; it answers with how many events, or rows, the step was.
pub(super) struct Blocking<F>(pub(super) F);

impl<F: FnMut() -> Result<usize, Failure>> Subject for Blocking<F> {
    async fn run(&mut self, time: Duration) -> Result<Sample, Failure> {
        tokio::task::block_in_place(|| {
            let (mut sample, start) = (Sample::default(), Instant::now());
            let mut before = Duration::ZERO;
            while before < time {
                sample.events += (self.0)()?;
                let after = start.elapsed();
                sample.latencies.push(after.saturating_sub(before));
                before = after;
            }
            sample.elapsed = before;
            Ok(sample)
        })
    }
}

/// One of several who do something at the same time.
pub(super) trait Caller: Send + 'static {
    /// Does one thing; answers with how many events, or rows, that was.
    fn step(&mut self) -> impl Future<Output = Result<usize, Failure>> + Send;
}

/// Callers, each of which begins the next step when its last one was answered.
pub(super) struct Callers<C>(pub(super) Vec<C>);

impl<C: Caller> Subject for Callers<C> {
    async fn run(&mut self, time: Duration) -> Result<Sample, Failure> {
        let start = Instant::now();
        let running: Vec<_> =
            self.0.drain(..).map(|caller| tokio::spawn(steps(caller, start, time))).collect();
        let mut all = Sample::default();
        for caller in running {
            let (caller, sample) = caller.await??;
            self.0.push(caller);
            all.absorb(sample);
        }
        all.elapsed = start.elapsed();
        Ok(all)
    }
}

/// Steps until the time is over; one at least, however late it begins on a busy machine.
async fn steps<C: Caller>(mut caller: C, start: Instant, time: Duration) -> Result<(C, Sample), Failure> {
    let (mut sample, mut before) = (Sample::default(), start.elapsed());
    loop {
        sample.events += caller.step().await?;
        let after = start.elapsed();
        sample.latencies.push(after.saturating_sub(before));
        before = after;
        if before >= time {
            return Ok((caller, sample));
        }
    }
}

/// Has `subject` and `other` take turns, `time` each.
pub(super) async fn take_turns(
    subject: &mut impl Subject,
    other: &mut impl Subject,
    time: Duration,
) -> Result<(Sample, Sample), Failure> {
    subject.run(time / WARM_UP).await?;
    other.run(time / WARM_UP).await?;
    let (mut first, mut second) = (Sample::default(), Sample::default());
    for _ in 0..ROUNDS {
        first.absorb(subject.run(time / ROUNDS).await?);
        second.absorb(other.run(time / ROUNDS).await?);
    }
    Ok((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(millis: impl IntoIterator<Item = u64>) -> Sample {
        let latencies: Vec<_> = millis.into_iter().map(Duration::from_millis).collect();
        Sample { events: 2 * latencies.len(), latencies, elapsed: Duration::from_secs(2) }
    }

    #[test]
    fn a_percentile_is_the_time_that_so_many_steps_stayed_below() {
        let mut sample = sample((1..=100).rev());
        assert_eq!(sample.percentile(50), Duration::from_millis(51));
        assert_eq!(sample.percentile(99), Duration::from_millis(100));
    }

    #[test]
    fn nothing_done_has_no_percentile() {
        assert_eq!(sample([]).percentile(99), Duration::ZERO);
    }

    #[test]
    fn rounds_add_up_to_one_rate() {
        let mut both = sample([1; 10]);
        both.absorb(sample([1; 30]));
        assert!((both.steps_per_second() - 10.0).abs() < 1e-9);
        assert!((both.events_per_second() - 20.0).abs() < 1e-9);
    }

    struct Counts(usize);

    impl Caller for Counts {
        async fn step(&mut self) -> Result<usize, Failure> {
            self.0 += 1;
            tokio::task::yield_now().await;
            Ok(1)
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn callers_go_on_where_their_last_turn_ended() {
        let (mut subject, mut other) = (Callers(vec![Counts(0), Counts(0)]), Blocking(|| Ok(3)));
        let (first, second) = take_turns(&mut subject, &mut other, Duration::from_millis(5)).await.unwrap();
        let steps: usize = subject.0.iter().map(|caller| caller.0).sum();
        // The warm-up is not counted.
        assert!(steps >= first.events && first.events == first.latencies.len());
        assert_eq!(second.events, 3 * second.latencies.len());
    }

    struct Fails;

    impl Caller for Fails {
        async fn step(&mut self) -> Result<usize, Failure> {
            Err("no".into())
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_failing_step_fails_the_measure() {
        assert!(Callers(vec![Fails]).run(Duration::from_millis(1)).await.is_err());
    }
}
