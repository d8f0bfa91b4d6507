//! The one ZIP container of a list of files, to the byte (PROTOCOL section 24).
//!
//! Nothing is compressed, dated or optional, so a list of files has exactly one container. Reading therefore takes
//! names and sizes from the local headers, writes the container again and compares every byte.

use core::fmt;

/// Largest bundle, 256 MiB.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Most files of a bundle.
pub const MAX_FILES: usize = 1_000;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
const LOCAL_LEN: usize = 30;

/// Why bytes are not a container, or files do not fit into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerError {
    /// Over 256 MiB.
    TooLarge,
    /// Over 1 000 files.
    TooManyFiles,
    /// A header, name or data is cut short.
    Truncated,
    /// Paths do not strictly ascend, bytewise.
    Order(String),
    /// The path is not ASCII.
    Path,
    /// Some byte is not the one that this container has there.
    NotTheForm,
}

impl fmt::Display for ContainerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("larger than 256 MiB"),
            Self::TooManyFiles => f.write_str("more than 1000 files"),
            Self::Truncated => f.write_str("the ZIP is cut short"),
            Self::Order(path) => write!(f, "{path} does not stand in the order of paths, or twice"),
            Self::Path => f.write_str("a path is not plain ASCII"),
            Self::NotTheForm => f.write_str("the ZIP is not in its one form: checksum, header or directory differ"),
        }
    }
}

impl std::error::Error for ContainerError {}

/// CRC-32 of ISO 3309, the polynomial of ZIP.
fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0u32;
        while i < 256 {
            let (mut value, mut bit) = (i, 0);
            while bit < 8 {
                value = if value & 1 == 1 { 0xEDB8_8320 ^ (value >> 1) } else { value >> 1 };
                bit += 1;
            }
            table[i as usize] = value;
            i += 1;
        }
        table
    };
    !bytes.iter().fold(u32::MAX, |crc, b| TABLE[usize::from(crc.to_le_bytes()[0] ^ b)] ^ (crc >> 8))
}

/// Writes the container of files whose ASCII paths strictly ascend.
///
/// # Errors
/// [`ContainerError`] if they do not, or are too many or too large.
pub fn write(files: &[(&str, &[u8])]) -> Result<Vec<u8>, ContainerError> {
    if files.len() > MAX_FILES {
        return Err(ContainerError::TooManyFiles);
    }
    if let Some(pair) = files.windows(2).find(|pair| pair[0].0.as_bytes() >= pair[1].0.as_bytes()) {
        return Err(ContainerError::Order(pair[1].0.to_owned()));
    }
    let size: usize = files.iter().map(|(path, data)| data.len() + 2 * path.len() + 76).sum();
    if size + 22 > MAX_BYTES {
        return Err(ContainerError::TooLarge);
    }
    let (mut out, mut directory) = (Vec::with_capacity(size + 22), Vec::new());
    for (path, data) in files {
        if !path.is_ascii() {
            return Err(ContainerError::Path);
        }
        let offset = short(out.len())?;
        let name_len = u16::try_from(path.len()).map_err(|_| ContainerError::Path)?;
        let mut common = Vec::with_capacity(26);
        for field in [10u16, 0, 0, 0, 0x0021] {
            common.extend_from_slice(&field.to_le_bytes());
        }
        for field in [crc32(data), short(data.len())?, short(data.len())?] {
            common.extend_from_slice(&field.to_le_bytes());
        }
        common.extend_from_slice(&name_len.to_le_bytes());
        common.extend_from_slice(&[0; 2]);
        out.extend_from_slice(LOCAL);
        out.extend_from_slice(&common);
        out.extend_from_slice(path.as_bytes());
        out.extend_from_slice(data);
        directory.extend_from_slice(CENTRAL);
        directory.extend_from_slice(&20u16.to_le_bytes());
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&offset.to_le_bytes());
        directory.extend_from_slice(path.as_bytes());
    }
    let count = u16::try_from(files.len()).map_err(|_| ContainerError::TooManyFiles)?.to_le_bytes();
    let (start, length) = (short(out.len())?, short(directory.len())?);
    out.extend_from_slice(&directory);
    out.extend_from_slice(END);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&count);
    out.extend_from_slice(&count);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0; 2]);
    Ok(out)
}

fn short(n: usize) -> Result<u32, ContainerError> {
    u32::try_from(n).map_err(|_| ContainerError::TooLarge)
}

/// Reads a container: paths and data, in its order.
///
/// # Errors
/// [`ContainerError`] for anything but what [`write`] writes.
pub fn read(bytes: &[u8]) -> Result<Vec<(&str, &[u8])>, ContainerError> {
    if bytes.len() > MAX_BYTES {
        return Err(ContainerError::TooLarge);
    }
    let mut files = Vec::new();
    let mut rest = bytes;
    while rest.starts_with(LOCAL) {
        if files.len() == MAX_FILES {
            return Err(ContainerError::TooManyFiles);
        }
        let (header, behind) = rest.split_at_checked(LOCAL_LEN).ok_or(ContainerError::Truncated)?;
        let size = u32::from_le_bytes([header[18], header[19], header[20], header[21]]);
        let name_len = u16::from_le_bytes([header[26], header[27]]);
        let (name, behind) = behind.split_at_checked(usize::from(name_len)).ok_or(ContainerError::Truncated)?;
        let size = usize::try_from(size).map_err(|_| ContainerError::Truncated)?;
        let (data, behind) = behind.split_at_checked(size).ok_or(ContainerError::Truncated)?;
        let path = core::str::from_utf8(name).ok().filter(|p| p.is_ascii()).ok_or(ContainerError::Path)?;
        files.push((path, data));
        rest = behind;
    }
    if write(&files)? == bytes { Ok(files) } else { Err(ContainerError::NotTheForm) }
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_check_value_of_crc_32() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }
}
