//! The members who write and get the mail, as the directory has them.

use std::collections::BTreeMap;

use directory::{departments, members, organisations};
use kernel::{Ctx, Cursor, MailAccountId, PageRequest};
use mail::mime::Address;
use store::Tx;

use super::DemoMailError;
use super::dice::Dice;

/// What somebody writes mail with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    /// UTF-8 with an HTML form.
    Web,
    /// UTF-8, text only.
    Plain,
    /// A desktop program of many years, in GBK.
    Gbk,
    /// An older one, which writes GB 18030 into its headers as it is.
    Gb18030,
}

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) account: MailAccountId,
    pub(super) name: String,
    pub(super) address: String,
    /// Departments from the top down, without the root.
    pub(super) path: Vec<String>,
    pub(super) title: String,
    pub(super) program: Program,
    /// Whether this person keeps old mail in folders.
    pub(super) files_mail: bool,
}

/// The organisation, as mail speaks of it.
#[derive(Debug, Clone)]
pub(super) struct House {
    pub(super) name: String,
    pub(super) domain: String,
    pub(super) people: Vec<Person>,
}

const TWO_CHARACTER_SURNAMES: [&str; 8] = ["欧阳", "上官", "司马", "诸葛", "夏侯", "皇甫", "慕容", "司徒"];

impl Person {
    pub(super) fn as_address(&self) -> Address {
        Address { name: Some(self.name.clone()), email: self.address.clone() }
    }

    fn surname(&self) -> String {
        let compound = TWO_CHARACTER_SURNAMES.into_iter().find(|surname| self.name.starts_with(surname));
        compound.map_or_else(|| self.name.chars().take(1).collect(), str::to_owned)
    }

    /// As colleagues speak to this person: 欧阳主任, 李老师, 赵工.
    pub(super) fn called(&self) -> String {
        let title = match self.title.as_str() {
            title if title.ends_with("处长") => "处长",
            "护士长" => "护士长",
            title if title.contains("主任") => "主任",
            title if title.contains("工程师") => "工",
            title if title.ends_with("医师") => "医生",
            _ => "老师",
        };
        format!("{}{title}", self.surname())
    }

    /// The higher, the more this person decides.
    pub(super) fn rank(&self) -> u8 {
        match self.title.as_str() {
            "处长" => 9,
            "副处长" | "护士长" => 8,
            title if title.starts_with("主任") => 7,
            title if title.starts_with("副主任") => 6,
            title if title.starts_with("主治") || title.starts_with("主管") => 5,
            _ => 3,
        }
    }

    /// The smallest unit.
    pub(super) fn unit(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// The part of the hospital group.
    pub(super) fn campus(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// Which texts are this person's.
    pub(super) fn scope(&self) -> &'static str {
        let division = self.path.get(1).map_or("", String::as_str);
        match division {
            _ if division.contains("护理") => "护理",
            _ if division.contains("医技") => "医技",
            _ if division.contains("行政") => "行政",
            "" => "通用",
            _ => "临床",
        }
    }
}

/// Every member with a mailbox and an address, in the order of their accounts.
pub(super) fn read(ctx: &Ctx, tx: &mut Tx, dice: &mut Dice) -> Result<House, DemoMailError> {
    let name = organisations::get(tx, ctx.org)?.name;
    let paths = departments::all_paths(tx, ctx.org)?;
    let mut people = BTreeMap::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = PageRequest::new(after, PageRequest::MAX_LIMIT);
        let page = members::list(ctx, tx, &members::MemberFilter::default(), &page, members::MemberSort::default())?;
        for row in page.items {
            let (Some(account), Some(address)) = (row.mail_account_id, row.address) else { continue };
            let place = row.departments.first();
            let person = Person {
                account,
                name: row.name,
                address: address.to_string(),
                path: place.and_then(|place| paths.get(&place.department_id)).cloned().unwrap_or_default(),
                title: place.and_then(|place| place.position.clone()).unwrap_or_default(),
                program: Program::Web,
                files_mail: false,
            };
            people.insert(account, person);
        }
        after = page.next.as_deref().and_then(Cursor::decode);
        if after.is_none() {
            break;
        }
    }
    let mut people: Vec<Person> = people.into_values().collect();
    for person in &mut people {
        let rank = person.rank();
        person.program = match dice.below(10) {
            0..5 => Program::Web,
            5..7 => Program::Plain,
            7..9 => Program::Gbk,
            _ => Program::Gb18030,
        };
        person.files_mail = dice.percent(if rank >= 6 { 75 } else { 20 });
    }
    let domain = people.first().and_then(|person| person.address.split_once('@')).map_or("", |(_, domain)| domain).to_owned();
    Ok(House { name, domain, people })
}
