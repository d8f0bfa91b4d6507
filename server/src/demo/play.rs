//! The opening scenes: enrolment, one item from opening to publication, a second window, the next item. Then the
//! console is the newcomer's. He may act at any time: the first act of the play that his own has made impossible ends
//! it.

use std::time::Duration;

use douxuan_ballot::native::{door::NetworkError, live::LiveContest};
use douxuan_crypto::contest::Contest;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    Pace,
    guide::Guide,
    phones::{Crowd, FIRST},
    share::OWN,
};
use crate::drill::{DrillError, console::Console};

const SECOND: Contest = Contest::new(2, 1);
/// How often the play looks at the room.
const LOOK: Duration = Duration::from_millis(100);

/// The play.
pub(super) struct Play<'a> {
    console: Console,
    crowd: &'a Crowd,
    pace: Pace,
    guide: &'a Guide,
}

impl<'a> Play<'a> {
    pub(super) fn new(console: Console, crowd: &'a Crowd, pace: Pace, guide: &'a Guide) -> Self {
        Self { console, crowd, pace, guide }
    }

    /// Plays as far as it is let.
    pub(super) async fn run(&mut self) {
        match self.scenes().await {
            Ok(()) => self.guide.yours(),
            Err(DrillError::Act(_, NetworkError::Status(_, said))) => self.guide.handed_over(&said),
            Err(failure) => self.guide.handed_over(&failure.to_string()),
        }
    }

    async fn scenes(&self) -> Result<(), DrillError> {
        let Self { crowd, pace, guide, .. } = self;
        self.act("window/open", json!({})).await?;
        guide.window(1);
        self.until(pace.enrol * 2 + Duration::from_secs(10), || {
            crowd.enrolled() >= crowd.arrived(1) || self.is_closed(1)
        })
        .await;
        self.close_window(1).await?;

        self.open(FIRST).await?;
        self.until(pace.first * 2 + pace.tick * 3, || self.all_in(FIRST)).await;
        // The last batch stands a moment before the result replaces it.
        sleep(pace.look / 2).await;
        self.act("contest/close", named(FIRST)).await?;
        self.act("contest/publish", named(FIRST)).await?;
        guide.published(FIRST.item);
        sleep(pace.look).await;

        self.act("window/open", json!({})).await?;
        guide.second_window(pace.wait);
        let opened = Instant::now();
        self.until(pace.wait, || {
            let late_ones_in = crowd.enrolled() >= crowd.arrived(2) && opened.elapsed() > pace.wait / 2;
            (late_ones_in && self.newcomers() > 0) || self.is_closed(2)
        })
        .await;
        self.close_window(2).await?;
        self.open(SECOND).await
    }

    async fn open(&self, contest: Contest) -> Result<(), DrillError> {
        self.act("contest/open", named(contest)).await?;
        let name = self.crowd.manifest().item(contest.item).map(|item| item.name.as_str());
        self.guide.opened(contest.item, name.unwrap_or_default());
        Ok(())
    }

    /// Whoever came counts as present, and so does the newcomer with all his slips.
    async fn close_window(&self, window: u32) -> Result<(), DrillError> {
        self.act("window/close", json!({ "present": self.crowd.arrived(window) + OWN })).await?;
        self.guide.window_closed(window, self.crowd.enrolled() + self.newcomers());
        Ok(())
    }

    /// Whether somebody else has closed this window. Before the phones have heard of it, it is not closed.
    fn is_closed(&self, window: u32) -> bool {
        let seen = self.crowd.live().window;
        seen.number >= window && !seen.open
    }

    /// Phones that are enrolled and are not simulated.
    fn newcomers(&self) -> usize {
        (self.crowd.live().enrolled as usize).saturating_sub(self.crowd.enrolled())
    }

    /// Whether every simulated phone's ballot is counted, or the contest is not open any more.
    fn all_in(&self, contest: Contest) -> bool {
        let live = self.crowd.live();
        let Some(shown) = live.contests.iter().find(|shown| shown.contest() == contest) else { return true };
        let LiveContest { state, issued, received, .. } = shown;
        let missing = issued.unwrap_or_default().saturating_sub(received.unwrap_or_default());
        !matches!(state.as_str(), "unopened" | "open") || (issued.is_some() && missing as usize <= self.newcomers())
    }

    async fn act(&self, path: &str, body: Value) -> Result<(), DrillError> {
        self.console.act(path, body).await.map(|_| ())
    }

    async fn until(&self, within: Duration, mut reached: impl FnMut() -> bool) {
        let end = Instant::now() + within;
        while !reached() && Instant::now() < end {
            sleep(LOOK).await;
        }
    }
}

fn named(contest: Contest) -> Value {
    json!({ "contests": [[contest.item, contest.round]] })
}
