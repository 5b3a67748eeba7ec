#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lobbywire_fuzz::wire::json_writer(input));
