//! Frames, in which a program's process returns values: a kind, a length and a payload. They are data that a program can
//! forge, since harness and program share a process: they say nothing but what the program claims to return.

/// What a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The program was loaded; no payload.
    Loaded,
    /// A call returned; the payload is JSON.
    Value,
    /// The program or a call raised an exception, or returned what is not JSON; the payload is a message.
    Error,
    /// The program is not Python; the payload is a message.
    Parse,
    /// The program or a call ran out of memory.
    Memory,
    /// A call returned too much.
    TooLong,
}

const KINDS: [(Kind, u8); 6] = [
    (Kind::Loaded, b'L'),
    (Kind::Value, b'V'),
    (Kind::Error, b'E'),
    (Kind::Parse, b'P'),
    (Kind::Memory, b'M'),
    (Kind::TooLong, b'T'),
];
const HEADER: usize = 5;

impl Kind {
    pub fn from_byte(byte: u8) -> Option<Kind> {
        KINDS.iter().find(|(_, each)| *each == byte).map(|(kind, _)| *kind)
    }

    fn byte(self) -> u8 {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or(b'?', |(_, byte)| *byte)
    }
}

/// A frame as bytes.
pub fn encode(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.push(kind.byte());
    bytes.extend((payload.len() as u32).to_le_bytes());
    bytes.extend(payload);
    bytes
}

/// What a program sent is no frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// Takes frames out of a stream of bytes.
#[derive(Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    /// The start of the next frame; what precedes it is dropped once for all frames, not for each.
    start: usize,
}

impl Decoder {
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame, whose payload has at most `longest` bytes.
    pub fn next(&mut self, longest: u64) -> Result<Option<(Kind, Vec<u8>)>, Malformed> {
        let waiting = &self.bytes[self.start..];
        let Some(header) = waiting.first_chunk::<HEADER>() else { return Ok(None) };
        let [kind, length @ ..] = *header;
        let (kind, length) = (Kind::from_byte(kind).ok_or(Malformed)?, u32::from_le_bytes(length));
        if u64::from(length) > longest {
            return Err(Malformed);
        }
        let end = HEADER + length as usize;
        if waiting.len() < end {
            return Ok(None);
        }
        let payload = waiting[HEADER..end].to_vec();
        self.start += end;
        Ok(Some((kind, payload)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_survive_any_cut(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6), cut in 1usize..9) {
            let bytes: Vec<u8> = payloads.iter().flat_map(|payload| encode(Kind::Value, payload)).collect();
            let mut decoder = Decoder::default();
            let mut found = Vec::new();
            for part in bytes.chunks(cut) {
                decoder.feed(part);
                while let Some((kind, payload)) = decoder.next(40).unwrap() {
                    prop_assert_eq!(kind, Kind::Value);
                    found.push(payload);
                }
            }
            prop_assert_eq!(found, payloads);
        }

        #[test]
        fn any_bytes_end_in_frames_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut decoder = Decoder::default();
            decoder.feed(&bytes);
            while let Ok(Some((_, payload))) = decoder.next(16) {
                prop_assert!(payload.len() <= 16);
            }
        }
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused_by_its_header() {
        let mut decoder = Decoder::default();
        decoder.feed(&[b'V', 255, 255, 255, 255]);
        assert_eq!(decoder.next(1 << 20), Err(Malformed));
    }
}
