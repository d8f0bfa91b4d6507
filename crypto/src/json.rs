//! Strict JSON (RFC 8259 without its freedoms): no duplicate names, integers only, bounded depth (PROTOCOL section 2).

/// A value. Numbers are integers 0..=2^31-1; `true`, `false` and `null` have no place in a manifest and are refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Members in the order of the bytes; names differ.
    Object(Vec<(String, Value)>),
    /// Elements.
    Array(Vec<Value>),
    /// Text without U+0000 and lone surrogates.
    Text(String),
    /// An integer.
    Number(u32),
}

/// Where and why the text is not strict JSON.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Error {
    /// Byte offset.
    pub(crate) at: usize,
    /// What is wrong.
    pub(crate) why: &'static str,
}

const MAX_DEPTH: usize = 8;

struct Parser<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

/// Parses one value and nothing behind it but white space.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, Error> {
    let text = core::str::from_utf8(bytes).map_err(|e| Error { at: e.valid_up_to(), why: "not UTF-8" })?;
    let mut parser = Parser { bytes, text, at: 0 };
    if matches!(bytes.first(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        return parser.fail("white space stands between tokens and at the end only");
    }
    let value = parser.value(1)?;
    parser.white();
    if parser.at == bytes.len() { Ok(value) } else { parser.fail("data behind the end") }
}

impl Parser<'_> {
    fn fail<T>(&self, why: &'static str) -> Result<T, Error> {
        Err(Error { at: self.at, why })
    }

    fn white(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let there = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Result<Value, Error> {
        self.white();
        match self.bytes.get(self.at) {
            Some(b'{' | b'[') if depth > MAX_DEPTH => self.fail("nested too deeply"),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::Text),
            Some(b'0'..=b'9') => self.number(),
            _ => self.fail("neither an object, an array, a string nor an integer"),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut members: Vec<(String, Value)> = Vec::new();
        self.white();
        if self.eat(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.white();
            if self.bytes.get(self.at) != Some(&b'"') {
                return self.fail("a member name is expected");
            }
            let name = self.string()?;
            if members.iter().any(|(n, _)| *n == name) {
                return self.fail("a member name stands twice");
            }
            self.white();
            if !self.eat(b':') {
                return self.fail("a colon is expected");
            }
            members.push((name, self.value(depth + 1)?));
            self.white();
            if self.eat(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.eat(b',') {
                return self.fail("a comma or the object's end is expected");
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Error> {
        self.at += 1;
        let mut elements = Vec::new();
        self.white();
        if self.eat(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.white();
            if self.eat(b']') {
                return Ok(Value::Array(elements));
            }
            if !self.eat(b',') {
                return self.fail("a comma or the array's end is expected");
            }
        }
    }

    fn number(&mut self) -> Result<Value, Error> {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        if digits.len() > 1 && digits.starts_with('0') {
            return self.fail("a number with a leading zero");
        }
        if matches!(self.bytes.get(self.at), Some(b'.' | b'e' | b'E')) {
            return self.fail("only integers are allowed");
        }
        match digits.parse::<u32>() {
            Ok(n) if n <= 0x7fff_ffff => Ok(Value::Number(n)),
            _ => self.fail("the number is too large"),
        }
    }

    fn string(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else { return self.fail("the string does not end") };
            match c {
                '"' => {
                    self.at += 1;
                    return Ok(out);
                }
                '\\' => out.push(self.escape()?),
                '\0'..='\u{1f}' => return self.fail("a control character in a string"),
                _ => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let Some(kind) = self.bytes.get(self.at + 1) else { return self.fail("the string does not end") };
        self.at += 2;
        Ok(match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let high = self.hex4()?;
                let code = if (0xd800..0xdc00).contains(&high) {
                    if !(self.eat(b'\\') && self.eat(b'u')) {
                        return self.fail("a lone surrogate");
                    }
                    let low = self.hex4()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return self.fail("a lone surrogate");
                    }
                    0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)
                } else {
                    high
                };
                match char::from_u32(code) {
                    Some('\0') => return self.fail("U+0000 in a string"),
                    Some(c) => c,
                    None => return self.fail("a lone surrogate"),
                }
            }
            _ => return self.fail("an unknown escape"),
        })
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() != 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return self.fail("four hexadecimal digits are expected");
        }
        self.at += 4;
        Ok(digits.iter().fold(0, |n, d| n << 4 | char::from(*d).to_digit(16).unwrap_or(0)))
    }
}

/// Writes a string literal. The caller has refused control characters.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
