//! What a run has reached: nothing that could happen may stay at zero.

use std::collections::BTreeMap;
use std::fmt;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What went wrong from outside.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {$(
            $(#[$doc])*
            $name,
        )*}

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// In words.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

faults! {
    /// The node died between two operations on its store.
    Crash = "a node died";
    /// It was stopped and started again.
    Restart = "a node was stopped";
    /// The disk was full.
    Full = "an append found no space";
    /// An append was written, and the store didn't know.
    UnknownWritten = "an append was written without an answer";
    /// An append was lost, and the store didn't know.
    UnknownLost = "an append was lost without an answer";
    /// An append took its time.
    Slow = "an append was slow";
    /// Two nodes decided at once.
    Race = "two nodes decided at once";
    /// The clock jumped a day forward.
    ClockForward = "the clock jumped forward";
    /// The clock jumped an hour back.
    ClockBack = "the clock jumped back";
    /// The provider answered nothing for a while.
    ProviderDown = "the provider was down";
    /// It took an order without an answer.
    ProviderUnanswered = "the provider took an order without an answer";
    /// A report came before the order's answer.
    WebhookEarly = "a webhook came early";
    /// A report was lost, and sent again.
    WebhookLost = "a webhook was lost";
    /// A report came twice.
    WebhookDoubled = "a webhook came twice";
    /// Reports came in another order.
    WebhooksReordered = "webhooks came out of order";
    /// An old report came again.
    WebhookStale = "an old webhook came again";
}

/// Counts of what was reached.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    counts: BTreeMap<(&'static str, String), u64>,
}

impl Coverage {
    /// Counts one.
    pub fn count(&mut self, group: &'static str, name: impl Into<String>) {
        *self.counts.entry((group, name.into())).or_default() += 1;
    }

    /// Counts a fault.
    pub fn fault(&mut self, fault: Fault) {
        self.count("fault", fault.text());
    }

    /// How often it was reached.
    pub fn of(&self, group: &'static str, name: &str) -> u64 {
        self.counts.get(&(group, name.to_owned())).copied().unwrap_or_default()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut group = "";
        for ((of, name), count) in &self.counts {
            if *of != group {
                writeln!(f, "{of}")?;
                group = of;
            }
            writeln!(f, "  {count:>8}  {name}")?;
        }
        Ok(())
    }
}
