//! The standing members of a cycle (article 17): whoever asks is one of them.

use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    limits,
    record::{
        Cycle, Document, Documents, Hand, Id, Kept, Record,
        api::{Answer, Endpoint},
        cycle,
        field::{self, At},
    },
    web::{Asked, Refusal},
};

/// Members that a committee can have.
const MEMBERS: usize = 60;

/// The list of one cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Committee {
    /// The cycle.
    pub cycle: Id,
    /// The standing members.
    pub members: Vec<Member>,
}

impl Document for Committee {
    const KIND: &'static str = "committee";
}

/// A standing member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Name.
    pub name: String,
    /// Post.
    pub post: String,
}

pub(super) fn table() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/api/record/cycles/{cycle}/committee", "The standing members of a cycle.", look)
            .answers::<Option<Kept<Committee>>>(),
        Endpoint::post("/api/record/cycles/{cycle}/committee", "Enters them, or changes the list.", enter)
            .takes::<Enter>()
            .answers::<Kept<Committee>>(),
    ]
}

/// The list of a cycle, if it was entered.
pub(super) fn committee_of(documents: &Documents, cycle: Id) -> Option<Kept<Committee>> {
    documents.all::<Committee>().into_iter().find(|committee| committee.body.cycle == cycle)
}

/// The standing member of this name.
///
/// # Errors
/// There is no list, or he is not on it.
pub(super) fn member(documents: &Documents, cycle: Id, name: &str) -> Result<Member, Refusal> {
    let Some(committee) = committee_of(documents, cycle) else {
        return Err(Refusal::conflict("这个年度还没有登记常委名单。", "请先登记常委名单，再登记询问质询。"));
    };
    committee.body.members.into_iter().find(|member| member.name == name.trim()).ok_or_else(|| {
        Refusal::conflict(
            format!("“{}”不在常委名单里；询问质询由常委提出（第十七条）。", field::seen(name.trim())),
            "请选择名单里的常委；名单有误的，请先更正名单。",
        )
    })
}

async fn look(State(record): State<Record>, At(id): At) -> Answer<Option<Kept<Committee>>> {
    let now = record.book().now();
    now.documents.get::<Cycle>(id)?;
    Ok(Json(committee_of(&now.documents, id)))
}

/// The list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Enter {
    /// The version seen; 0 where there was none.
    version: u32,
    /// The standing members.
    members: Vec<Member>,
    /// Why; needed for a change.
    #[serde(default)]
    why: String,
}

async fn enter(
    State(record): State<Record>,
    hand: Hand,
    At(id): At,
    Asked(Enter { version, members, why }): Asked<Enter>,
) -> Answer<Kept<Committee>> {
    let (members, why) = (checked(&members)?, field::why_if(version != 0, &why)?);
    let entered = record.book().change(&hand, |draft| {
        cycle::must_be_open(draft, id)?;
        let body = Committee { cycle: id, members };
        let place = match committee_of(draft, id) {
            None if version == 0 => draft.add("committee/enter", &body, &why),
            // Somebody has entered a list where this one saw none: the version tells him.
            there => {
                let place = there.map_or(id, |there| there.id);
                draft.set("committee/enter", &Kept { id: place, version, body }, &field::why(&why)?)?;
                place
            }
        };
        draft.get::<Committee>(place)
    });
    entered.await.map(Json)
}

fn checked(members: &[Member]) -> Result<Vec<Member>, Refusal> {
    if members.is_empty() || members.len() > MEMBERS {
        return Err(Refusal::conflict(
            format!("常委名单有 {} 人，应为 1 到 {MEMBERS} 人。", members.len()),
            "请逐行填写常委的姓名和职务。",
        ));
    }
    let mut out: Vec<Member> = Vec::new();
    for Member { name, post } in members {
        let name = field::line("姓名", name, limits::NAME)?;
        let post = field::line("职务", post, limits::TEXT)?;
        if out.iter().any(|other| other.name == name) {
            return Err(Refusal::conflict(format!("“{name}”在常委名单里出现了两次。"), "同名的，请在姓名后写明区别。"));
        }
        out.push(Member { name, post });
    }
    Ok(out)
}
