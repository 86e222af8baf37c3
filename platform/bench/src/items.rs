//! The items that are measured with: cut from the law texts when they are at hand, else made from a fixed seed. The same number
//! always gives the same item.

use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

/// Paragraphs of an item's body.
const PARAGRAPHS: usize = 12;

/// Paragraphs of a made text: enough that neighbouring items share none.
const MADE: usize = 24_000;

/// One article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Counted from 0.
    pub number: usize,
    /// 标题, at most 40 characters.
    pub title: String,
    /// 来源
    pub source: String,
    /// 摘要, plain text.
    pub summary: String,
    /// Twelve paragraphs of HTML.
    pub body: String,
    /// UTC; later numbers are later.
    pub published: NaiveDateTime,
}

/// A long text that items are cut from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Vec<String>);

impl Text {
    /// Every paragraph of every Markdown file below `folder`, in order of path.
    pub fn of_laws(folder: &Path) -> std::io::Result<Self> {
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        files.sort();
        let mut paragraphs = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(file)?;
            paragraphs.extend(text.lines().map(str::trim).filter(|line| is_paragraph(line)).map(str::to_owned));
        }
        Ok(Self(paragraphs))
    }

    /// A text made from a seed.
    pub fn made(seed: u64) -> Self {
        let mut dice = Dice(seed);
        Self((0..MADE).map(|_| paragraph(&mut dice)).collect())
    }

    /// Whether there is anything to cut items from.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The item with this number; the text is used again from its beginning when it ends.
    pub fn item(&self, number: usize) -> Item {
        let own: Vec<&str> = (0..PARAGRAPHS).map(|part| self.0[(number * PARAGRAPHS + part) % self.0.len()].as_str()).collect();
        let begin: String = own[0].chars().filter(|letter| !letter.is_whitespace()).take(20).collect();
        Item {
            number,
            title: format!("关于“{begin}”的通知（第{}号）", number + 1),
            source: "望溪区人民政府办公室".into(),
            summary: own[1].chars().take(80).collect(),
            body: own.iter().map(|text| format!("<p>{}</p>", render::html::escape(text))).collect::<Vec<_>>().join("\n"),
            published: first_day() + TimeDelta::minutes(i64::try_from(number).unwrap_or(0)),
        }
    }
}

/// A small generator of numbers whose sequence no library can change (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }
}

const SUBJECTS: [&str; 12] = [
    "各街道办事处",
    "区政府各部门",
    "市民",
    "申请人",
    "主管部门",
    "有关单位",
    "企业",
    "物业服务人",
    "社区居民委员会",
    "行政审批机关",
    "投资人",
    "从业人员",
];
const VERBS: [&str; 10] = [
    "应当依法办理",
    "负责组织实施",
    "可以申请",
    "不得擅自变更",
    "应当及时公开",
    "配合做好",
    "统筹推进",
    "应当如实提供",
    "逐级审核",
    "定期检查",
];
const OBJECTS: [&str; 12] = [
    "相关手续",
    "年度计划",
    "补助资金",
    "公共服务设施",
    "有关材料",
    "安全管理工作",
    "登记事项",
    "环境保护措施",
    "信息公开目录",
    "老旧小区改造项目",
    "生产经营场所",
    "监督检查结果",
];

fn paragraph(dice: &mut Dice) -> String {
    let clauses = 2 + dice.below(4);
    let clause = |dice: &mut Dice| {
        let (subject, verb, object) = (SUBJECTS[dice.below(12)], VERBS[dice.below(10)], OBJECTS[dice.below(12)]);
        format!("{subject}{verb}{object}")
    };
    let text: Vec<String> = (0..clauses).map(|_| clause(dice)).collect();
    format!("第{}条 {}。", 1 + dice.below(99), text.join("，"))
}

fn is_paragraph(line: &str) -> bool {
    line.chars().count() >= 20 && !line.starts_with(['#', '<', '|', '-', '*', '>'])
}

fn first_day() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2025, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).unwrap_or_default()
}

fn collect(folder: &Path, into: &mut Vec<std::path::PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            into.push(path);
        }
    }
    Ok(())
}
