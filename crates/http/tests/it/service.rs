//! Health and metrics.

use crate::face::on_both;

on_both! {
    async fn a_program_that_works_says_so(face) {
        assert_eq!(face.ask("GET", "/health/live").expect(200).await["status"], "live");
        let ready = face.ask("GET", "/health/ready").expect(200).await;
        assert_eq!((&ready["status"], &ready["store"]), (&"ready".into(), &true.into()));
        assert_eq!(face.ask("GET", "/metrics").refusal().await.0, 404, "nobody collects them here");
    }

    async fn a_program_without_its_database_says_so(face) {
        face.app.store.clone().close().await;
        assert_eq!(face.ask("GET", "/health/live").answer().await.status, 200);
        let answer = face.ask("GET", "/health/ready").answer().await;
        assert_eq!(answer.status, 503);
        let (status, code) = face.api("GET", "/tenant").refusal().await;
        assert_eq!((status, code.as_str()), (503, "busy"));
    }
}
