//! What follows from a score.

use arbitrary::{Arbitrary, Unstructured};
use lobbywire::bancho::types::{Rank, ScoreFrame};
use lobbywire::bancho::{Decode, Encode, Mode, Mods, Side, Version, client};
use lobbywire::wire::SliceSink;

/// A mode, mods and a score, made by `arbitrary`: accuracy and grade are of those that there are, and the
/// checksum is that which an old version writes.
pub fn scores(input: &[u8]) {
    let mut bytes = Unstructured::new(input);
    let Ok((mode, mods)) = <(Mode, Mods)>::arbitrary(&mut bytes) else { return };
    let Ok(mut score) = ScoreFrame::arbitrary(&mut bytes) else { return };
    let modes = [Mode::OSU, Mode::TAIKO, Mode::CATCH, Mode::MANIA];
    for mode in [mode, modes[usize::from(mode.0) % modes.len()]] {
        grade(&score, mode, mods);
    }

    assert_eq!(score.passed(), score.hp != 254);
    score.checksum = None;
    let digest = score.computed_checksum();
    assert_eq!(digest.as_bytes(), digest.as_str().as_bytes());
    assert_eq!((digest.to_string(), format!("{digest:?}")), (digest.as_str().into(), digest.as_ref().into()));
    let version = Version::from_build(300);
    let packet = client::MatchScoreUpdate(score);
    let mut written = vec![0; packet.encoded_len(version)];
    packet.encode(version, &mut SliceSink::new(&mut written)).expect("as much room as was counted");
    let again = client::MatchScoreUpdate::decode(version, &written).expect("what was written is read");
    assert_eq!(again.0.checksum, Some(digest.as_str()));
    assert_eq!(client::MatchScoreUpdate::INFO.side, Side::Client);
}

fn grade(score: &ScoreFrame<'_>, mode: Mode, mods: Mods) {
    let accuracy = score.accuracy(mode);
    assert!((0.0..=1.0).contains(&accuracy), "{accuracy} of {score:?}");
    let hits = score.total_hits(mode);
    let rank = score.rank(mode, mods);
    assert!(rank != Rank::F && rank != Rank::N && rank.name().is_some());
    let is_perfect = hits > 0 && hits == u32::from(score.total_300);
    assert_eq!(matches!(rank, Rank::X | Rank::XH), is_perfect, "{rank:?} of {score:?}");
    let is_silver = mods.intersects(Mods::HIDDEN | Mods::FLASHLIGHT);
    assert!(!matches!(rank, Rank::XH | Rank::SH) || is_silver);
    assert!(!matches!(rank, Rank::X | Rank::S) || !is_silver);
    if is_perfect && mode.alias().is_some() {
        assert_eq!(accuracy, 1.0);
    }
}
