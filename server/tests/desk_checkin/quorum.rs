//! How many must be there for an item to be opened.

use super::*;

#[tokio::test]
async fn at_two_thirds_an_item_opens_and_one_fewer_is_refused_with_the_arithmetic() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    office.sign(&[1, 2, 3, 4, 5, 6, 7, 8], "here").await;
    office.window(8).await;
    assert_eq!(office.state().await["quorum"]["holds"], true);

    office.sign(&[8], "left").await;
    let quorum = office.state().await["quorum"].clone();
    assert_eq!((&quorum["holds"], &quorum["by"]), (&json!(false), &json!("checkin")));
    assert_eq!(
        quorum["lines"][0],
        json!({ "group": "", "share": [2, 3], "over": false, "expected": 12, "present": 7, "needed": 8, "holds": false })
    );
    let refused = office.refused("/desk/contest/open", open(1)).await;
    assert!(refused.contains("在场 7 人，应到 12 人，至少要 8 人（不少于 2/3）"), "{refused}");
    assert!(refused.contains("还差 1 人") && refused.contains("报到"), "{refused}");
    // The rehearsal decides nothing.
    office.act("/desk/contest/open", json!({ "contests": [[0, 0]] })).await;
    office.act("/desk/rehearsal/destroy", json!({})).await;
    // A late one makes the quorum before his own window: he is here.
    office.sign(&[12], "here").await;
    office.act("/desk/contest/open", open(1)).await;
    // What is open stays open, whoever leaves.
    office.sign(&[1, 2, 3, 4], "left").await;
    office.act("/desk/contest/close", open(1)).await;
    office.refused("/desk/contest/open", json!({ "contests": [[2, 1]] })).await;
    // A further round is opened, too.
    office.act("/desk/contest/void", open(1)).await;
    let again = office.refused("/desk/contest/open", json!({ "contests": [[1, 2]] })).await;
    assert!(again.contains("至少要 8 人"), "{again}");
    office.sign(&[1, 2, 3, 4], "here").await;
    office.act("/desk/contest/open", json!({ "contests": [[1, 2]] })).await;
    office.stop().await;
}

#[tokio::test]
async fn without_check_in_the_heads_announced_count_and_the_typed_number_stands() {
    for (present, opens) in [(7, false), (8, true)] {
        let data = tempfile::tempdir().unwrap();
        let office = frozen(data.path(), two_thirds()).await;
        assert_eq!(office.state().await["quorum"], Value::Null, "nobody was counted yet");
        office.window(present).await;
        let quorum = office.state().await["quorum"].clone();
        assert_eq!((&quorum["by"], &quorum["holds"]), (&json!("window"), &json!(opens)));
        if opens {
            office.act("/desk/contest/open", open(1)).await;
        } else {
            let refused = office.refused("/desk/contest/open", open(1)).await;
            assert!(refused.contains("上次关闭登记时实到 7 人，应到 12 人，至少要 8 人"), "{refused}");
            assert!(refused.contains("再开一次登记"), "{refused}");
            // What it says to do helps.
            office.window(8).await;
            office.act("/desk/contest/open", open(1)).await;
        }
        office.stop().await;
    }
}

#[tokio::test]
async fn one_who_signs_in_where_heads_are_counted_by_hand_stops_nobody() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), two_thirds()).await;
    // Before anything was announced a sign-in counts, and both ways out are named.
    office.sign(&[1], "here").await;
    office.act("/desk/window/open", json!({})).await;
    let differs = office.refused("/desk/window/close", json!({ "present": 9 })).await;
    assert!(differs.contains("补报到") && differs.contains("撤销") && differs.contains("不用报到"), "{differs}");
    office.sign(&[1], "absent").await;
    office.act("/desk/window/close", json!({ "present": 9 })).await;

    office.sign(&[12], "here").await;
    let state = office.state().await;
    assert_eq!((&state["quorum"]["by"], &state["quorum"]["holds"]), (&json!("window"), &json!(true)));
    assert_eq!(state["checkin"]["in_use"], false, "the console asks for the heads");
    office.act("/desk/contest/open", open(1)).await;
    office.act("/desk/contest/close", open(1)).await;
    // Counted in the next window, he cannot be undone any more, and still stops nobody.
    office.window(10).await;
    office.refused("/desk/checkin", json!({ "numbers": [12], "state": "absent" })).await;
    office.sign(&[12], "left").await;
    office.act("/desk/contest/open", json!({ "contests": [[2, 1]] })).await;
    office.act("/desk/contest/close", json!({ "contests": [[2, 1]] })).await;
    office.window(11).await;
    // As soon as as many have signed in as were announced, check-in knows better.
    office.sign(&[1, 2, 3, 4, 5, 6, 7, 8, 9], "here").await;
    assert_eq!(office.state().await["quorum"]["by"], "window");
    office.sign(&[10], "here").await;
    let quorum = office.state().await["quorum"].clone();
    assert_eq!((&quorum["by"], &quorum["lines"][0]["present"]), (&json!("checkin"), &json!(10)));
    office.stop().await;
}

#[tokio::test]
async fn the_policy_is_the_offices_over_half_a_group_beside_it_or_none() {
    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), json!({ "share": [1, 2], "over": true })).await;
    office.window(6).await;
    let half = office.refused("/desk/contest/open", open(1)).await;
    assert!(half.contains("至少要 7 人（超过 1/2）"), "{half}");
    office.window(7).await;
    office.act("/desk/contest/open", open(1)).await;
    office.stop().await;

    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), json!({ "share": [1, 2], "groups": { "纪委常委": [1, 1] } })).await;
    office.window(12).await;
    let unknown = office.refused("/desk/contest/open", open(1)).await;
    assert!(unknown.contains("“纪委常委”") && unknown.contains("报到"), "{unknown}");
    office.sign(&[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], "here").await;
    let missing = office.refused("/desk/contest/open", open(1)).await;
    assert!(missing.contains("“纪委常委”在场 1 人，应到 2 人，至少要 2 人"), "{missing}");
    assert!(missing.contains("给在场的人报到") && !missing.contains("再开一次登记"), "{missing}");
    let groups = office.list().await["totals"]["groups"].clone();
    assert_eq!(groups[0], json!({ "group": "纪委常委", "expected": 2, "came": 1, "here": 1 }));
    office.sign(&[2], "here").await;
    office.act("/desk/contest/open", open(1)).await;
    office.stop().await;

    let data = tempfile::tempdir().unwrap();
    let office = frozen(data.path(), Value::Null).await;
    office.window(0).await;
    assert_eq!(office.state().await["quorum"], Value::Null);
    office.act("/desk/contest/open", open(1)).await;
    office.stop().await;
}

#[tokio::test]
async fn the_policy_is_checked_when_it_is_set_and_fixed_by_freezing() {
    let data = tempfile::tempdir().unwrap();
    let office = start(data.path()).await.unwrap();
    prepared(&office, two_thirds()).await;
    for quorum in [json!({ "share": [0, 3] }), json!({ "share": [4, 3] }), json!({ "share": [3, 3], "over": true })] {
        office.refused("/desk/settings", json!({ "quorum": quorum })).await;
    }
    office.act("/desk/settings", json!({ "quorum": { "share": [2, 3], "groups": { "常务委员": [1, 2] } } })).await;
    let unknown = office.refused("/desk/freeze", json!({})).await;
    assert!(unknown.contains("“常务委员”") && unknown.contains("没有这个类别"), "{unknown}");
    office.act("/desk/settings", json!({ "quorum": { "share": [3, 4] } })).await;
    office.act("/desk/settings", json!({ "place": "二楼" })).await;
    assert_eq!(office.state().await["settings"]["quorum"]["share"], json!([3, 4]), "what is not given stays");
    office.act("/desk/freeze", json!({})).await;
    office.refused("/desk/settings", json!({ "quorum": null })).await;
    office.stop().await;
}
