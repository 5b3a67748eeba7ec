#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lobbywire_fuzz::bancho::custom_payload(input));
