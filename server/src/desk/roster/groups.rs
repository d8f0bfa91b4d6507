//! The groups of those who attend (article 16), and how offices write them.

/// One group.
#[derive(Debug)]
pub(super) struct Group {
    /// What an answer calls it.
    pub key: &'static str,
    /// What the state and the report call it.
    pub name: &'static str,
    /// Other spellings, without the committee and its level before them.
    also: &'static [&'static str],
}

/// In the order of the article.
pub(super) const GROUPS: [Group; 10] = [
    Group { key: "secretary", name: "纪委书记", also: &[] },
    Group { key: "deputy", name: "纪委副书记", also: &["副书记"] },
    Group { key: "standing", name: "纪委常委", also: &["常委", "常务委员", "常委会委员"] },
    Group {
        key: "supervision",
        name: "监委委员",
        also: &["监察委员会委员", "非常委监委委员", "不是纪委常委的监委委员", "非纪委常委的监委委员"],
    },
    Group { key: "member", name: "纪委委员", also: &["纪律检查委员会委员"] },
    Group {
        key: "inspection",
        name: "巡察机构负责人",
        also: &["巡察", "巡察机构", "巡察办主任", "委巡察办主任", "巡察组组长", "委巡察组组长", "巡察组长"],
    },
    Group {
        key: "township",
        name: "乡镇纪委书记",
        also: &[
            "乡镇纪委",
            "乡镇街道纪委书记",
            "乡镇、街道纪委书记",
            "街道纪工委书记",
            "乡镇纪委纪工委书记",
            "纪工委书记",
        ],
    },
    Group {
        key: "dispatched",
        name: "派驻（出）机构主要负责人",
        also: &[
            "派驻",
            "派驻机构",
            "派驻机构负责人",
            "派驻机构主要负责人",
            "派驻出机构负责人",
            "派出机构负责人",
            "派出机构主要负责人",
            "派驻纪检监察组组长",
            "派驻纪检组组长",
            "派驻组组长",
        ],
    },
    Group {
        key: "organs",
        name: "机关单位主要负责人",
        also: &[
            "机关单位负责人",
            "机关各单位负责人",
            "机关各单位主要负责人",
            "机关各室主任",
            "机关室主任",
            "机关部室负责人",
        ],
    },
    Group {
        key: "special", name: "特约监察员", also: &["特邀监察员", "特约监察员代表", "特邀监察员代表"]
    },
];

/// The group that a category means; `None` if a person must say.
pub(super) fn find(category: &str) -> Option<&'static Group> {
    let bare: String =
        category.chars().filter(|c| !c.is_whitespace() && !matches!(c, '（' | '）' | '(' | ')')).collect();
    // The level at which the committee stands is the same for everybody, and no part of the group.
    let level = bare.strip_prefix(['省', '市', '州', '盟', '县', '区', '旗']).unwrap_or(&bare);
    let committee = level.strip_prefix("纪委").unwrap_or(level);
    let means = |group: &&Group| {
        let name: String = group.name.chars().filter(|c| !matches!(c, '（' | '）')).collect();
        [bare.as_str(), level, committee].iter().any(|text| *text == name || group.also.contains(text))
    };
    GROUPS.iter().find(means)
}
