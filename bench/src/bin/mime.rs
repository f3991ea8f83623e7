//! What it costs to take messages apart: what is worked out once for each that comes in, and what is done when one is read.
//!
//!     cargo run --release -p bench --bin mime [MILLISECONDS]
//!
//! One thread, nothing but memory. Each figure is the best of five rounds.

use std::hint::black_box;
use std::time::{Duration, Instant};

use kernel::Rng;
use mail::mime::{self, CleanOptions, RemotePictures, Section, What};
use testkit::SeededRng;

const ROUNDS: usize = 5;

fn main() {
    let millis = std::env::args().nth(1).map_or(200, |millis| millis.parse().expect("a number of milliseconds"));
    let span = Duration::from_millis(millis);
    let plain = plain(4 << 10);
    let chinese = alternative(4 << 10);
    let large = with_attachment(100 << 10);
    let huge = with_attachment(10 << 20);
    let many = many_parts(500);
    for (name, message) in [
        ("4 KiB text", &plain),
        ("4 KiB Chinese, text and HTML in base64", &chinese),
        ("100 KiB attachment", &large),
        ("10 MiB attachment", &huge),
        ("500 parts", &many),
    ] {
        show(&format!("render {name}"), message.len(), span, &|| black_box(mime::render(message)).size_bytes);
    }
    let header = Section { path: Vec::new(), what: What::HeaderFields { names: vec!["from".into(), "subject".into()], not: false } };
    show("two header fields", large.len(), span, &|| mime::section(black_box(&large), &header).map_or(0, |bytes| bytes.len() as u64));
    let part = Section { path: vec![2], what: What::Whole };
    show("second part of 100 KiB", large.len(), span, &|| mime::section(black_box(&large), &part).map_or(0, |bytes| bytes.len() as u64));
    show("the same, decoded", large.len(), span, &|| mime::binary(black_box(&large), &[2]).map_or(0, |bytes| bytes.len() as u64));
    show("search in 4 KiB Chinese", chinese.len(), span, &|| {
        u64::from(mime::any_text(black_box(&chinese), true, &mut |text| text.contains("没有这句话")))
    });
    let html = newsletter();
    let options = CleanOptions { remote_pictures: RemotePictures::Hold, cid: &|_| None };
    show("clean HTML of a newsletter", html.len(), span, &|| mime::clean_html(black_box(&html), &options).html.len() as u64);
}

fn show(name: &str, bytes: usize, span: Duration, work: &dyn Fn() -> u64) {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let (mut times, mut sum) = (0_u32, 0_u64);
        while begun.elapsed() < span {
            for _ in 0..8 {
                sum = sum.wrapping_add(work());
            }
            times += 8;
        }
        black_box(sum);
        best = best.min(begun.elapsed().as_secs_f64() / f64::from(times));
    }
    println!("{name:<45} {:>8} bytes {:>10.1} µs {:>9.0} MiB/s", bytes, best * 1e6, bytes as f64 / best / 1_048_576.0);
}

const HEADER: &str = "Received: from relay.example.cn (relay.example.cn [192.0.2.1]) by mx.example.cn with ESMTPS; Thu, 13 Feb 2025 09:30:01 +0800\r\n\
    DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.cn; s=mail; h=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n b=dGhpcyBpcyBub3QgYSBzaWduYXR1cmUgYnV0IGhhcyB0aGUgbGVuZ3RoIG9mIG9uZQ==\r\n\
    From: =?utf-8?B?5byg5Lyf?= <zhangwei@example.cn>\r\nTo: =?utf-8?B?546L57uP55CG?= <wang@example.cn>, \"Li, Na\" <lina@example.cn>\r\n\
    Cc: a@example.cn, b@example.cn\r\nSubject: =?utf-8?B?5YWz5LqO5Y+s5byA5bm05bqm5bel5L2c5Lya6K6u55qE6YCa55+l?=\r\nDate: Thu, 13 Feb 2025 09:30:00 +0800\r\n\
    Message-ID: <20250213013000.1@example.cn>\r\nIn-Reply-To: <20250212013000.1@example.cn>\r\nReferences: <20250211013000.1@example.cn> <20250212013000.1@example.cn>\r\n\
    MIME-Version: 1.0\r\nX-Mailer: Example 1.0\r\n";

fn plain(size: usize) -> Vec<u8> {
    let mut message = format!("{HEADER}Content-Type: text/plain; charset=utf-8\r\n\r\n").into_bytes();
    while message.len() < size {
        message.extend_from_slice(b"All work and no play makes a mail server a dull program to look at.\r\n");
    }
    message
}

fn alternative(size: usize) -> Vec<u8> {
    let text = "各位同事：年度工作会议定于下周一上午九点在三楼会议室召开，请准时参加。\r\n".repeat(size / 400);
    let html = format!("<html><body><p>{text}</p></body></html>");
    let base64 = |bytes: &[u8]| {
        let mut out = String::new();
        for line in bytes.chunks(57) {
            out.push_str(&letters(line));
            out.push_str("\r\n");
        }
        out
    };
    format!(
        "{HEADER}Content-Type: multipart/alternative; boundary=\"=_b\"\r\n\r\n--=_b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--=_b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--=_b--\r\n",
        base64(text.as_bytes()),
        base64(html.as_bytes())
    )
    .into_bytes()
}

/// Base64.
fn letters(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let is_there = place <= chunk.len();
            out.push(if is_there { char::from(ALPHABET[(word >> (18 - 6 * place)) as usize & 63]) } else { '=' });
        }
    }
    out
}

fn with_attachment(size: usize) -> Vec<u8> {
    let mut noise = vec![0; size * 3 / 4];
    SeededRng::new(7).fill(&mut noise);
    let mut message = format!(
        "{HEADER}Content-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n--=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nsee attachment\r\n--=_b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    );
    for line in noise.chunks(57) {
        message.push_str(&letters(line));
        message.push_str("\r\n");
    }
    message.push_str("--=_b--\r\n");
    message.into_bytes()
}

fn many_parts(count: usize) -> Vec<u8> {
    let part = "--=_b\r\nContent-Type: text/plain; charset=utf-8; name=\"part.txt\"\r\nContent-Disposition: attachment; filename=\"part.txt\"\r\n\r\none of many\r\n";
    format!("{HEADER}Content-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n{}--=_b--\r\n", part.repeat(count)).into_bytes()
}

fn newsletter() -> String {
    let row = "<tr><td style=\"padding:10px 20px;font-family:Arial,sans-serif;color:#333333\" width=\"50%\"><a href=\"https://news.example.cn/read?id=1&amp;from=mail\"><img src=\"https://img.example.cn/a.png\" width=\"200\" alt=\"\"></a><p style=\"margin:0\">本周要闻：年度工作会议顺利召开。</p></td></tr>";
    format!(
        "<html><head><style>.a{{color:red}}</style></head><body bgcolor=\"#eeeeee\"><table width=\"600\">{}</table></body></html>",
        row.repeat(100)
    )
}
