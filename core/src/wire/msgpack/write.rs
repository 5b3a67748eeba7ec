//! The MessagePack encoder.

use crate::wire::{Full, Sink};

/// Writes values one after the other, each in its shortest encoding.
///
/// ```
/// use lobbywire_core::wire::{MsgPackWriter, SliceSink};
///
/// let mut buffer = [0; 5];
/// let mut sink = SliceSink::new(&mut buffer);
/// let mut writer = MsgPackWriter::new(&mut sink);
/// writer.array_len(3)?;
/// writer.int(1)?;
/// writer.str("a")?;
/// writer.nil()?;
/// assert_eq!(buffer, [0x93, 1, 0xa1, b'a', 0xc0]);
/// # Ok::<(), lobbywire_core::wire::Full>(())
/// ```
#[derive(Debug)]
pub struct MsgPackWriter<'s, S> {
    out: &'s mut S,
}

#[allow(clippy::match_overlapping_arm)] // each arm continues where the previous one ends
/// All methods fail with [`Full`] if the sink is full, or if a length exceeds 32 bits.
impl<'s, S: Sink> MsgPackWriter<'s, S> {
    /// Creates a writer.
    pub fn new(out: &'s mut S) -> Self {
        Self { out }
    }

    /// Writes encoded values unchanged.
    ///
    /// # Errors
    /// [`Full`]
    pub fn raw(&mut self, values: &[u8]) -> Result<(), Full> {
        self.out.put(values)
    }

    /// Writes values of a fixed total size with one capacity check.
    #[inline(always)]
    pub(crate) fn raw_elements<const SIZE: usize, T>(
        &mut self,
        count: usize,
        elements: impl Iterator<Item = T>,
        write: impl Fn(T, &mut [u8; SIZE]),
    ) -> Result<(), Full> {
        self.out.put_elements(count, elements, write)
    }

    /// Writes nil.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn nil(&mut self) -> Result<(), Full> {
        self.out.put_array([0xc0])
    }

    /// Writes a boolean.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn bool(&mut self, value: bool) -> Result<(), Full> {
        self.out.put_array([if value { 0xc3 } else { 0xc2 }])
    }

    /// Writes an integer.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn int(&mut self, number: i64) -> Result<(), Full> {
        match number.to_be_bytes() {
            [0, 0, 0, 0, 0, 0, 0, small @ ..0x80] => self.out.put_array([small]),
            _ => self.int_of_another_form(number),
        }
    }

    #[inline(never)]
    fn int_of_another_form(&mut self, number: i64) -> Result<(), Full> {
        if let Ok(number) = u64::try_from(number) {
            return self.uint(number);
        }
        match (i8::try_from(number), i16::try_from(number), i32::try_from(number)) {
            (Ok(number @ -32..), ..) => self.out.put_array(number.to_be_bytes()),
            (Ok(number), ..) => self.number(0xd0, number.to_be_bytes()),
            (_, Ok(number), _) => self.number(0xd1, number.to_be_bytes()),
            (.., Ok(number)) => self.number(0xd2, number.to_be_bytes()),
            _ => self.number(0xd3, number.to_be_bytes()),
        }
    }

    /// Writes an unsigned integer.
    ///
    /// # Errors
    /// [`Full`]
    pub fn uint(&mut self, number: u64) -> Result<(), Full> {
        match (u8::try_from(number), u16::try_from(number), u32::try_from(number)) {
            (Ok(number @ ..0x80), ..) => self.out.put_array([number]),
            (Ok(number), ..) => self.number(0xcc, [number]),
            (_, Ok(number), _) => self.number(0xcd, number.to_be_bytes()),
            (.., Ok(number)) => self.number(0xce, number.to_be_bytes()),
            _ => self.number(0xcf, number.to_be_bytes()),
        }
    }

    /// Writes a number after its marker byte.
    #[inline(always)]
    fn number<const N: usize>(&mut self, head: u8, bytes: [u8; N]) -> Result<(), Full> {
        self.out.put_prefixed([head], &bytes)
    }

    /// Writes a 32-bit float.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn f32(&mut self, number: f32) -> Result<(), Full> {
        self.number(0xca, number.to_be_bytes())
    }

    /// Writes a 64-bit float.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn f64(&mut self, number: f64) -> Result<(), Full> {
        self.number(0xcb, number.to_be_bytes())
    }

    /// Writes a string.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn str(&mut self, text: &str) -> Result<(), Full> {
        match u8::try_from(text.len()) {
            Ok(len @ ..0x20) => self.out.put_prefixed([0xa0 | len], text.as_bytes()),
            _ => {
                self.str_len_of_another_form(text.len())?;
                self.out.put(text.as_bytes())
            }
        }
    }

    /// Writes a string header. `len` bytes must follow.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn str_len(&mut self, len: usize) -> Result<(), Full> {
        match u8::try_from(len) {
            Ok(len @ ..0x20) => self.out.put_array([0xa0 | len]),
            _ => self.str_len_of_another_form(len),
        }
    }

    #[inline(never)]
    fn str_len_of_another_form(&mut self, len: usize) -> Result<(), Full> {
        let [.., a, b, c, d] = length(len)?;
        match len {
            ..0x100 => self.out.put_array([0xd9, d]),
            ..0x1_0000 => self.out.put_array([0xda, c, d]),
            _ => self.out.put_array([0xdb, a, b, c, d]),
        }
    }

    /// Writes binary data.
    ///
    /// # Errors
    /// [`Full`]
    pub fn bin(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let [.., a, b, c, d] = length(bytes.len())?;
        match bytes.len() {
            ..0x100 => self.out.put_array([0xc4, d])?,
            ..0x1_0000 => self.out.put_array([0xc5, c, d])?,
            _ => self.out.put_array([0xc6, a, b, c, d])?,
        }
        self.out.put(bytes)
    }

    /// Writes an extension value.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn ext(&mut self, kind: i8, bytes: &[u8]) -> Result<(), Full> {
        let [.., a, b, c, d] = length(bytes.len())?;
        let [kind] = kind.to_be_bytes();
        match bytes.len() {
            1 => self.out.put_array([0xd4, kind])?,
            2 => self.out.put_array([0xd5, kind])?,
            4 => self.out.put_array([0xd6, kind])?,
            8 => self.out.put_array([0xd7, kind])?,
            16 => self.out.put_array([0xd8, kind])?,
            ..0x100 => self.out.put_array([0xc7, d, kind])?,
            ..0x1_0000 => self.out.put_array([0xc8, c, d, kind])?,
            _ => self.out.put_array([0xc9, a, b, c, d, kind])?,
        }
        self.out.put(bytes)
    }

    /// Writes an array header. `len` items must follow.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn array_len(&mut self, len: usize) -> Result<(), Full> {
        match u8::try_from(len) {
            Ok(len @ ..0x10) => self.out.put_array([0x90 | len]),
            _ => self.array_len_of_another_form(len),
        }
    }

    #[inline(never)]
    fn array_len_of_another_form(&mut self, len: usize) -> Result<(), Full> {
        let [.., a, b, c, d] = length(len)?;
        match len {
            ..0x1_0000 => self.out.put_array([0xdc, c, d]),
            _ => self.out.put_array([0xdd, a, b, c, d]),
        }
    }

    /// Writes a map header. `len` pairs must follow.
    ///
    /// # Errors
    /// [`Full`]
    #[inline]
    pub fn map_len(&mut self, len: usize) -> Result<(), Full> {
        match u8::try_from(len) {
            Ok(len @ ..0x10) => self.out.put_array([0x80 | len]),
            _ => self.map_len_of_another_form(len),
        }
    }

    #[inline(never)]
    fn map_len_of_another_form(&mut self, len: usize) -> Result<(), Full> {
        let [.., a, b, c, d] = length(len)?;
        match len {
            ..0x1_0000 => self.out.put_array([0xde, c, d]),
            _ => self.out.put_array([0xdf, a, b, c, d]),
        }
    }
}

fn length(len: usize) -> Result<[u8; 4], Full> {
    u32::try_from(len).map(u32::to_be_bytes).map_err(|_| Full)
}
