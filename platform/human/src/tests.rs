//! Answers are good once, in time, for their purpose and by our key; what is shown can be seen and heard.

use altcha::{Payload, SolveChallengeOptions, solve_challenge};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;

use super::*;

fn human() -> Human {
    Human::new("secret")
}

fn now() -> NaiveDateTime {
    "2026-11-26T08:00:00".parse().unwrap()
}

fn later() -> NaiveDateTime {
    now() + model::human_check().lifetime() + TimeDelta::seconds(1)
}

fn worked(challenge: &Challenge) -> Answer {
    let solution = solve_challenge(SolveChallengeOptions::new(challenge)).unwrap().unwrap();
    sent(&Payload { challenge: challenge.clone(), solution })
}

fn sent(payload: &Payload) -> Answer {
    Answer { work: STANDARD.encode(serde_json::to_string(payload).unwrap()), ..Answer::default() }
}

fn read(human: &Human, question: &Question) -> Answer {
    let digits = question.digits(&human.choosing).iter().map(ToString::to_string).collect();
    Answer { token: question.to_string(), digits, ..Answer::default() }
}

#[test]
fn both_ways_lead_to_an_answer_that_is_known_again() {
    let human = human();
    let work = worked(&human.challenge("sign-in", now()).unwrap());
    let digits = read(&human, &human.question("sign-in", now()).unwrap());
    let mut known = Vec::new();
    for answer in [work, digits] {
        let judged = human.judge(&answer, "sign-in", now()).unwrap();
        assert!(judged.is_right && judged.used.until > now());
        assert_eq!(human.judge(&answer, "sign-in", now()).unwrap(), judged, "the same answer has the same number");
        known.push(judged.used.id);
    }
    assert_ne!(known[0], known[1]);
}

#[test]
fn an_answer_is_for_its_purpose_its_time_and_our_key() {
    let human = human();
    for answer in [worked(&human.challenge("letter", now()).unwrap()), read(&human, &human.question("letter", now()).unwrap())] {
        assert_eq!(human.judge(&answer, "sign-in", now()), Err(Why::Unknown));
        assert_eq!(human.judge(&answer, "letter", later()), Err(Why::Late));
        assert_eq!(Human::new("another").judge(&answer, "letter", now()), Err(Why::Unknown));
    }
    assert!(human.challenge("Not one", now()).is_none() && human.question("a.b", now()).is_none());
}

#[test]
fn what_was_changed_answers_nothing() {
    let human = human();
    let challenge = human.challenge("letter", now()).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
    let payload = Payload { challenge, solution };
    let mut changed = [payload.clone(), payload.clone(), payload.clone(), payload.clone()];
    changed[0].challenge.parameters.cost = 1;
    changed[1].challenge.parameters.key_prefix = String::new();
    changed[2].challenge.parameters.data.as_mut().unwrap().insert("until".into(), 9_999_999_999_i64.into());
    changed[3].challenge.signature = None;
    for payload in changed {
        assert_eq!(human.judge(&sent(&payload), "letter", now()), Err(Why::Unknown));
    }
    let mut guessed = payload;
    guessed.solution.counter += 1;
    assert!(!human.judge(&sent(&guessed), "letter", now()).unwrap().is_right);

    let question = human.question("letter", now()).unwrap();
    let right = read(&human, &question);
    let (words, seal) = right.token.rsplit_once('.').unwrap();
    for token in
        [words.replace("letter", "code") + "." + seal, right.token.replacen('.', ".9", 1), seal.into(), words.into(), "…".into()]
    {
        let answer = Answer { token: token.clone(), ..right.clone() };
        assert_eq!(human.judge(&answer, "letter", now()), Err(Why::Unknown));
        assert!(human.picture(&token).is_none() && human.sound(&token).is_none());
    }
}

#[test]
fn no_answer_a_wrong_one_and_the_wish_for_another_are_told_apart() {
    let human = human();
    let right = read(&human, &human.question("letter", now()).unwrap());
    assert_eq!(human.judge(&Answer::default(), "letter", now()), Err(Why::Missing));
    assert_eq!(human.judge(&Answer { digits: " ".into(), ..right.clone() }, "letter", now()), Err(Why::Missing));
    assert_eq!(human.judge(&Answer { again: "1".into(), ..right.clone() }, "letter", now()), Err(Why::Again));
    for digits in ["1", "0123456789", "abcde", "一二三四十"] {
        let judged = human.judge(&Answer { digits: digits.into(), ..right.clone() }, "letter", now()).unwrap();
        assert!(!judged.is_right, "{digits}");
    }
    for work in ["x", "e30=", &"A".repeat(9_999)] {
        assert_eq!(human.judge(&Answer { work: work.into(), ..Answer::default() }, "letter", now()), Err(Why::Unknown));
    }
}

#[test]
fn digits_may_be_typed_wide_apart_or_in_words() {
    let human = human();
    let question = human.question("letter", now()).unwrap();
    let digits = question.digits(&human.choosing);
    assert_eq!(digits.len(), model::human_check().digits.length);
    for words in ["０１２３４５６７８９", "零一二三四五六七八九", "〇幺两三四五六七八九"] {
        let typed: Vec<String> = digits.iter().filter_map(|digit| words.chars().nth(*digit)).map(String::from).collect();
        assert!(question.is_answered_by(&typed.join(" "), &human.choosing), "{typed:?}");
    }
}

#[test]
fn a_picture_can_be_read_and_is_the_same_again() {
    let human = human();
    let token = human.question("letter", now()).unwrap().to_string();
    let png = human.picture(&token).unwrap();
    assert_eq!(png, human.picture(&token).unwrap());
    let picture = image::load_from_memory(&png).unwrap().to_luma8();
    assert_eq!(picture.dimensions(), (240, 80));
    let dark = picture.pixels().filter(|pixel| pixel.0[0] < 128).count();
    assert!((1_000..9_000).contains(&dark), "{dark}");
}

#[test]
fn a_recording_speaks_as_many_digits_as_there_are() {
    let human = human();
    for _ in 0..20 {
        let token = human.question("letter", now()).unwrap().to_string();
        let wav = human.sound(&token).unwrap();
        assert_eq!(wav, human.sound(&token).unwrap());
        assert!(wav.starts_with(b"RIFF") && &wav[8..16] == b"WAVEfmt ");
        assert_eq!(u32::from_le_bytes(wav[4..8].try_into().unwrap()) as usize + 8, wav.len());
        assert_eq!(heard(&wav[44..]), model::human_check().digits.length);
    }
}

/// Loud stretches with at least half a second of murmur between them.
fn heard(samples: &[u8]) -> usize {
    let (mut count, mut quiet) = (0, 4_000);
    for sample in samples {
        if sample.abs_diff(128) > 60 {
            count += usize::from(quiet >= 4_000);
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    count
}
