//! Every limit of the server in one place. A refusal names the number that is allowed.

use std::time::Duration;

/// People on one roster.
pub const ATTENDEES: usize = 500;
/// Reported officials of one meeting, each an item.
pub const ITEMS: usize = 60;
/// Rounds an item can have.
pub const ROUNDS: u8 = 4;
/// Fewest and most options of a scale.
pub const OPTIONS: std::ops::RangeInclusive<usize> = 2..=7;
/// Characters of a name.
pub const NAME: usize = 40;
/// Characters of a unit, a post, a title, a place.
pub const TEXT: usize = 80;
/// Bytes of one imported CSV file.
pub const CSV_BYTES: usize = 1 << 20;
/// Bytes of one imported workbook.
pub const XLSX_BYTES: usize = 5 << 20;
/// Bytes of an imported workbook when it is unpacked.
pub const XLSX_UNPACKED: usize = 50 << 20;
/// Files in the package of a workbook.
pub const XLSX_PARTS: usize = 1_000;
/// Sheets of a workbook.
pub const SHEETS: usize = 20;
/// Columns of a sheet that are read.
pub const SHEET_COLUMNS: usize = 64;
/// Rows of one imported list, heading included.
pub const ROSTER_ROWS: usize = 5_000;

/// Sockets open at once on the public side.
pub const SOCKETS: usize = 2_000;
/// Sockets open at once on the console side.
pub const CONSOLE_SOCKETS: usize = 64;
/// Bytes of an enrolment body.
pub const ENROL_BODY: usize = 64 << 10;
/// Bytes of a console request: two workbooks in base64 and a little JSON.
pub const CONSOLE_BODY: usize = 2 * XLSX_BYTES.div_ceil(3) * 4 + (256 << 10);
/// Bytes of a report or a piece of evidence that the record takes in: 20 MiB.
pub const RECORD_FILE: usize = 20 << 20;
/// Bytes of such a Word document when it is unpacked.
pub const DOCX_UNPACKED: usize = 100 << 20;
/// Files in its package.
pub const DOCX_PARTS: usize = 2_000;
/// Bytes of one incoming message on the live socket, which carries nothing but pings and closes.
pub const LIVE_MESSAGE: usize = 1 << 10;
/// Read buffer of a WebSocket; the default of 128 KiB would be 256 MiB for 2 000 phones.
pub const SOCKET_BUFFER: usize = 4 << 10;
/// Bytes of a request's head: the smallest buffer that hyper takes.
pub const HEAD: usize = 8 << 10;
/// Header fields of a request.
pub const HEADERS: usize = 64;
/// How long a client may take to send a request's head, or stay silent between two requests.
pub const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long a client may take to send a request's body.
pub const BODY_TIME: Duration = Duration::from_secs(15);
/// How long one connection may go on with plain requests before it has to be opened again.
pub const CONNECTION_TIME: Duration = Duration::from_secs(120);
/// How long a shutdown waits for what is under way.
pub const DRAIN_TIME: Duration = Duration::from_secs(8);

/// Requests that may wait for the enrolment workers; the one behind them is told to come again.
pub const ENROL_QUEUE: usize = SOCKETS;
/// Enrolments spent by one durable commit.
pub const ENROL_GROUP: usize = 128;
/// Interval of the ticks on which counts reach the hall, unless the arguments say otherwise.
pub const TICK: Duration = Duration::from_secs(5);
/// Silence after which a live socket is pinged.
pub const PING: Duration = Duration::from_secs(20);
/// How long a live socket may take to accept one frame.
pub const SEND_TIME: Duration = Duration::from_secs(10);
/// Spare slips: percent of a group's slips, rounded up, and the least for each group.
pub const SPARE_PERCENT: usize = 5;
/// Fewest spare slips of each exclusion.
pub const SPARE_LEAST: usize = 3;
/// Slowest fsync (median of five) with which a contest may open: a receipt waits for one.
pub const FSYNC: Duration = Duration::from_millis(250);
/// How often this machine's addresses are looked up, so that hall and console notice another network.
pub const LOOK: Duration = Duration::from_secs(3);
/// The longest countdown in the hall.
pub const COUNTDOWN: Duration = Duration::from_secs(60 * 60);

/// Bytes of a console request to this path: only where a file is handed in, more than [`CONSOLE_BODY`].
#[must_use]
pub fn console_body(path: &str) -> usize {
    if path.starts_with("/api/record/") && path.ends_with("/file") { RECORD_FILE + 1024 } else { CONSOLE_BODY }
}

/// What stands in front of the title of a drill, and of no other meeting.
pub const DRILL: &str = "【演练】";
