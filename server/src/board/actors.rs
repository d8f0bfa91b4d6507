//! Who acts, as databases keep it until the log has it: `role(1) || id(16)` for each, so that a restart writes the same
//! log entry.

use douxuan_crypto::log::{Actor, Role};

const ROLES: [Role; 4] = [Role::Office, Role::Chair, Role::Scrutineer, Role::Teller];

/// Their bytes.
#[must_use]
pub fn encode(actors: &[Actor]) -> Vec<u8> {
    let mut out = Vec::with_capacity(17 * actors.len());
    for actor in actors {
        // Every role stands in the list.
        let role = ROLES.iter().zip(1u8..).find(|(role, _)| **role == actor.role).map_or(0, |(_, number)| number);
        out.push(role);
        out.extend_from_slice(&actor.id);
    }
    out
}

/// What [`encode`] wrote; `None` for anything else.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Vec<Actor>> {
    let (actors, rest) = bytes.as_chunks::<17>();
    if !rest.is_empty() {
        return None;
    }
    let actor = |[role, id @ ..]: &[u8; 17]| {
        let role = *ROLES.get(usize::from(*role).checked_sub(1)?)?;
        Some(Actor { role, id: *id })
    };
    actors.iter().map(actor).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_role_comes_back_and_nothing_else_is_read() {
        for role in ROLES {
            let two = vec![Actor { role, id: [1; 16] }, Actor { role: Role::Office, id: [2; 16] }];
            assert_eq!(decode(&encode(&two)).unwrap(), two);
        }
        assert_eq!(decode(&[]).unwrap(), vec![]);
        assert!(decode(&[1; 16]).is_none());
        assert!(decode(&[0; 17]).is_none());
        assert!(decode(&[5; 17]).is_none());
    }
}
