//! Digits spoken for people: recordings in Chinese, each at its own pace and after its own pause, over a murmur of the same voice.

use rand::RngExt;
use rand::rngs::StdRng;

/// Samples of a second.
const RATE: u32 = 8_000;
const SECOND: usize = RATE as usize;

/// Bytes before the samples of a recording.
const HEAD: usize = 44;

/// How loud the loudest moment of a digit is made, of 127.
const LOUD: i32 = 90;

static RECORDINGS: [&[u8]; 10] = [
    include_bytes!("../data/zh/0.wav"),
    include_bytes!("../data/zh/1.wav"),
    include_bytes!("../data/zh/2.wav"),
    include_bytes!("../data/zh/3.wav"),
    include_bytes!("../data/zh/4.wav"),
    include_bytes!("../data/zh/5.wav"),
    include_bytes!("../data/zh/6.wav"),
    include_bytes!("../data/zh/7.wav"),
    include_bytes!("../data/zh/8.wav"),
    include_bytes!("../data/zh/9.wav"),
];

/// These digits as a WAV: 8 bits, one channel.
pub(crate) fn speak(digits: &[usize], chance: &mut StdRng) -> Vec<u8> {
    let mut track = vec![0; SECOND];
    for digit in digits {
        // A pause after each is long enough to type it.
        let spoken = voiced(*digit, LOUD, chance);
        track.extend(spoken);
        track.resize(track.len() + chance.random_range(SECOND..SECOND * 8 / 5), 0);
    }
    murmur(&mut track, chance);
    wav(&track)
}

/// A digit at a pace of its own, as loud as asked.
fn voiced(digit: usize, loud: i32, chance: &mut StdRng) -> Vec<i32> {
    let recording = recorded(digit);
    let peak = recording.iter().map(|sample| sample.abs()).max().unwrap_or(0).max(1);
    let pace = chance.random_range(85..=115);
    let length = recording.len() * 100 / pace;
    (0..length).filter_map(|at| recording.get(at * pace / 100)).map(|sample| sample * loud / peak).collect()
}

/// The samples of a recording, around 0. What follows them in the file is no sound.
fn recorded(digit: usize) -> Vec<i32> {
    let file = RECORDINGS.get(digit).copied().unwrap_or_default();
    let length = file.get(HEAD - 4..HEAD).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes);
    let samples = file.iter().skip(HEAD).take(usize::try_from(length).unwrap_or(0));
    samples.map(|sample| i32::from(*sample) - 128).collect()
}

/// Other digits backwards and far away, and a little noise: a recording cannot be found again in it byte for byte.
fn murmur(track: &mut [i32], chance: &mut StdRng) {
    for _ in 0..track.len() / (SECOND / 4) {
        let (digit, loud) = (chance.random_range(0..10), chance.random_range(6..=14));
        let start = chance.random_range(0..track.len());
        let voice = voiced(digit, loud, chance);
        for (sample, more) in track.iter_mut().skip(start).zip(voice.into_iter().rev()) {
            *sample += more;
        }
    }
    for sample in track {
        *sample += chance.random_range(-2..=2);
    }
}

fn wav(track: &[i32]) -> Vec<u8> {
    let samples = track.iter().map(|sample| u8::try_from((sample + 128).clamp(0, 255)).unwrap_or(128));
    // The whole is a few seconds, and of an even number of bytes.
    let length = u32::try_from(track.len()).unwrap_or(0);
    let padding = length % 2;
    let mut file = Vec::with_capacity(HEAD + track.len() + 1);
    file.extend(b"RIFF");
    file.extend((36 + length + padding).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    file.extend([RATE, RATE].map(u32::to_le_bytes).concat());
    file.extend([1_u16, 8].map(u16::to_le_bytes).concat());
    file.extend(b"data");
    file.extend(length.to_le_bytes());
    file.extend(samples);
    file.resize(file.len() + usize::from(padding == 1), 128);
    file
}
