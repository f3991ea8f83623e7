//! How each character of a name is read. A surname often has a reading of its own, which dictionaries put last.

use std::borrow::Cow;

use pinyin::{Pinyin, ToPinyin, ToPinyinMulti};

/// One character of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unit {
    /// A Chinese character: its most likely reading first, without tone; `tone` belongs to that one.
    Chinese { character: char, readings: Vec<Cow<'static, str>>, tone: char },
    /// Anything else, folded.
    Other(char),
}

/// Surnames of two characters whose reading is not that of the characters alone, or must not be split by a one-character surname.
const COMPOUND_SURNAMES: &[(&str, [&str; 2])] = &[
    ("万俟", ["mo4", "qi2"]),
    ("尉迟", ["yu4", "chi2"]),
    ("长孙", ["zhang3", "sun1"]),
    ("单于", ["chan2", "yu2"]),
    ("澹台", ["tan2", "tai2"]),
    ("乐正", ["yue4", "zheng4"]),
    ("亓官", ["qi2", "guan1"]),
    ("鲜于", ["xian1", "yu2"]),
    ("宿六", ["su4", "liu4"]),
    ("夏侯", ["xia4", "hou2"]),
    ("令狐", ["ling2", "hu2"]),
    ("呼延", ["hu1", "yan2"]),
    ("拓跋", ["tuo4", "ba2"]),
    ("哥舒", ["ge1", "shu1"]),
    ("宇文", ["yu3", "wen2"]),
    ("皇甫", ["huang2", "fu3"]),
    ("淳于", ["chun2", "yu2"]),
    ("公冶", ["gong1", "ye3"]),
    ("太叔", ["tai4", "shu1"]),
    ("濮阳", ["pu2", "yang2"]),
    ("赫连", ["he4", "lian2"]),
    ("纳兰", ["na4", "lan2"]),
    ("子车", ["zi3", "ju1"]),
    ("颛孙", ["zhuan1", "sun1"]),
];

/// Surnames of one character that are read otherwise than the character usually is.
const SURNAMES: &[(char, &str)] = &[
    ('曾', "zeng1"),
    ('单', "shan4"),
    ('仇', "qiu2"),
    ('解', "xie4"),
    ('区', "ou1"),
    ('查', "zha1"),
    ('尹', "yin3"),
    ('任', "ren2"),
    ('朴', "piao2"),
    ('翟', "zhai2"),
    ('盖', "ge3"),
    ('乐', "yue4"),
    ('缪', "miao4"),
    ('员', "yun4"),
    ('秘', "bi4"),
    ('冼', "xian3"),
    ('洗', "xian3"),
    ('折', "she2"),
    ('召', "shao4"),
    ('种', "chong2"),
    ('重', "chong2"),
    ('繁', "po2"),
    ('覃', "qin2"),
    ('隗', "wei3"),
    ('逄', "pang2"),
    ('佴', "nai4"),
    ('华', "hua4"),
    ('宁', "ning4"),
    ('燕', "yan1"),
    ('那', "na1"),
    ('祭', "zhai4"),
    ('訾', "zi1"),
    ('幺', "yao1"),
    ('柏', "bai3"),
    ('葛', "ge3"),
    ('纪', "ji3"),
    ('应', "ying1"),
    ('相', "xiang4"),
    ('车', "che1"),
    ('盛', "sheng4"),
    ('晁', "chao2"),
    ('曲', "qu1"),
    ('石', "shi2"),
    ('卜', "bu3"),
    ('瞿', "qu2"),
    ('黑', "he4"),
    ('能', "nai4"),
    ('哈', "ha3"),
    ('过', "guo1"),
    ('都', "du1"),
    ('沈', "shen3"),
    ('谌', "chen2"),
    ('郗', "xi1"),
    ('郇', "xun2"),
    ('阚', "kan4"),
    ('眭', "sui1"),
    ('牟', "mou2"),
    ('宓', "mi4"),
    ('戚', "qi1"),
    ('於', "yu1"),
    ('降', "jiang4"),
    ('呙', "guo1"),
    ('适', "kuo4"),
    ('句', "gou1"),
    ('仉', "zhang3"),
    ('尉', "wei4"),
    ('俞', "yu2"),
    ('粘', "nian2"),
    ('莘', "shen1"),
    ('褚', "chu3"),
    ('少', "shao4"),
    ('行', "xing2"),
    ('贾', "jia3"),
    ('费', "fei4"),
    ('郝', "hao3"),
];

/// Characters that given names read in one way though dictionaries put another first.
const IN_GIVEN_NAMES: &[(char, &str)] = &[
    ('茜', "qian4"),
    ('行', "xing2"),
    ('晟', "sheng4"),
    ('妤', "yu2"),
    ('好', "hao3"),
    ('朝', "chao2"),
    ('重', "chong2"),
    ('长', "chang2"),
    ('曾', "zeng1"),
    ('乐', "le4"),
    ('传', "chuan2"),
    ('调', "tiao2"),
    ('任', "ren2"),
];

/// How many readings of one character are kept; further ones are antiquarian.
const MAX_READINGS: usize = 4;

/// Reads a person's name: its first one or two characters as a surname, the rest as a given name.
pub(super) fn read_name(folded: &str) -> Vec<Unit> {
    let characters: Vec<char> = folded.chars().collect();
    let mut units = Vec::with_capacity(characters.len());
    // A text of many characters is a title or a department's name rather than a person's.
    let has_surname = (2..=5).contains(&characters.len());
    if has_surname {
        let compound = COMPOUND_SURNAMES.iter().find(|(surname, _)| folded.starts_with(surname) && characters.len() > 2);
        if let Some((_, readings)) = compound {
            for (character, reading) in characters.iter().zip(readings) {
                units.push(read_as(*character, Some(reading)));
            }
        } else {
            let own = SURNAMES.iter().find(|(surname, _)| *surname == characters[0]).map(|(_, reading)| *reading);
            units.push(read_as(characters[0], own));
        }
    }
    for character in &characters[units.len()..] {
        let own = IN_GIVEN_NAMES.iter().find(|(given, _)| has_surname && given == character).map(|(_, reading)| *reading);
        units.push(read_as(*character, own));
    }
    units
}

/// Reads a text that is not a person's name, such as a department's.
pub(super) fn read_plainly(folded: &str) -> Vec<Unit> {
    folded.chars().map(|character| read_as(character, None)).collect()
}

fn read_as(character: char, own_reading: Option<&'static str>) -> Unit {
    let Some(usual) = character.to_pinyin() else { return Unit::Other(character) };
    let (first, tone) = split_tone(own_reading.unwrap_or(usual.with_tone_num_end()));
    let mut readings = vec![first];
    for other in std::iter::once(usual.plain()).chain(character.to_pinyin_multi().into_iter().flatten().map(Pinyin::plain)) {
        let other = spell(other);
        if readings.len() < MAX_READINGS && !readings.contains(&other) {
            readings.push(other);
        }
    }
    Unit::Chinese { character, readings, tone }
}

/// `"zeng1"` into `("zeng", '1')`; the neutral tone is `'5'`.
fn split_tone(reading: &'static str) -> (Cow<'static, str>, char) {
    match reading.chars().last() {
        Some(tone) if tone.is_ascii_digit() => (spell(&reading[..reading.len() - 1]), tone),
        _ => (spell(reading), '5'),
    }
}

/// Spelled with the letters of a keyboard, where `v` stands for `ü`.
fn spell(reading: &'static str) -> Cow<'static, str> {
    if reading.is_ascii() {
        return Cow::Borrowed(reading);
    }
    let plain = reading.chars().map(|letter| match letter {
        'ü' => 'v',
        'ê' => 'e',
        'ń' | 'ň' | 'ǹ' => 'n',
        'ḿ' => 'm',
        other => other,
    });
    Cow::Owned(plain.filter(char::is_ascii).collect())
}
