//! When a client reconnects.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

type Delay = Arc<dyn Fn(Retry) -> Option<Duration> + Send + Sync>;

/// The state of a reconnect, passed to a [`ReconnectPolicy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// The number of failed attempts.
    pub attempts: u32,
    /// The time since the connection was lost.
    pub elapsed: Duration,
}

/// How long a client waits before each attempt to reconnect, and when it gives up.
///
/// The default is that of Microsoft's clients: attempts after 0, 2, 10 and 30 seconds.
#[derive(Clone)]
pub struct ReconnectPolicy(Delay);

impl ReconnectPolicy {
    /// Calls `delay` before each attempt. `None` gives up.
    pub fn new(delay: impl Fn(Retry) -> Option<Duration> + Send + Sync + 'static) -> Self {
        Self(Arc::new(delay))
    }

    /// One attempt after each of these delays.
    pub fn delays(delays: impl Into<Vec<Duration>>) -> Self {
        let delays = delays.into();
        Self::new(move |retry| delays.get(usize::try_from(retry.attempts).ok()?).copied())
    }

    /// Never gives up. The delay grows by `factor` after each attempt, up to `longest`, and varies by ±25 %
    /// so that clients do not reconnect at the same time. osu!lazer uses 3 seconds, a factor of 1.5, and 2
    /// minutes.
    pub fn backoff(first: Duration, factor: f64, longest: Duration) -> Self {
        Self::new(move |retry| {
            let exponent = i32::try_from(retry.attempts).unwrap_or(i32::MAX);
            let seconds = (first.as_secs_f64() * factor.powi(exponent)).min(longest.as_secs_f64());
            Duration::try_from_secs_f64(seconds * (0.75 + random() / 2.0)).ok().or(Some(longest))
        })
    }

    pub(super) fn delay(&self, retry: Retry) -> Option<Duration> {
        self.0(retry)
    }
}

/// A random number from 0 to 1, good enough to spread clients.
fn random() -> f64 {
    use std::hash::BuildHasher;
    let hash = std::hash::RandomState::new().hash_one(0);
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self::delays([0, 2, 10, 30].map(Duration::from_secs))
    }
}

impl fmt::Debug for ReconnectPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReconnectPolicy").finish_non_exhaustive()
    }
}
