//! The table of rights, read out in full: whoever changes a right changes this, too.

use axum::http::Method;
use douxuan::staff::{Act, Asking, Policy, Right, Role, asking, may_confirm, right};

#[test]
fn the_table() {
    let letter = |role, act| match right(role, act) {
        Right::No => '-',
        Right::Alone => 'A',
        Right::TakePart => 'T',
        Right::Confirm => 'C',
    };
    let mut table = String::new();
    for act in Act::ALL {
        let row: String = Role::ALL.iter().map(|role| letter(*role, act)).collect();
        table.push_str(&format!("{:<17} {row}\n", format!("{act:?}")));
    }
    //          office, chair, scrutineer, teller, auditor
    assert_eq!(
        table,
        "\
Look              AAAAA
PrintSlips        A----
Prepare           A----
Preflight         AA---
Countdown         AA---
CheckIn           AA-A-
WindowOpen        TTTT-
WindowClose       AA---
SlipVoid          TTTT-
EnrolmentEnd      TTTT-
ContestOpen       AA---
NewRound          TTC--
ContestClose      TTTT-
PaperCount        A--A-
ContestPublish    TTTT-
ContestVoid       TTTT-
RehearsalDestroy  AA---
Archive           A----
RecordLook        AA--A
RecordKeep        A----
RecordApprove     -A---
Accounts          AAAAA
ChangeAccounts    A----
"
    );
}

#[test]
fn in_every_pair_of_people_and_every_act_one_is_a_scrutineer_and_no_auditor_acts() {
    for act in Act::ALL {
        for first in Role::ALL {
            for second in Role::ALL {
                let may = may_confirm(first, second, act);
                if may {
                    assert!(act.takes_two(), "{act:?}");
                    assert!(first == Role::Scrutineer || second == Role::Scrutineer, "{act:?} {first:?} {second:?}");
                    assert!(first != Role::Auditor && second != Role::Auditor);
                    assert_eq!(asking(first, act, Policy::TwoPeople), Asking::Waits);
                }
            }
            if asking(first, act, Policy::TwoPeople) == Asking::Waits {
                assert!(
                    Role::ALL.iter().any(|second| may_confirm(first, *second, act)),
                    "{act:?} {first:?}: by nobody"
                );
            }
        }
    }
}

#[test]
fn what_takes_two_takes_two_for_everybody_and_one_only_without_the_policy() {
    let two: Vec<Act> = Act::ALL.into_iter().filter(|act| act.takes_two()).collect();
    assert_eq!(
        two,
        [
            Act::WindowOpen,
            Act::SlipVoid,
            Act::EnrolmentEnd,
            Act::NewRound,
            Act::ContestClose,
            Act::ContestPublish,
            Act::ContestVoid
        ]
    );
    for act in Act::ALL {
        for role in Role::ALL {
            let (with, without) = (asking(role, act, Policy::TwoPeople), asking(role, act, Policy::OnePerson));
            assert!(!act.takes_two() || with != Asking::Does, "{role:?} {act:?}");
            assert_ne!(without, Asking::Waits, "{role:?} {act:?}");
            if act.takes_two() {
                assert_eq!(without == Asking::Does, matches!(role, Role::Office | Role::Chair), "{role:?} {act:?}");
            } else {
                assert_eq!(with, without, "the policy changes nothing else");
            }
        }
    }
}

#[test]
fn a_route_is_an_act_and_an_unknown_one_is_none() {
    let of = |method: Method, path: &str, body: &str| Act::of(&method, path, body.as_bytes());
    let open = |body: &str| of(Method::POST, "/desk/contest/open", body);
    for (body, act) in [
        (r#"{"contests":[[1,1]]}"#, Act::ContestOpen),
        (r#"{"contests":[[0,0],[3,1]],"by":[]}"#, Act::ContestOpen),
        (r#"{"contests":[[1,2]]}"#, Act::NewRound),
        (r#"{"contests":[[1,1],[2,3]]}"#, Act::NewRound),
        // What cannot be read is not the lesser act.
        (r#"{"contests":[[1,1]],"contests":[[1,2]]}"#, Act::NewRound),
        (r#"{"contests":[[1,"2"]]}"#, Act::NewRound),
        ("", Act::NewRound),
        ("{", Act::NewRound),
    ] {
        assert_eq!(open(body), Some(act), "{body}");
    }
    assert_eq!(of(Method::GET, "/desk/state", ""), Some(Act::Look));
    assert_eq!(of(Method::HEAD, "/desk/slips", ""), Some(Act::PrintSlips));
    // Its findings name attendees.
    for path in ["/desk/preflight", "/desk/preflight.svg", "/desk/preflight/page"] {
        assert_eq!(of(Method::GET, path, ""), Some(Act::Preflight), "{path}");
        assert_eq!(of(Method::HEAD, path, ""), Some(Act::Preflight), "{path}");
    }
    for path in ["/desk", "/desk/", "/desk/contest", "/desk/contest/open/", "/Desk/archive", "/desk//archive", "/live"]
    {
        assert_eq!(of(Method::POST, path, "{}"), None, "{path}");
        assert_eq!(of(Method::GET, path, ""), None, "{path}");
    }
    assert_eq!(of(Method::GET, "/desk/archive", ""), None, "an act is no page");
    assert_eq!(of(Method::POST, "/desk/state", ""), None);
}
