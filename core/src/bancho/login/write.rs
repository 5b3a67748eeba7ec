//! Writing the text of a login.

use super::parse::{BLANKS, check};
use super::{LoginField, LoginRequest, LoginWriteError};
use crate::wire::{Full, Sink};
use core::fmt::{self, Write};

impl LoginRequest<'_> {
    /// Writes the text for TCP: lines end with CR LF.
    ///
    /// ```
    /// # use lobbywire_core::bancho::login::{LoginRequest, VersionString};
    /// # let version = VersionString::parse("b334")?;
    /// let login = LoginRequest::new("peppy", "5f4dcc3b5aa765d61d8327deb882cf99", version);
    /// let mut out = Vec::new(); // or a `SliceSink`, a `BytesMut`, a `heapless::Vec`
    /// login.write_tcp(&mut out)?;
    /// assert!(out.starts_with(b"peppy\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LoginWriteError::Full`] if `out` is full. [`LoginWriteError::Unwritable`], with nothing written, if a field
    /// cannot be encoded: one that contains a line ending or ends with a blank, a client hash that contains a `|`, a
    /// password that is not an MD5, a token without the user name [`OAUTH_USERNAME`](super::OAUTH_USERNAME) or a password
    /// with it.
    pub fn write_tcp(&self, out: &mut impl Sink) -> Result<(), LoginWriteError> {
        self.write(out, "\r\n")
    }

    /// Writes the text for HTTP: lines end with LF.
    ///
    /// # Errors
    /// As [`write_tcp`](Self::write_tcp).
    pub fn write_http(&self, out: &mut impl Sink) -> Result<(), LoginWriteError> {
        self.write(out, "\n")
    }

    fn write(&self, out: &mut impl Sink, end: &str) -> Result<(), LoginWriteError> {
        if let Some(field) = self.unwritable() {
            return Err(LoginWriteError::Unwritable(field));
        }
        let mut out = TextSink(out);
        self.write_text(&mut out, end).map_err(|_| LoginWriteError::Full)
    }

    fn write_text(&self, out: &mut impl Write, end: &str) -> fmt::Result {
        write!(
            out,
            "{}{end}{}{end}{}|{}",
            self.username,
            self.credential.as_str(),
            self.version,
            self.utc_offset
        )?;
        let digit = |flag: Option<bool>| flag.map_or("", |flag| if flag { "1" } else { "0" });
        let fields = [
            digit(self.display_city),
            self.client_hash.map_or("", |hash| hash.0),
            digit(self.block_non_friend_dms),
            self.extra,
        ];
        // A missing field before a present one is empty.
        let count =
            fields.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last.saturating_add(1));
        for field in fields.iter().take(count) {
            write!(out, "|{field}")?;
        }
        out.write_str(end)
    }

    /// The first field that cannot be encoded, or that would be read differently.
    fn unwritable(&self) -> Option<LoginField> {
        let breaks = |text: &str| text.contains(['\r', '\n']);
        let is_trimmed = |text: &str| text.ends_with(BLANKS);
        let is_hash = |hash: &str| !breaks(hash) && !hash.contains('|') && hash.trim_matches(BLANKS) == hash;
        let credential = self.credential.as_str();
        if breaks(self.username) || is_trimmed(self.username) || !self.credential.fits(self.username) {
            Some(LoginField::Username)
        } else if check(self.credential).is_err() || breaks(credential) || is_trimmed(credential) {
            Some(LoginField::Credential)
        } else if self.client_hash.is_some_and(|hash| !is_hash(hash.0)) {
            Some(LoginField::ClientHash)
        } else if breaks(self.extra) || is_trimmed(self.extra) {
            Some(LoginField::Extra)
        } else {
            None
        }
    }
}

/// A sink for text.
struct TextSink<'s, S>(&'s mut S);

impl<S: Sink> Write for TextSink<'_, S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.put(text.as_bytes()).map_err(|Full| fmt::Error)
    }
}
