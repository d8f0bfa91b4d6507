//! V5 to V8: ballots that are not what they should be, and figures that are not theirs.

use curve25519_dalek::{RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT};
use douxuan_crypto::{
    audit::Step,
    board,
    contest::Contest,
    group::{Element, pedersen_h, scalar_from_bytes},
};

use super::{
    Case, Cast, ContestDraft, Draft, Office,
    casts::{C_AT, N_AT},
    draft::prove,
    forgeries::{draft, office},
};

const CONTEST: Contest = Contest::new(1, 2);

pub(super) fn all() -> Vec<Case> {
    [signatures(), choices(), proofs(), tallies()].into_iter().flatten().collect()
}

fn case(name: &'static str, step: Step, change: &dyn Fn(&Office, &mut Draft)) -> Case {
    let office = office();
    let mut draft = draft(&office);
    change(&office, &mut draft);
    Case::new(name, Some(step), &draft.bundle(&office))
}

/// V5.
fn signatures() -> Vec<Case> {
    let case = |name, change: &dyn Fn(&Office, &mut Cast)| {
        case(name, Step::Signatures, &|office, draft| change(office, &mut draft.contest(1, 2).casts[3]))
    };
    vec![
        case("a signature with one bit changed", &|_, cast| {
            let last = cast.bytes.len() - 32;
            cast.bytes[last] ^= 1;
        }),
        case("a signature of the meeting before", &|_, cast| {
            let other = Office::with(7, |m| m.meeting = [1; 16]);
            cast.change(&other, |_| {});
        }),
        case("a ballot altered after it was signed", &|_, cast| {
            let last = cast.bytes.len() - 65;
            cast.bytes[last] ^= 1;
        }),
    ]
}

/// V6. Signed again each time.
fn choices() -> Vec<Case> {
    let case = |name, change: &dyn Fn(&Office, &mut Cast)| {
        case(name, Step::Choices, &|office, draft| change(office, &mut draft.contest(1, 2).casts[3]))
    };
    // Two votes in one commitment: the sum of all is one too many in option 0, and no proof can be made.
    let double = |cast: &Cast| {
        let point = RISTRETTO_BASEPOINT_POINT * Scalar::from(2u8) + pedersen_h().point() * cast.r;
        *Element::from_point(point).as_bytes()
    };
    let order: [u8; 32] = {
        let mut bytes = (-Scalar::ONE).to_bytes();
        bytes[0] += 1;
        bytes
    };
    vec![
        case("one answer of the proof is wrong", &|office, cast| {
            let z = cast.bytes.len() - 96;
            cast.change(office, |bytes| {
                let wrong = scalar_from_bytes(&bytes[z..z + 32]).unwrap() + Scalar::ONE;
                bytes[z..z + 32].copy_from_slice(wrong.as_bytes());
            });
        }),
        case("two votes in one ballot", &|office, cast| {
            let c = double(cast);
            cast.change(office, |bytes| bytes[C_AT].copy_from_slice(&c));
        }),
        case("a scalar as large as the group", &|office, cast| {
            let z = cast.bytes.len() - 96;
            cast.change(office, |bytes| bytes[z..z + 32].copy_from_slice(&order));
        }),
        case("a commitment that is the identity", &|office, cast| {
            cast.change(office, |bytes| bytes[C_AT].fill(0));
        }),
        case("a commitment that is no element", &|office, cast| {
            cast.change(office, |bytes| bytes[C_AT].fill(0xff));
        }),
    ]
}

/// V7. The choice proof is bound to N, so N is changed before it is made.
fn proofs() -> Vec<Case> {
    let case = |name, change: &dyn Fn(&Office, &mut Draft)| case(name, Step::BoardProofs, change);
    vec![
        case("a credential of another contest's key", &|office, draft| {
            let mut rng = draft.fresh();
            let issuer = office.issuer(Contest::new(1, 1));
            draft.contest(1, 2).casts[3] = Cast::by(office, CONTEST, issuer, 0, [8; 32], &mut rng);
        }),
        case("a proof of another root", &|office, draft| {
            let mut rng = draft.fresh();
            let contest = draft.contest(1, 2);
            let board = contest.board();
            let pairs = board.pairs(&office.manifest.id, CONTEST, 5).unwrap();
            let issuer = office.issuer(CONTEST);
            let proofs = board::prove(issuer, &office.manifest.id, CONTEST, &[0; 32], &pairs, &mut rng).unwrap();
            contest.proofs = Some(proofs.iter().map(|p| p.to_bytes()).collect());
        }),
        case("a proof under the context of RFC 9497", &|office, draft| {
            let mut rng = draft.fresh();
            let contest = draft.contest(1, 2);
            let pairs = contest.board().pairs(&office.manifest.id, CONTEST, 5).unwrap();
            let context = b"OPRFV1-\x01-ristretto255-SHA512";
            let proof = office.issuer(CONTEST).prove(&pairs, context, &mut rng).unwrap();
            contest.proofs = Some(vec![proof.to_bytes()]);
        }),
        case("one proof too many", &|office, draft| {
            let mut rng = draft.fresh();
            let contest = draft.contest(1, 2);
            let proof = prove(office, CONTEST, &contest.board(), &mut rng)[0];
            contest.proofs = Some(vec![proof, proof]);
        }),
        case("no proof at all", &|_, draft| draft.contest(1, 2).proofs = Some(Vec::new())),
        case("a proof scalar that is not canonical", &|office, draft| {
            let mut rng = draft.fresh();
            let contest = draft.contest(1, 2);
            let mut proof = prove(office, CONTEST, &contest.board(), &mut rng)[0];
            proof[63] |= 0xf0;
            contest.proofs = Some(vec![proof]);
        }),
        case("two credentials shifted against each other", &|office, draft| {
            let mut rng = draft.fresh();
            let contest = draft.contest(1, 2);
            let shift = RISTRETTO_BASEPOINT_POINT * Scalar::from(5u8);
            for (at, shift) in [(2, shift), (3, -shift)] {
                contest.casts[at] = shifted(office, &shift, &mut rng);
            }
        }),
    ]
}

/// A ballot whose N is off by a point; its choice proof and signature are made for that N.
fn shifted(office: &Office, shift: &RistrettoPoint, rng: &mut rand::rngs::StdRng) -> Cast {
    use douxuan_crypto::{credential::Credential, sign::SigningKey};
    use rand::Rng;
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    let mut cast = Cast::by(office, CONTEST, office.issuer(CONTEST), 0, seed, rng);
    let n = Element::from_bytes(&cast.bytes[N_AT]).unwrap();
    let n = Element::from_point(n.point() + shift);
    let credential = Credential::new(CONTEST, SigningKey::from_seed(&seed), &n);
    let (bytes, opening) = credential.ballot_for(&office.manifest.id, 5, 0, rng).unwrap();
    (cast.bytes, cast.j, cast.r) = (bytes, 0, *opening.randomness());
    cast
}

/// V8. Log, result and summary tell the same lie.
fn tallies() -> Vec<Case> {
    let case =
        |name, change: &dyn Fn(&mut ContestDraft)| case(name, Step::Tally, &|_, draft| change(draft.contest(1, 2)));
    let plus_one = |r: [u8; 32]| (scalar_from_bytes(&r).unwrap() + Scalar::ONE).to_bytes();
    let mut cases = vec![
        case("a vote moved from poor to good", &|contest| {
            let (mut t, r) = contest.figures(5);
            t[3] -= 1;
            t[0] += 1;
            contest.tally = Some((t, r));
        }),
        case("two counts swapped", &|contest| {
            contest.casts.remove(0);
            let (mut t, r) = contest.figures(5);
            t.swap(0, 3);
            contest.tally = Some((t, r));
        }),
        case("R is one too many", &|contest| {
            let (t, r) = contest.figures(5);
            contest.tally = Some((t, plus_one(r)));
        }),
        case("one vote more than ballots", &|contest| {
            let (mut t, r) = contest.figures(5);
            t[0] += 1;
            contest.tally = Some((t, r));
        }),
        case("R is not canonical", &|contest| {
            let (t, mut r) = contest.figures(5);
            r[31] |= 0xf0;
            contest.tally = Some((t, r));
        }),
        case("figures of ten ballots withheld in the log", &|contest| contest.withheld = Some(true)),
    ];
    cases.push(self::case("figures of four ballots in the log", Step::Tally, &|_, draft| {
        draft.contest(3, 1).withheld = Some(false);
    }));
    cases.push(self::case("figures of an empty board with an R", Step::Tally, &|_, draft| {
        draft.contest(4, 1).tally = Some((vec![0; 5], Scalar::ONE.to_bytes()));
    }));
    cases.push(other_file("the file has another tally than the log", &|contest, files| {
        let (mut t, r) = contest.figures(5);
        t.swap(0, 1);
        t[0] -= 1;
        t[1] += 1;
        let mut file = vec![1];
        t.iter().for_each(|t| file.extend_from_slice(&t.to_be_bytes()));
        file.extend_from_slice(&r);
        files.tally = Some(file);
    }));
    cases.push(other_file("the tally is a byte too long", &|_, files| files.tally.as_mut().unwrap().push(0)));
    cases.push({
        // Both proofs are right; the log has another one than the file.
        let office = office();
        let mut honest = draft(&office);
        let mut rng = honest.fresh();
        let mut bundle = honest.bundle(&office);
        let board = draft(&office).contest(1, 2).board();
        let proofs = prove(&office, CONTEST, &board, &mut rng);
        let mut file = vec![1];
        file.extend_from_slice(proofs.as_flattened());
        let files = bundle.boards.get_mut(&(1, 2)).unwrap();
        assert_ne!(files.proof.as_ref().unwrap(), &file);
        files.proof = Some(file);
        Case::new("the file has another proof than the log", Some(Step::Tally), &bundle)
    });
    cases
}

fn other_file(name: &'static str, change: &dyn Fn(&ContestDraft, &mut douxuan_crypto::bundle::BoardFiles)) -> Case {
    let office = office();
    let mut bundle = draft(&office).bundle(&office);
    change(draft(&office).contest(1, 2), bundle.boards.get_mut(&(1, 2)).unwrap());
    Case::new(name, Some(Step::Tally), &bundle)
}
