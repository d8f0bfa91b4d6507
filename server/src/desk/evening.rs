//! What the desk tells the checks of the evening before: where phones will go, how many there will be, which names are
//! printed, and whether the databases are sound. Nothing here changes anything.

use tokio::sync::MutexGuard;

use super::{Desk, settings};
use crate::{urn::Phase, web::Refusal};

/// What is known of the meeting to come.
pub(crate) struct Evening {
    /// Title; empty if none was set.
    pub(crate) title: String,
    /// `YYYY-MM-DD`.
    pub(crate) date: String,
    /// Place; empty if none was set.
    pub(crate) place: String,
    /// `YYYY-MM-DD` at UTC+8.
    pub(crate) today: String,
    /// `http://host:port` as it stands on the slips, or would stand there.
    pub(crate) origin: String,
    /// Its host.
    pub(crate) host: String,
    /// Slips have been made with it.
    pub(crate) printed: bool,
    /// It leads here.
    pub(crate) ours: bool,
    /// Where phones are sent now: what leads here.
    pub(crate) origin_now: String,
    /// People on the list.
    pub(crate) people: usize,
    /// Contests that can be opened, every round of each.
    pub(crate) contests: usize,
    /// Every row of both lists that is printed or shown.
    pub(crate) rows: Vec<Row>,
}

/// One person in a list.
pub(crate) struct Row {
    /// `attendees` or `officials`.
    pub(crate) list: &'static str,
    /// Position in the list, from 1.
    pub(crate) number: usize,
    /// Name.
    pub(crate) name: String,
    /// Everything of it that is printed or shown.
    pub(crate) text: String,
}

impl Desk {
    /// What is known of the meeting to come.
    pub(crate) async fn evening(&self) -> Result<Evening, Refusal> {
        let (settings, roster) = (self.settings().await?, self.office().roster().await?);
        let (meeting, address) = (self.meeting(), self.address_of_slips());
        let attendees = roster.attendees.iter().zip(1..).map(|(person, number)| Row {
            list: "attendees",
            number,
            name: person.name.clone(),
            text: [person.name.as_str(), &person.category, &person.unit, &person.post].join(" "),
        });
        let officials = roster.officials.iter().zip(1..).map(|(person, number)| Row {
            list: "officials",
            number,
            name: person.name.clone(),
            text: [person.name.as_str(), &person.unit, &person.post].join(" "),
        });
        let planned = roster.officials.len() * usize::from(settings.rounds) + 1;
        let frozen = meeting.as_ref().map(|meeting| &meeting.manifest);
        Ok(Evening {
            title: frozen.map_or(settings.title, |manifest| manifest.title.clone()),
            date: frozen.map_or(settings.date, |manifest| manifest.date.clone()),
            place: frozen.map_or(settings.place, |manifest| manifest.place.clone()),
            today: settings::civil_date((self.parts().clock)()),
            origin: self.origin(),
            host: address.0,
            printed: meeting.is_some(),
            ours: address.1,
            origin_now: self.origin_now(),
            people: roster.attendees.len(),
            contests: frozen.map_or(planned, |manifest| manifest.contests.len()),
            rows: attendees.chain(officials).collect(),
        })
    }

    /// Whether somebody enrols or votes now.
    pub(crate) fn is_busy(&self) -> bool {
        let votes = |phase: &Phase| matches!(phase, Phase::Open | Phase::Closing);
        self.parts().roll.watch().borrow().open || self.parts().urn.phases().iter().any(|(_, phase)| votes(phase))
    }

    /// Waits for the act before this one, and lets none begin as long as the guard lives.
    ///
    /// # Errors
    /// 409 while somebody enrols or votes: what is measured would hold them up.
    pub(crate) async fn quiet(&self) -> Result<MutexGuard<'_, ()>, Refusal> {
        let acting = self.0.acting.lock().await;
        if self.is_busy() {
            return Err(Refusal::conflict(
                "登记或投票正开放着，现在不做会前检查：它会占用磁盘。",
                "请等登记关闭、各项截止之后再做。",
            ));
        }
        Ok(acting)
    }

    /// What each database finds wrong with itself: file, and findings or why it could not be read.
    pub(crate) async fn databases(&self) -> Vec<(&'static str, Result<Vec<String>, String>)> {
        vec![
            ("office.db", self.office().faults().await.map_err(|error| error.to_string())),
            ("roll.db", self.parts().roll.faults().await.map_err(|error| error.to_string())),
            ("urn.db", self.parts().urn.faults().await.map_err(|error| error.to_string())),
        ]
    }
}
