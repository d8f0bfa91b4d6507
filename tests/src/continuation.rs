//! A meeting after a mishap: the server is back, the phones have what they had, and it goes on to its end.

use douxuan_ballot::{
    journey::{Invitation, Standing, Stop},
    native::{
        storage::Memory,
        voter::{Voter, VoterError},
    },
};
use rand::{SeedableRng, rngs::StdRng};
use serde_json::json;

use crate::{
    meeting::{Meeting, check},
    recording::option,
    server::PATIENCE,
};

impl Meeting {
    /// Goes on from wherever the meeting stands. Everybody ends with receipts in the first round of every item, unless
    /// it was closed before he could cast.
    ///
    /// # Errors
    /// What was lost, or why it cannot go on to a bundle that holds.
    pub async fn go_on(&mut self) -> Result<(), String> {
        let live = self.live();
        if live["window"]["number"] == 0 {
            self.console.act("/desk/window/open", &json!({}));
        }
        if self.live()["window"]["open"] == true {
            self.enrol_the_rest().await?;
            self.close_window();
        }
        for contest in self.contests() {
            match self.state_of(contest).as_str() {
                "unopened" => drop(self.console.open(&[contest])),
                "open" => {}
                "closed" | "published" | "withheld" | "voided" => continue,
                other => return Err(format!("{contest} is {other}")),
            }
            for (number, phone) in self.phones.iter_mut().enumerate() {
                if phone.receipt(contest).is_none() {
                    match phone.cast(&self.door, contest, option(number), PATIENCE).await {
                        Ok(Standing::Received) => {}
                        other => return Err(format!("casting in {contest}: {other:?}")),
                    }
                }
            }
        }
        check(&self.finish(), &self.phones)
    }

    /// Who has no credentials yet sends his request again. Who has them sees that nobody else gets any for his slip.
    async fn enrol_the_rest(&mut self) -> Result<(), String> {
        for phone in &mut self.phones {
            if phone.voter.enrolled().is_none() {
                phone.enrol(&self.door, PATIENCE).await.map_err(|e| format!("enrolling again: {e}"))?;
                continue;
            }
            // Somebody with a photo of the slip: if the roll forgot that it is spent, he gets in.
            let slip = Invitation::scan(&phone.fragment).unwrap();
            let mut other = Voter::invite(slip, &self.manifest, Box::<Memory>::default()).unwrap();
            let mut rng = StdRng::seed_from_u64(99);
            match other.enrol(&self.door, PATIENCE, &mut rng).await {
                Err(VoterError::Stop(Stop::EnrolRefused)) => {}
                Ok(()) => return Err("an acknowledged enrolment was forgotten".to_owned()),
                Err(other) => return Err(format!("a second phone with a spent slip: {other}")),
            }
        }
        Ok(())
    }
}
