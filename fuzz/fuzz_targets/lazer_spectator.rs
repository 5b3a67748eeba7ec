#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| lobbywire_fuzz::lazer::lazer_spectator(input));
