//! 来源与作者: what the administrator of a site keeps is what its editors, and no other site's, choose from.

use testkit::{Backend, House};

use crate::channels::seal;

#[tokio::test(flavor = "multi_thread")]
async fn names_kept_by_the_administrator_are_offered_to_the_editors_of_that_site_alone() {
    for backend in Backend::BOTH {
        let Some(house) = House::open(backend).await else { continue };
        let (first, second) = (house.desk("wangxi", "admin").await, house.desk("platform", "admin").await);
        let address = "/console/wangxi/dictionary";
        let before = seal(&first.browser.screen(address).await.text());
        let form = [("sources", "锦川日报\r\n 新华社 \r\n锦川日报\r\n"), ("authors", "王小<溪>"), ("seen", before.as_str())];
        let saved = first.browser.submit(address, &form).await;
        assert_eq!(saved.location(), "/console/wangxi/dictionary?done=dictionary-saved", "{backend:?}: {}", saved.text());

        let editor = house.desk("wangxi", "editor").await;
        let form = editor.browser.screen("/console/wangxi/resources/new").await.text();
        assert!(form.contains("<option value=\"锦川日报\"><option value=\"新华社\"></datalist>"), "{backend:?}: {form}");
        assert!(form.contains("<option value=\"王小&lt;溪&gt;\"></datalist>"), "{backend:?}");
        let other = house.desk("qingyu", "editor").await.browser.screen("/console/qingyu/resources/new").await.text();
        assert!(!other.contains("锦川日报"), "{backend:?}");
        assert_eq!(editor.browser.screen(address).await.status, 403);

        // Who saves second sees what the first wrote, and loses nothing typed.
        let late = [("sources", "望溪发布"), ("authors", ""), ("seen", before.as_str())];
        let told = second.browser.submit(address, &late).await;
        let text = told.text();
        assert!(
            told.status == 409 && text.contains("现有来源：锦川日报、新华社") && text.contains("望溪发布"),
            "{backend:?}: {text}"
        );
        let knowing = [("sources", "望溪发布"), ("authors", ""), ("seen", &seal(&text))];
        assert_eq!(second.browser.submit(address, &knowing).await.status, 303, "{backend:?}");
        let form = editor.browser.screen("/console/wangxi/resources/new").await.text();
        assert!(form.contains("望溪发布") && !form.contains("author-among"), "{backend:?}");

        let now = seal(&second.browser.screen(address).await.text());
        let long = "源".repeat(61);
        let refused = second.browser.submit(address, &[("sources", &long), ("authors", ""), ("seen", &now)]).await;
        assert!(refused.status == 422 && refused.text().contains("超过60字") && refused.text().contains(&long), "{backend:?}");
        house.close().await;
    }
}
