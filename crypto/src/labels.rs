//! Every domain-separation label, literal, in one place (PROTOCOL section 1).
//!
//! Two uses of a hash or a key can never collide as long as these differ; a test asserts that they do.

/// Second Pedersen generator H.
pub const PEDERSEN_H: &str = "douxuan/v1/pedersen-h";
/// First hash of a screen code.
pub const SCREEN_CODE: &str = "douxuan/v1/screen-code";
/// HKDF info that turns a slip's 80 bits into an Ed25519 seed.
pub const TOKEN: &str = "douxuan/v1/token";
/// What a token's key signs when it enrols.
pub const ENROL: &str = "douxuan/v1/enrol";
/// Input of the blind evaluation.
pub const CREDENTIAL: &str = "douxuan/v1/credential";
/// `DeriveKeyPair` info of a contest's issuer key.
pub const ISSUER: &str = "douxuan/v1/issuer";
/// HPKE info of every sealed message.
pub const HPKE: &str = "douxuan/v1/hpke";
/// HPKE exporter context of the reply key.
pub const REPLY: &str = "douxuan/v1/reply";
/// Challenge of the choice proof.
pub const CHOICE: &str = "douxuan/v1/choice";
/// What a ballot key signs.
pub const BALLOT: &str = "douxuan/v1/ballot";
/// Associated data of a spool record.
pub const SPOOL: &str = "douxuan/v1/spool";
/// Context string of a board proof.
pub const BOARD_PROOF: &str = "douxuan/v1/board-proof";
/// Nonce of a discrete-logarithm equality proof.
pub const NONCE_DLEQ: &str = "douxuan/v1/nonce-dleq";
/// Nonces and simulated challenges of a choice proof.
pub const NONCE_CHOICE: &str = "douxuan/v1/nonce-choice";
/// Id of an operator in the log.
pub const ACTOR: &str = "douxuan/v1/actor";
/// Random coefficients of a verifier's batch.
pub const BATCH: &str = "douxuan/v1/batch";
/// Associated data of a sealed release record.
pub const RELEASE: &str = "douxuan/v1/release";

/// All of the above, for the test that they differ.
pub const ALL: [&str; 17] = [
    PEDERSEN_H,
    SCREEN_CODE,
    TOKEN,
    ENROL,
    CREDENTIAL,
    ISSUER,
    HPKE,
    REPLY,
    CHOICE,
    BALLOT,
    SPOOL,
    BOARD_PROOF,
    NONCE_DLEQ,
    NONCE_CHOICE,
    ACTOR,
    BATCH,
    RELEASE,
];

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn all_labels_differ_and_carry_the_version() {
        for (i, label) in ALL.iter().enumerate() {
            assert!(label.starts_with("douxuan/v1/"), "{label}");
            assert!(!ALL[..i].contains(label), "{label} stands twice");
        }
    }
}
