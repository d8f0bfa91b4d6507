//! The slips between freezing and printing: tokens, **in memory only**. They are gone with the first window, with a
//! restart, or when the office says that they are printed; the server keeps nothing but their public keys.

use douxuan_crypto::token::{Mask, Slip, Token, TokenLeaf};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::roster::Roster;
use crate::limits;

/// The slips of one exclusion.
pub(super) struct Group {
    /// What these slips do not rate.
    pub mask: Mask,
    /// For whom: positions among the officials, empty for everybody else.
    pub excluded: Vec<u16>,
    /// Slips for people.
    pub holders: usize,
    /// Spares: the last ones of `tokens`.
    pub spares: usize,
    tokens: Vec<Token>,
}

/// All slips of a meeting, not yet printed. Tokens zeroise when this is dropped.
pub(super) struct Slips {
    groups: Vec<Group>,
}

impl Slips {
    /// Draws a token for every attendee, and spares for each exclusion. With `recusal`, an official who attends gets a
    /// slip that leaves himself out.
    pub(super) fn draw<R: CryptoRng + ?Sized>(roster: &Roster, recusal: bool, rng: &mut R) -> Self {
        let items = roster.officials.len();
        let leaves_himself_out: Vec<u16> = (1u16..)
            .zip(&roster.officials)
            .filter(|(_, official)| recusal && official.attendee.is_some())
            .map(|(item, _)| item)
            .collect();
        let others = roster.attendees.len() - leaves_himself_out.len();
        let plans = std::iter::once((Vec::new(), others))
            .chain(leaves_himself_out.into_iter().map(|item| (vec![item], 1)))
            .filter(|(_, holders)| *holders > 0);
        let groups = plans.map(|(excluded, holders)| {
            let spares = (holders * limits::SPARE_PERCENT).div_ceil(100).max(limits::SPARE_LEAST);
            Group {
                mask: Mask::excluding(items, &excluded),
                excluded,
                holders,
                spares,
                tokens: (0..holders + spares).map(|_| Token::generate(rng)).collect(),
            }
        });
        Self { groups: groups.collect() }
    }

    /// The leaves of the token tree, in no order that matters.
    #[must_use]
    pub(super) fn leaves(&self, meeting: &[u8; 16]) -> Vec<TokenLeaf> {
        let leaf = |group: &Group, token: &Token| TokenLeaf {
            t: *token.signing_key(meeting).verifying().as_bytes(),
            mask: group.mask.clone(),
        };
        self.groups.iter().flat_map(|group| group.tokens.iter().map(move |token| leaf(group, token))).collect()
    }

    /// The groups, everybody else's first.
    #[must_use]
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The slips that rate everybody.
    #[must_use]
    pub(crate) fn general(&self) -> &[Group] {
        &self.groups[..self.groups.partition_point(|group| group.excluded.is_empty())]
    }

    /// The slips of reported officials, each without himself.
    #[must_use]
    pub(crate) fn of_officials(&self) -> &[Group] {
        &self.groups[self.groups.partition_point(|group| group.excluded.is_empty())..]
    }

    /// How many slips there are, spares included.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.groups.iter().map(Group::len).sum()
    }
}

impl Group {
    /// How many slips, spares included.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// What is printed of each slip: the URL fragment and the text to type. Spares come last.
    pub(super) fn prints<'a>(
        &'a self,
        manifest: &'a [u8; 32],
    ) -> impl Iterator<Item = (Zeroizing<String>, Zeroizing<String>)> + 'a {
        self.tokens.iter().map(|token| {
            let slip = Slip {
                manifest: *manifest,
                token: Token::from_bytes(&token.to_bytes()),
                mask: self.mask.as_bytes().to_vec(),
            };
            (slip.fragment(), token.text())
        })
    }
}
