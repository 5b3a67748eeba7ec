//! Files of other formats that users pass to the tool.

use crate::report::Malformed;

/// The number of bytes that identify a format.
pub(crate) const LEN: usize = 8;

/// What a format is called, and what to do with it.
struct Format {
    starts: &'static [&'static [u8]],
    name: &'static str,
    advice: &'static str,
}

const FORMATS: [Format; 5] = [
    Format {
        starts: &[b"\x1f\x8b\x08"],
        name: "gzip",
        advice: "decompress it first: gzip -dc FILE | lobbywire …",
    },
    Format {
        starts: &[
            b"\xd4\xc3\xb2\xa1",
            b"\xa1\xb2\xc3\xd4",
            b"\x4d\x3c\xb2\xa1",
            b"\xa1\xb2\x3c\x4d",
            b"\x0a\x0d\x0d\x0a",
        ],
        name: "a pcap or pcapng capture",
        advice: "extract the bytes that one side of a connection sent, in Wireshark with Follow TCP Stream and Save as Raw",
    },
    Format {
        starts: &[b"GET /", b"POST /", b"PUT /", b"HEAD /", b"DELETE /", b"OPTIONS ", b"CONNECT "],
        name: "an HTTP request",
        advice: "pass only its body, which starts after the empty line, or the payloads of its WebSocket messages",
    },
    Format {
        starts: &[b"HTTP/1.", b"HTTP/2"],
        name: "an HTTP response",
        advice: "pass only its body, which starts after the empty line, or the payloads of its WebSocket messages",
    },
    Format {
        starts: &[
            b"\x16\x03\x00",
            b"\x16\x03\x01",
            b"\x16\x03\x02",
            b"\x16\x03\x03",
            b"\x17\x03\x01",
            b"\x17\x03\x02",
            b"\x17\x03\x03",
        ],
        name: "a TLS record",
        advice: "decrypt it first, in Wireshark with the client's SSLKEYLOGFILE, or record the traffic at a proxy that ends TLS",
    },
];

/// Whether input that starts with these bytes is of another format. `None` if more bytes are needed to tell.
pub(crate) fn recognize(start: &[u8]) -> Option<Result<(), Malformed>> {
    let mut is_open = false;
    for format in &FORMATS {
        for magic in format.starts {
            if start.starts_with(magic) {
                let Format { name, advice, .. } = format;
                let message = format!("the input is {name}; {advice}");
                return Some(Err(Malformed { kind: "other_format", message, ..Malformed::default() }));
            }
            is_open |= magic.starts_with(start);
        }
    }
    if is_open { None } else { Some(Ok(())) }
}
