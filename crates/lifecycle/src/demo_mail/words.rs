//! What stands in the places of a text: names, days, amounts. Within one conversation a place always holds the same.

use std::collections::HashMap;

use jiff::Zoned;
use kernel::Timestamp;

use super::dice::Dice;

const MEDICINES: [&str; 8] = ["头孢曲松", "阿托伐他汀", "左氧氟沙星", "低分子肝素", "奥美拉唑", "氨氯地平", "甲泼尼龙", "胰岛素"];
const DEVICES: [&str; 10] =
    ["监护仪", "呼吸机", "输液泵", "心电图机", "除颤仪", "彩超机", "血气分析仪", "生化分析仪", "内镜清洗机", "移动护理终端"];
const ROOMS: [&str; 8] = ["301室", "二楼示教室", "护士站", "三号诊室", "五楼会议室", "抢救室", "医生办公室", "12层东侧"];
const HOSTS: [&str; 8] = ["his-db-01", "his-db-02", "emr-app-01", "emr-app-02", "pacs-store-01", "lis-app-01", "oa-web-01", "mail-01"];
const TIMES: [&str; 8] = ["08:30", "09:00", "10:00", "10:30", "14:00", "14:30", "15:00", "16:30"];
const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

pub(super) struct Words {
    dice: Dice,
    begun: Zoned,
    known: HashMap<String, String>,
}

/// Everybody here lives in this zone.
pub(super) fn local(at: Timestamp) -> Zoned {
    at.jiff().to_zoned(jiff::tz::Offset::constant(8).to_time_zone())
}

impl Words {
    pub(super) fn new(seed: u64, begun: Timestamp) -> Self {
        Self { dice: Dice::new(seed), begun: local(begun), known: HashMap::new() }
    }

    pub(super) fn set(&mut self, place: impl Into<String>, value: impl Into<String>) {
        self.known.insert(place.into(), value.into());
    }

    /// The text with every `{place}` filled.
    pub(super) fn fill(&mut self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((place, after)) = behind.split_once('}') else {
                filled.push('{');
                rest = behind;
                continue;
            };
            filled.push_str(&self.value(place));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn value(&mut self, place: &str) -> String {
        if let Some(known) = self.known.get(place) {
            return known.clone();
        }
        // {量1} and {量2} are two amounts.
        let drawn = self.draw(place.trim_end_matches(|character: char| character.is_ascii_digit()));
        self.known.insert(place.to_owned(), drawn.clone());
        drawn
    }

    fn draw(&mut self, kind: &str) -> String {
        let month = |months: i32| (i32::from(self.begun.month()) - 1 + months).rem_euclid(12) + 1;
        match kind {
            "今日" => self.day(0),
            "昨日" => self.day(-1),
            "近日" => {
                let days = self.dice.between(2, 9);
                self.day(days)
            }
            "远日" => {
                let days = self.dice.between(14, 35);
                self.day(days)
            }
            "年" => self.begun.year().to_string(),
            "月" => month(0).to_string(),
            "上月" => month(-1).to_string(),
            "下月" => month(1).to_string(),
            "时" => self.one_of(&TIMES),
            "床" => self.dice.between(1, 48).to_string(),
            "数" | "數" => self.dice.between(2, 9).to_string(),
            "量" => self.dice.between(12, 96).to_string(),
            "百分" => format!("{}.{}%", self.dice.between(86, 98), self.dice.below(10)),
            "金额" => format!("{}.{}万元", self.dice.between(3, 260), self.dice.below(10)),
            "编号" => format!("{}-{:04}", self.begun.year(), self.dice.below(10_000)),
            "药" => self.one_of(&MEDICINES),
            "设备" => self.one_of(&DEVICES),
            "间" => self.one_of(&ROOMS),
            "主机" => self.one_of(&HOSTS),
            other => format!("{{{other}}}"),
        }
    }

    fn one_of(&mut self, from: &[&str]) -> String {
        self.dice.pick(from).unwrap_or_default().to_owned()
    }

    /// `3月12日（周四）`
    fn day(&self, days: i64) -> String {
        let day = self.begun.saturating_add(jiff::Span::new().days(days));
        let weekday = WEEKDAYS[day.weekday().to_monday_zero_offset() as usize % 7];
        format!("{}月{}日（周{weekday}）", day.month(), day.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-03-02T01:00:00Z
    const MONDAY: Timestamp = Timestamp::from_micros(1_772_413_200_000_000);

    #[test]
    fn a_place_holds_the_same_throughout_and_a_number_behind_it_makes_another() {
        let mut words = Words::new(7, MONDAY);
        words.set("甲", "张伟");
        let text = words.fill("{甲} {今日} {昨日} {月} {上月} {下月} {量1} {量1} {量2} {nobody} {");
        let parts: Vec<&str> = text.split(' ').collect();
        assert_eq!(parts[..6], ["张伟", "3月2日（周一）", "3月1日（周日）", "3", "2", "4"]);
        assert_eq!(parts[6], parts[7]);
        assert_ne!(parts[7], parts[8]);
        assert_eq!(parts[9..], ["{nobody}", "{"]);
    }
}
