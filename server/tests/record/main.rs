//! The review record: what an office keeps around the vote, through the API of the console.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod api;
mod articles;
mod assessments;
mod choosing;
mod command;
mod deadlines;
mod due;
mod files;
mod hook;
mod injection;
mod letters;
mod matching;
mod namesakes;
#[path = "../office/mod.rs"]
mod office;
mod officials;
mod replaced;
mod reports;
mod result;
mod retention;
#[path = "../review/mod.rs"]
mod review;
mod steps;
mod story;
mod timeline;
mod trail;
mod usage;
