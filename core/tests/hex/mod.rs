//! Hexadecimal test data, for the tests of all packages.

/// Decodes hexadecimal digits. Whitespace is ignored.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<_> = digits.chars().filter(|char| !char.is_whitespace()).collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of digits");
    let digit = |digit: char| digit.to_digit(16).expect("a hexadecimal digit") as u8;
    digits.as_chunks::<2>().0.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}
