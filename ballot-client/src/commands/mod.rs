//! The commands of `douxuan-ballot`, one file each. They print Chinese first, then English.

pub mod receipt;
pub mod spot_check;
pub mod swarm;
pub mod verify;
