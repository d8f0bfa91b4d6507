//! A new migration file must be noticed: the migration macro only tracks those that it has seen.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
