//! The code beside a name on the check-in sheet, for a hand scanner: eight digits, four of the number on the roster and
//! four that follow from the whole row. Digits only, because a Chinese input method swallows a scanner's letters. A sheet
//! of another roster is refused, and so is a number that was mistyped.

use douxuan_crypto::hash::sha256;

use super::super::roster::Attendee;

/// What a code tells that is none of this roster.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongCode;

/// Eight digits. `number` counts from 1.
#[must_use]
pub(super) fn of(number: usize, attendee: &Attendee) -> String {
    let Attendee { name, category, unit, post } = attendee;
    let digest = sha256(format!("check-in\n{number}\n{name}\n{category}\n{unit}\n{post}").as_bytes());
    let check = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % 10_000;
    format!("{number:04}{check:04}")
}

/// The number, from 1, of the one whose code was read. Spaces and hyphens do not matter, and full-width digits are
/// digits.
///
/// # Errors
/// [`WrongCode`].
pub(super) fn read(text: &str, roster: &[Attendee]) -> Result<usize, WrongCode> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(narrow).collect();
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(WrongCode);
    }
    let number: usize = digits[..4].parse().map_err(|_| WrongCode)?;
    let attendee = number.checked_sub(1).and_then(|at| roster.get(at)).ok_or(WrongCode)?;
    if of(number, attendee) == digits { Ok(number) } else { Err(WrongCode) }
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn roster(people: usize) -> Vec<Attendee> {
        let attendee = |n: usize| Attendee {
            name: format!("某{n}"),
            category: "委员".to_owned(),
            unit: "一室".to_owned(),
            post: "科员".to_owned(),
        };
        (1..=people).map(attendee).collect()
    }

    #[test]
    fn a_code_names_its_row_however_it_is_spaced() {
        let roster = roster(500);
        for (number, attendee) in (1..).zip(&roster) {
            assert_eq!(read(&of(number, attendee), &roster), Ok(number));
        }
        let code = of(17, &roster[16]);
        let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) - 48 + u32::from('０')).unwrap()).collect();
        for text in [format!("{} {}", &code[..4], &code[4..]), format!("{}-{}\r\n", &code[..4], &code[4..]), wide] {
            assert_eq!(read(&text, &roster), Ok(17), "{text}");
        }
    }

    #[test]
    fn a_wrong_digit_another_roster_or_no_code_at_all_is_refused() {
        let roster = roster(500);
        let mut passed = 0;
        for (number, attendee) in (1..).zip(&roster) {
            let code = of(number, attendee);
            for at in 0..8 {
                for digit in '0'..='9' {
                    let mut wrong: Vec<char> = code.chars().collect();
                    if wrong[at] == digit {
                        continue;
                    }
                    wrong[at] = digit;
                    passed += usize::from(read(&wrong.iter().collect::<String>(), &roster).is_ok());
                }
            }
        }
        // One in ten thousand of the some seven thousand that name another row.
        assert!(passed <= 3, "{passed} wrong digits passed");
        let mut other = roster.clone();
        other.remove(3);
        let late = (5..=500).filter(|n| read(&of(*n, &roster[n - 1]), &other).is_ok()).count();
        assert!(late <= 1, "{late} of another roster passed");
        for text in ["", "0017", "00000000", "05010000", "DX-R-0017", "００１７", "99999999", "0017000๑"] {
            assert_eq!(read(text, &roster), Err(WrongCode), "{text}");
        }
    }
}
